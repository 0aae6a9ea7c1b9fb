using System.Text.Json;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Tests.Commands;

public sealed class EvaluateCommandTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("evaluate", "--device", "cpu")]
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

        MnistGpuRun.Succeed("evaluate", "--device", "cpu", "--model", Model(), "--data", data.Path, "--metrics", metrics);

        JsonElement dataset = JsonDocument.Parse(File.ReadAllText(metrics)).RootElement.GetProperty("dataset");
        Assert.Equal(SmallDataset.Test, dataset.GetProperty("test").GetInt32());
        Assert.Equal(JsonValueKind.Null, dataset.GetProperty("train").ValueKind);
    }

    [Fact]
    public void MetricsHoldTheTableThatIsPrinted()
    {
        string output = Evaluate("--metrics", Metrics).Output;

        JsonElement metrics = JsonDocument.Parse(File.ReadAllText(Metrics)).RootElement;
        string[] rows = output.Split(Environment.NewLine)[3..13];
        foreach ((string row, JsonElement digit) in rows.Zip(metrics.GetProperty("digits").EnumerateArray()))
        {
            string[] cells = [.. row.Trim('│').Split('│').Select(cell => cell.Trim())];
            JsonElement worst = digit.GetProperty("mostOftenTakenFor");
            int times = digit.GetProperty("times").GetInt32();
            Assert.Equal((string[])[
                $"{digit.GetProperty("digit")}", $"{digit.GetProperty("images")}", $"{digit.GetProperty("right")}",
                $"{digit.GetProperty("accuracy").GetDouble():P2}",
                times == 0 ? "" : $"{worst} ({times} time{(times == 1 ? "" : "s")})"], cells);
        }
        Assert.Equal(SmallDataset.Test, metrics.GetProperty("digits").EnumerateArray().Sum(d => d.GetProperty("images").GetInt32()));
    }

    [Fact]
    public void ConfusionAndMistakesAreThoseOfTheReference()
    {
        string output = Evaluate("--metrics", Metrics, "--confusion").Output;

        using var engine = new ReferenceEngine();
        engine.SetParameters(ModelFile.Load(Model()));
        ImageSet test = MnistFolder.Load(data.Path).Test;
        float[] outputs = engine.Predict(test.Pixels);
        int[,] confusion = Evaluation.Of(outputs, test.Labels).Confusion;
        JsonElement metrics = JsonDocument.Parse(File.ReadAllText(Metrics)).RootElement;
        int[][] written = metrics.GetProperty("confusion").Deserialize<int[][]>()!;
        Assert.Equal(confusion.Cast<int>(), written.SelectMany(row => row));

        string[] lines = output.Split(Environment.NewLine);
        int header = Array.FindIndex(lines, line => line.Trim() == "taken for") + 1;
        Assert.Equal("0123456789", lines[header].Replace(" ", ""));
        for (int digit = 0; digit < 10; digit++)
            Assert.Equal(
                (string[])[$"{digit}", .. written[digit].Select(count => count == 0 ? "·" : $"{count}")],
                lines[header + 1 + digit].Split(' ', StringSplitOptions.RemoveEmptyEntries));

        JsonElement[] mistakes = [.. metrics.GetProperty("mistakes").EnumerateArray()];
        Assert.Equal(Math.Min(100, SmallDataset.Test - Enumerable.Range(0, 10).Sum(k => confusion[k, k])), mistakes.Length);
        double before = 1;
        foreach (JsonElement mistake in mistakes)
        {
            int index = mistake.GetProperty("index").GetInt32(), said = mistake.GetProperty("said").GetInt32();
            double share = mistake.GetProperty("share").GetDouble();
            float[] ten = outputs[(10 * index)..(10 * index + 10)];
            Assert.Equal(Evaluation.Digit(ten), said);
            Assert.Equal(test.Labels[index], mistake.GetProperty("label").GetInt32());
            Assert.NotEqual(said, mistake.GetProperty("label").GetInt32());
            Assert.Equal(ten[said] / ten.Sum(), share, 1e-6);
            Assert.InRange(share, 0, before);
            before = share;
        }
    }

    /// <summary>All but the last line, which has the folder's name and the time.</summary>
    private static string[] Results(MnistGpuRun run) => run.Output.TrimEnd().Split(Environment.NewLine)[..^1];

    private string Metrics => Path.Combine(_folder.Path, "metrics.json");

    private MnistGpuRun Evaluate(params string[] options) =>
        MnistGpuRun.Succeed(["evaluate", "--model", Model(), "--data", data.Path, "--device", "reference", .. options]);

    private string Model()
    {
        string file = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(file, GlorotInitializer.Draw(hidden: 5, seed: 1));
        return file;
    }
}
