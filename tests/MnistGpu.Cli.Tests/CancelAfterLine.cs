namespace MnistGpu.Cli.Tests;

/// <summary>An output that interrupts the program once a line is written that begins so.</summary>
internal sealed class CancelAfterLine(CancellationTokenSource source, string beginning) : StringWriter
{
    public override void WriteLine(string? value)
    {
        if (value!.StartsWith(beginning))
            source.Cancel();
    }
}
