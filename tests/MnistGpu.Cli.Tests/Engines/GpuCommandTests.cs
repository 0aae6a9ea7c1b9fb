using System.Text.Json;
using MnistGpu.Cli.Data;
using MnistGpu.Core.Data;

namespace MnistGpu.Cli.Tests.Engines;

/// <summary>The commands on devices that not every machine has.</summary>
public class GpuCommandTests(SmallDataset data) : IClassFixture<SmallDataset>
{
    [SkippableTheory]
    [InlineData("cuda")]
    [InlineData("opencl")]
    public async Task VerifyFindsEveryComparisonWithinItsBoundsAndAnEmulatorNoRace(string device)
    {
        GpuDevice.Require(device);
        using var checks = new EmulatorChecks();

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(checks.Variables, "verify", "--device", device, "--verbose");

        Assert.True(run.ExitCode == 0, run.Error);
        if (device == "cuda" && GpuDevice.HasCudaEmulator)
            checks.AssertClean();
        Assert.StartsWith($"{device}:0 (", run.Output.TrimEnd().Split('\n')[^1]);
        Assert.Contains("HiddenLayer, tuned", run.Output);
        Assert.Contains("50 steps, W1", run.Output);
        Assert.DoesNotContain("WRONG", run.Output);
    }

    [SkippableTheory]
    [InlineData("cuda")]
    [InlineData("opencl")]
    public void ATrainingReachesTheReferencesAccuracy(string device)
    {
        GpuDevice.Require(device);

        // A tenth of a point is ten images of the test set: what another order of summation does to it.
        Assert.Equal(TestAccuracy("reference"), TestAccuracy(device), 0.001);
    }

    /// <summary>32 hidden units are eight groups. However many groups run at a time, the bits are the same.</summary>
    [SkippableFact]
    public async Task AnEpochIsOneLaunchWhereverEachGroupHasAMultiprocessor()
    {
        GpuDevice.RequireCudaEmulator();
        using var folder = new TemporaryFolder();
        var models = new Dictionary<string, byte[]>();
        foreach (string multiprocessors in (string[])["1", "7", "8", "132"])
        {
            string model = Path.Combine(folder.Path, $"{multiprocessors}.npz");
            MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
                [("CUDA_EMULATOR_MULTIPROCESSORS", multiprocessors)], "train", "--device", "cuda", "--data", data.Path,
                "--hidden", "32", "--epochs", "2", "--verbose", "--quiet", "--output", model);
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Contains(
                multiprocessors is "1" or "7" ? "a step is three launches: " : "an epoch is one launch", run.Error);
            models[multiprocessors] = File.ReadAllBytes(model);
        }

        Assert.Equal(models["1"], models["7"]);
        Assert.Equal(models["8"], models["132"]);
    }

    /// <summary>Tensor cores that multiply bfloat16 came with compute capability 8.0.</summary>
    [SkippableTheory]
    [InlineData("75", 256, 100, "tensor cores are not used: compute capability 7.5 is not")]
    [InlineData("75", 64, 100, "an epoch is one launch; tensor cores are not used: compute capability 7.5 is not")]
    [InlineData("80", 64, 100, "an epoch is one launch, with the update on tensor cores")]
    [InlineData("80", 256, 784, "the hidden layer and the update are on tensor cores, for 256 images × 784 units")]
    public async Task ATrainingIsOnTensorCoresWhereThatIsFaster(
        string capability, int batchSize, int hidden, string explanation)
    {
        GpuDevice.RequireCudaEmulator();

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [("CUDA_EMULATOR_SM", capability)], "train", "--device", "cuda", "--data", data.Path,
            "--batch-size", $"{batchSize}", "--hidden", $"{hidden}", "--limit", "256", "--epochs", "1", "--verbose", "--quiet");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(explanation, run.Error);
    }

    private static double TestAccuracy(string device)
    {
        using var folder = new TemporaryFolder();
        string metrics = Path.Combine(folder.Path, "metrics.json");
        string data = Mnist.Find() ?? DatasetSource.Generated;
        MnistGpuRun.Succeed("train", "--device", device, "--data", data, "--metrics", metrics, "--quiet",
            // As many as an emulated device trains on in seconds.
            "--limit", "3200", "--epochs", "1");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(metrics));
        return json.RootElement.GetProperty("testAccuracy").GetDouble();
    }
}
