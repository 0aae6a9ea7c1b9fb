using Spectre.Console;

namespace MnistGpu.Cli;

/// <summary>Where a command writes, and what tells it to stop.</summary>
/// <param name="Output">Results, in plain lines that can be redirected.</param>
/// <param name="Error">Errors and warnings, one line each.</param>
/// <param name="Cancellation">Set by Ctrl-C.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error, CancellationToken Cancellation)
{
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

    /// <summary>Where an error came from, in many lines.</summary>
    public void WriteErrorDetails(Exception exception) => WriteToError(exception.ToString());

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
