namespace MnistGpu.Cli.Tests;

/// <summary>An output that interrupts the training once its second epoch is told of.</summary>
internal sealed class CancelAfterSecondEpoch(CancellationTokenSource source) : StringWriter
{
    public override void WriteLine(string? value)
    {
        if (value!.StartsWith("epoch 2/"))
            source.Cancel();
    }
}
