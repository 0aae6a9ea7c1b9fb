using System.Diagnostics;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class BusyMachineTests
{
    [SkippableFact]
    public void AProgramThatKeepsEveryProcessorBusyTwiceLeavesAThirdOfThem()
    {
        Skip.If(OperatingSystem.IsWindows(), "The shell is another one.");
        Process[] busy = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => Process.Start("sh", ["-c", "while :; do :; done"]))];
        try
        {
            using var error = new StringWriter();

            // For a moment a program that has just started gets more.
            Assert.InRange(Enumerable.Range(0, 5).Min(_ => BusyMachine.Share()), 0.01, 0.7);
            BusyMachine.Warn(new Terminal(TextWriter.Null, error, new(CancellationToken.None)));

            Assert.Matches(@"^mnistgpu: warning: the machine is busy with other programs, and this one gets \d+ % of its processors; ", error.ToString());
        }
        finally
        {
            foreach (Process process in busy)
            {
                process.Kill();
                process.Dispose();
            }
        }
    }

    [Theory]
    [InlineData(0.012, "1.2 %")]
    [InlineData(0.4, "40 %")]
    [InlineData(278.89, ">99 %")]
    public void ASpreadLargerThanWhatItIsOfSaysNoMore(double spread, string text) => Assert.Equal(text, Format.Spread(spread));

    [Fact]
    public void WhereTimesVaryMostTheTableStillFitsInto80Columns()
    {
        DeviceMeasurement measurement = FakeMeasurements.Of("reference", seconds: 0.001);
        foreach (double seconds in (double[])[1e-5, 1, 100, 100])
            measurement.AddEpoch(seconds, counters: null);
        var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, new(CancellationToken.None));

        // A fast device's images per second take as much room as they can.
        terminal.Write(BenchmarkTables.Speed([measurement, FakeMeasurements.Of("cpu", seconds: 0.0007)]));

        Assert.Contains("│ reference │", output.ToString());
        Assert.Contains(" >99 % │", output.ToString());
    }
}
