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

            Assert.Matches(@"^mnistgpu: warning: the machine is busy with something else, and this program gets \d+ % of its processors; ", error.ToString());
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
    [InlineData(278.89, "over 100 %")]
    public void ASpreadLargerThanWhatItIsOfSaysNoMore(double spread, string text) => Assert.Equal(text, Figures.Spread(spread));
}
