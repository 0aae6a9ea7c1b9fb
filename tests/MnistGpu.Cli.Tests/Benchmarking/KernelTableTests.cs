using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using MnistGpu.Gpu.Measurement;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class KernelTableTests
{
    [Fact]
    public void TheLadderShowsTheErrorOfEachProductAndFitsInto80Columns()
    {
        var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, new(CancellationToken.None));

        terminal.Write(KernelTable.OfLadder("1024×1024×1024",
        [
            Product("Ladder.RegisterTiles", seconds: 4.42e-3, error: 2.634),
            Product("Ladder.TensorCores", seconds: 1e-5, error: 0.42),
            Product("cuBLAS, TF32", seconds: 8e-6, error: 1392),
        ]));

        string[] lines = output.ToString().TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
        Assert.EndsWith("│ error │", lines[2]);
        Assert.Equal(["2.63", "0.420", "1,392"], lines[4..7].Select(line => line.Split('│')[^2].Trim()));
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 80));
    }

    private static KernelResult Product(string kernel, double seconds, double error) => new(
        new KernelTiming(kernel, "", "1024×1024×1024", Operations: 2.1e9, Bytes: 1.3e7, [seconds]) { LargestError = error },
        new DeviceLimits(LaunchSeconds: 3e-6, BytesPerSecond: 4e12, OperationsPerSecond: 4e13))
    {
        ShareOfCuBlas = 0.5,
    };
}
