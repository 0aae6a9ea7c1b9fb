namespace MnistGpu.Cli.Tests;

/// <summary>An output that acts, on the program's thread, when a line is written that begins so.</summary>
internal sealed class OutputWithAction(string beginning, Action action) : StringWriter
{
    public override void WriteLine(string? value)
    {
        if (value!.StartsWith(beginning))
            action();
    }
}
