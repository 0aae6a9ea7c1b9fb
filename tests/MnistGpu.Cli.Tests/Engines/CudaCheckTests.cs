
namespace MnistGpu.Cli.Tests.Engines;

/// <summary>The CUDA emulator's checks find nothing in a training; those of single kernels are in GpuCommandTests.</summary>
public class CudaCheckTests(SmallDataset data) : IClassFixture<SmallDataset>
{
    /// <summary>The last step of an epoch has fewer images than the others; the units are no multiple of a tile.</summary>
    [SkippableFact]
    public async Task ATrainingIsClean()
    {
        GpuDevice.RequireCudaEmulator();
        using var checks = new EmulatorChecks();

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            checks.Variables,
            "train", "--device", "cuda", "--data", data.Path, "--hidden", "33", "--limit", "200", "--epochs", "2", "--augment");

        Assert.True(run.ExitCode == 0, run.Error);
        checks.AssertClean();
    }

    /// <summary>On one multiprocessor they take three launches a step, on 132 all are there at once.</summary>
    [SkippableTheory]
    [InlineData("1")]
    [InlineData("132")]
    public async Task TrainingsSideBySideAreClean(string multiprocessors)
    {
        GpuDevice.RequireCudaEmulator();
        using var checks = new EmulatorChecks();

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [.. checks.Variables, ("CUDA_EMULATOR_MULTIPROCESSORS", multiprocessors)],
            "sweep", "--device", "cuda", "--data", data.Path, "--hidden", "5,7", "--seeds", "1-2", "--limit", "20", "--batch-size", "16", "--epochs", "1");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("4 trainings in", run.Output);
        Assert.Equal(multiprocessors == "132", run.Output.Contains("; 4 trainings at a time"));
        checks.AssertClean();
    }
}
