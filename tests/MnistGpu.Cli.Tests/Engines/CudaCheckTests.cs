
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
}
