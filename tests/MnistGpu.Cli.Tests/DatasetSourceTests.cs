using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Cli.Tests;

/// <summary>What takes MNIST's place where there is no network; a machine that has MNIST cannot tell.</summary>
public sealed class DatasetSourceTests : IDisposable
{
    private readonly StringWriter _error = new();
    private readonly CancellationTokenSource _interrupt = new();

    private Terminal Terminal => new(TextWriter.Null, _error, _interrupt.Token);

    public void Dispose() => _interrupt.Dispose();

    [SkippableFact]
    public void WithoutANetworkTheDrawnDigitsTakeMnistsPlaceWhichIsSaid()
    {
        Skip.If(MnistFolder.Find() is not null, "MNIST is here.");

        Assert.Equal(GeneratedDigits.Name, DatasetSource.Load(data: null, Terminal, NoNetwork).Name);
        string[] lines = _error.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal("mnistgpu: warning: no network", lines[0]);
        Assert.StartsWith("mnistgpu: warning: these are digits that the program draws, not MNIST", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    [SkippableFact]
    public void WhoAsksForMnistGetsNothingElse()
    {
        Skip.If(MnistFolder.Find() is not null, "MNIST is here.");

        Assert.Throws<HttpRequestException>(() => DatasetSource.Load("mnist", Terminal, NoNetwork));
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void DrawingStopsAtAnInterrupt()
    {
        _interrupt.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => DatasetSource.Load(DatasetSource.Generated, Terminal));
    }

    private static void NoNetwork(string folder, Terminal terminal) => throw new HttpRequestException("no network");
}
