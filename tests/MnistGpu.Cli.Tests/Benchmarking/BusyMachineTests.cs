using System.Diagnostics;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;
using Spectre.Console;

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
    [InlineData(278.89, ">100 %")]
    public void ASpreadLargerThanWhatItIsOfSaysNoMore(double spread, string text) => Assert.Equal(text, Format.Spread(spread));

    [Fact]
    public void WhereTimesVaryMostTheTableStillFitsInto80Columns()
    {
        DeviceMeasurement measurement = FakeMeasurements.Of("reference", seconds: 0.001);
        foreach (double seconds in (double[])[1e-5, 1, 100, 100])
            measurement.AddEpoch(seconds, counters: null);
        var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 80;

        console.Write(BenchmarkTables.Speed([measurement]));

        Assert.Contains(" reference ", output.ToString());
        Assert.Contains(" >100 % ", output.ToString());
    }
}
