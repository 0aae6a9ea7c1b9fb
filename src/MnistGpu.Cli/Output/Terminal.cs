using MnistGpu.Core.Files;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MnistGpu.Cli.Output;

/// <summary>Where a command writes, and what tells it to stop.</summary>
/// <param name="Output">Results, in plain lines that can be redirected.</param>
/// <param name="Error">Errors and warnings, one line each.</param>
/// <param name="Interruption">Set by Ctrl-C, which ends the process at once until this is first used.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error, Lazy<CancellationToken> Interruption)
{
    /// <summary>Set by Ctrl-C. A command that uses this must check it soon and often.</summary>
    public CancellationToken Cancellation => Interruption.Value;

    /// <summary>
    /// Checks in advance whether files can be written, so that no long work is wasted. From then on Ctrl-C only asks the
    /// command to stop: ending the process at once, it could leave a temporary file.
    /// </summary>
    /// <param name="files">Those that are null are none.</param>
    /// <exception cref="IOException">One of them cannot be written; the message says why.</exception>
    public void EnsureWritable(params IEnumerable<string?> files)
    {
        foreach (string file in files.OfType<string>().Where(file => !AtomicFile.IsDevice(file)))
        {
            _ = Cancellation;
            AtomicFile.EnsureWritable(file);
        }
    }

    /// <summary>Whether to show more detail, and where errors come from: <c>--verbose</c>.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>True if a person is watching: tables may have colour and progress may move.</summary>
    public bool IsInteractive => ReferenceEquals(Output, System.Console.Out) && !System.Console.IsOutputRedirected;

    /// <summary>The output for tables and live progress.</summary>
    public IAnsiConsole Console => _console ??= AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Output),
        Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
        Interactive = IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
    });

    private IAnsiConsole? _console;

    /// <summary>
    /// A table, whose right-aligned columns are figures and are never wrapped. If the terminal is too narrow for it, each row
    /// takes as few lines as it needs, with every figure after its column's name.
    /// </summary>
    public void Write(Table table)
    {
        var options = RenderOptions.Create(Console, Console.Profile.Capabilities);
        int width = Console.Profile.Width;
        const int paddingAndBorder = 3;
        if (1 + table.Columns.Select((column, i) => LeastWidth(column, i) + paddingAndBorder).Sum() <= width)
        {
            foreach (TableColumn column in table.Columns)
                column.NoWrap = column.Alignment == Justify.Right;
            Console.Write(table);
            return;
        }
        if (table.Title is TableTitle title)
            Output.WriteLine(Markup.Remove(title.Text));
        foreach (TableRow row in table.Rows)
        {
            string line = "";
            for (int i = 0; i < table.Columns.Count; i++)
            {
                string figure = Text(row[i]) is "" ? "" : $"{Text(table.Columns[i].Header)} {Text(row[i])}".Trim();
                if (line != "" && line.Length + 2 + figure.Length > width)
                {
                    Output.WriteLine(line);
                    line = "";
                    figure = $"  {figure}";
                }
                line += line == "" || figure == "" ? figure : $"  {figure}";
            }
            Output.WriteLine(line);
        }

        int LeastWidth(TableColumn column, int i) => table.Rows.Select(row => row[i]).Append(column.Header)
            .Select(cell => cell.Measure(options, int.MaxValue))
            .Max(cell => column.Alignment == Justify.Right ? cell.Max : cell.Min);

        string Text(IRenderable cell) => string.Concat(cell.Render(options, int.MaxValue).Select(part => part.Text)).Trim();
    }

    /// <summary>A line of results, which may contain a file's name.</summary>
    public void WriteLine(string line) => Output.WriteLine(OneLine(line));

    /// <summary>One line on the error output, under the program's name.</summary>
    public void WriteError(string message) => WriteToError($"mnistgpu: {OneLine(message)}");

    /// <summary>A text that may contain a file's name, as one line without control characters.</summary>
    public static string OneLine(string text) =>
        string.Concat(text.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>
    /// One line on the error output, under the program's name; with <see cref="IsVerbose"/> the stack trace too.
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
            // There is nowhere else to say it; the exit code still tells.
        }
    }
}
