using System.Diagnostics;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Cli.Tests.Data;

/// <summary>What takes MNIST's place where there is no network; a machine that has MNIST cannot tell.</summary>
public sealed class DatasetSourceTests : IDisposable
{
    private readonly StringWriter _error = new();
    private readonly CancellationTokenSource _interrupt = new();

    private Terminal Terminal => new(TextWriter.Null, _error, new(_interrupt.Token));

    public void Dispose() => _interrupt.Dispose();

    [SkippableFact]
    public void WithoutANetworkTheDrawnDigitsTakeMnistsPlaceWhichIsSaid()
    {
        Skip.If(Mnist.Find() is not null, "MNIST is here.");

        Assert.Equal(GeneratedDigits.Name, DatasetSource.Load(data: null, Terminal, NoNetwork).Name);
        string[] lines = _error.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal("mnistgpu: warning: no network", lines[0]);
        Assert.StartsWith("mnistgpu: warning: using digits drawn by the program, not MNIST", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    [SkippableFact]
    public void WhoAsksForMnistGetsNothingElse()
    {
        Skip.If(Mnist.Find() is not null, "MNIST is here.");

        Assert.Throws<HttpRequestException>(() => DatasetSource.Load("mnist", Terminal, NoNetwork));
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void DrawingStopsAtAnInterrupt()
    {
        _interrupt.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => DatasetSource.Load(DatasetSource.Generated, Terminal));
    }

    /// <summary>In a process of its own, since the working directory counts.</summary>
    [Theory]
    [InlineData("generated")]
    [InlineData("mnist")]
    public void AFolderThatIsCalledLikeAKeywordIsNotPassedOver(string keyword)
    {
        using var folder = new TemporaryFolder();
        const string Script = """
            cd "$1" && dotnet "$2" data generate --output "$3" --train 20 --test 10 && dotnet "$2" data info --data "$3"
            """;
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", folder.Path, typeof(Program).Assembly.Location, keyword])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;

        Assert.Contains($"Next: mnistgpu train --data ./{keyword}", process.StandardOutput.ReadToEnd());
        Assert.Equal($"mnistgpu: --data {keyword} may mean the folder of that name, which holds a data set: "
            + $"write --data ./{keyword} for the folder, or rename it", process.StandardError.ReadToEnd().Trim());
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
    }

    private static void NoNetwork(string folder, Terminal terminal) => throw new HttpRequestException("no network");
}
