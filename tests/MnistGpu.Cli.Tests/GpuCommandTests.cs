using System.Text.Json;
using MnistGpu.Core.Data;
using MnistGpu.Gpu.Tests;

namespace MnistGpu.Cli.Tests;

/// <summary>The commands on devices that not every machine has.</summary>
public class GpuCommandTests
{
    [SkippableTheory]
    [InlineData("cuda")]
    [InlineData("opencl")]
    public void VerifyFindsEveryComparisonWithinItsBounds(string device)
    {
        GpuDevice.Require(device);

        MnistGpuRun run = MnistGpuRun.Succeed("verify", "--device", device);

        Assert.StartsWith($"{device}:0 (", run.Output.TrimEnd().Split('\n')[^1]);
        Assert.Contains("HiddenLayer, tuned", run.Output);
        Assert.Contains("50 steps, W1", run.Output);
        Assert.DoesNotContain("WRONG", run.Output);
    }

    [SkippableTheory]
    [InlineData("cuda")]
    [InlineData("opencl")]
    public void TheDefaultTrainingReachesTheReferencesAccuracy(string device)
    {
        GpuDevice.Require(device);

        // A tenth of a point is ten images of the test set: what another order of summation does to it.
        Assert.Equal(TestAccuracy("reference"), TestAccuracy(device), 0.001);
    }

    private static double TestAccuracy(string device)
    {
        using var folder = new TemporaryFolder();
        string metrics = Path.Combine(folder.Path, "metrics.json");
        string data = MnistFolder.Find() ?? DatasetSource.Generated;
        MnistGpuRun.Succeed("train", "--device", device, "--data", data, "--metrics", metrics, "--quiet");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(metrics));
        return json.RootElement.GetProperty("testAccuracy").GetDouble();
    }
}
