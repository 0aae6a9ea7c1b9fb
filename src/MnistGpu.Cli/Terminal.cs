using Spectre.Console;

namespace MnistGpu.Cli;

/// <summary>Where a command writes, and what tells it to stop.</summary>
/// <param name="Output">Results, in plain lines that can be redirected.</param>
/// <param name="Error">Errors and warnings, one line each.</param>
/// <param name="Cancellation">Set by Ctrl-C.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error, CancellationToken Cancellation)
{
    /// <summary>Whether to show where errors come from: <c>--verbose</c>.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>True when a person watches: tables may have colour and progress may move.</summary>
    public bool IsInteractive => ReferenceEquals(Output, System.Console.Out) && !System.Console.IsOutputRedirected;

    /// <summary>The output for tables and live progress.</summary>
    public IAnsiConsole Console => _console ??= AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Output),
        Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
        Interactive = IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
    });

    private IAnsiConsole? _console;

    /// <summary>One line on the error output, under the program's name.</summary>
    public void WriteError(string message) => WriteToError($"mnistgpu: {message.ReplaceLineEndings(" ")}");

    /// <summary>
    /// One line on the error output, under the program's name; with <see cref="IsVerbose"/> also where the error came
    /// from.
    /// </summary>
    public void WriteError(string message, Exception exception)
    {
        WriteError(message);
        if (IsVerbose)
            WriteToError(exception.ToString());
    }

    private void WriteToError(string text)
    {
        try
        {
            Error.WriteLine(text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is no other place to say it; the exit code still tells.
        }
    }
}
