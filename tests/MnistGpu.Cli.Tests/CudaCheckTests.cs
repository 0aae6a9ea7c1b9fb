using System.Text.RegularExpressions;
using MnistGpu.Gpu.Tests;

namespace MnistGpu.Cli.Tests;

/// <summary>
/// The CUDA emulator finds no access outside of a buffer, no read of what was never written, no data race and no
/// barrier that some of a group's threads miss.
/// </summary>
public class CudaCheckTests(SmallDataset data) : IClassFixture<SmallDataset>
{
    /// <summary>The last step of an epoch has fewer images than the others; the units are no multiple of a tile.</summary>
    [SkippableFact]
    public Task ATrainingIsClean() => AssertCleanAsync(
        "train", "--device", "cuda", "--data", data.Path, "--hidden", "33", "--limit", "200", "--epochs", "2", "--augment");

    [SkippableFact]
    public Task EveryKernelIsClean() => AssertCleanAsync("verify", "--device", "cuda");

    private static async Task AssertCleanAsync(params string[] arguments)
    {
        GpuDevice.RequireCudaEmulator();
        using var folder = new TemporaryFolder();
        string report = Path.Combine(folder.Path, "report.txt");

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [("CUDA_EMULATOR_CHECK", "1"), ("CUDA_EMULATOR_CHECK_FILE", report)], arguments);

        Assert.True(run.ExitCode == 0, run.Error);
        // One line for each time that a driver's context was left, and nothing else.
        Assert.All(File.ReadAllLines(report), line => Assert.Matches(@"checked \d+ launches: 0 problems$", line));
        Assert.Contains(File.ReadAllLines(report), line => Regex.IsMatch(line, @"checked [1-9]\d* launches"));
    }
}
