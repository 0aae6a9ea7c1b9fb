using System.Text.Json;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests;

public sealed class EvaluateCommandTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("evaluate")]
    [InlineData("predict", "--test-index", "0")]
    public void TheImagesToTrainOnNeedNotBeThere(params string[] command)
    {
        foreach (string file in Directory.GetFiles(data.Path, "t10k-*"))
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));

        MnistGpuRun testAlone = MnistGpuRun.Succeed([.. command, "--model", Model(), "--data", _folder.Path]);
        MnistGpuRun whole = MnistGpuRun.Succeed([.. command, "--model", Model(), "--data", data.Path]);

        Assert.Equal(Results(whole), Results(testAlone));
    }

    [Fact]
    public void MetricsHaveTheImagesThatItWasTestedWithAndNoneToTrainOn()
    {
        string metrics = Path.Combine(_folder.Path, "metrics.json");

        MnistGpuRun.Succeed("evaluate", "--model", Model(), "--data", data.Path, "--metrics", metrics);

        JsonElement dataset = JsonDocument.Parse(File.ReadAllText(metrics)).RootElement.GetProperty("dataset");
        Assert.Equal(SmallDataset.Test, dataset.GetProperty("test").GetInt32());
        Assert.Equal(JsonValueKind.Null, dataset.GetProperty("train").ValueKind);
    }

    /// <summary>All but the last line, which has the folder's name and the time.</summary>
    private static string[] Results(MnistGpuRun run) => run.Output.TrimEnd().Split(Environment.NewLine)[..^1];

    private string Model()
    {
        string file = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(file, GlorotInitializer.Draw(hidden: 5, seed: 1));
        return file;
    }
}
