using System.Text.Json;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Tests.Commands;

public class SweepCommandTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string File(string name) => Path.Combine(_folder.Path, name);

    private string[] Sweep(params string[] options) => ["sweep", "--device", "cpu", "--data", data.Path, .. options];

    [Fact]
    public void TheBestNetworkIsTheOneThatTrainSavesAndTheTableHasEverySettingBestFirst()
    {
        MnistGpuRun run = MnistGpuRun.Succeed(Sweep(
            "--seeds", "1-3", "--hidden", "6,12", "--momentum", "0,0.5", "--batch-size", "8", "--output-bias", "-1", "--output", File("best.npz"),
            "--json", File("sweep.json"), "--csv", File("runs.csv")));

        JsonElement sweep = Json("sweep.json"), best = sweep.GetProperty("best");
        JsonElement[] results = [.. sweep.GetProperty("results").EnumerateArray()];
        JsonElement setting = results[best.GetProperty("result").GetInt32()];
        JsonElement[] runs = [.. results.SelectMany(result => result.GetProperty("runs").EnumerateArray())];
        Assert.Equal(4, results.Length);
        Assert.Equal(12, runs.Length);
        Assert.Equal(13, System.IO.File.ReadAllLines(File("runs.csv")).Length);
        Assert.Equal(runs.Max(LastTenth), LastTenth(best));
        double[] means = [.. results.Select(result => result.GetProperty("lastTenthAccuracy").GetProperty("mean").GetDouble())];
        Assert.Equal(means.OrderDescending(), means);
        foreach (JsonElement result in results)
        {
            double[] accuracy = [.. result.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("testAccuracy").GetDouble())];
            JsonElement summary = result.GetProperty("testAccuracy");
            Assert.Equal(accuracy.Average(), summary.GetProperty("mean").GetDouble(), 1e-12);
            double variance = accuracy.Select(value => Math.Pow(value - accuracy.Average(), 2)).Sum() / 2;
            Assert.Equal(Math.Sqrt(variance), summary.GetProperty("deviation").GetDouble(), 1e-12);
            Assert.Equal((accuracy.Min(), accuracy.Max()), (summary.GetProperty("least").GetDouble(), summary.GetProperty("most").GetDouble()));
        }
        Assert.Contains("540 images to train on, 60 after them to choose by, 100 to test with", run.Output);
        Assert.Contains("4 settings × 3 seeds: 12 trainings", run.Output);
        Assert.All(run.Output.Split('\n').Where(line => line.StartsWith('│')), line => Assert.InRange(line.Length, 1, 80));
        Assert.Equal(5, run.Output.Split('\n').Count(line => line.StartsWith('│')));

        MnistGpuRun.Succeed(
            "train", "--device", "cpu", "--data", data.Path, "--limit", "540", "--seed", $"{best.GetProperty("seed")}",
            "--hidden", $"{setting.GetProperty("hidden")}", "--momentum", $"{setting.GetProperty("momentum")}", "--batch-size", "8",
            "--output-bias", "-1", "--output", File("alone.npz"), "--metrics", File("alone.json"));
        Assert.Equal(System.IO.File.ReadAllBytes(File("alone.npz")), System.IO.File.ReadAllBytes(File("best.npz")));
        Assert.Equal(Json("alone.json").GetProperty("testAccuracy").GetDouble(), best.GetProperty("testAccuracy").GetDouble());

        static double LastTenth(JsonElement run) => run.GetProperty("lastTenthAccuracy").GetDouble();
    }

    [Fact]
    public void WithOneSettingNothingIsChosenSoAllImagesAreTrainedOnAndTheEnsembleIsTheMeanOfTheSeeds()
    {
        MnistGpuRun run = MnistGpuRun.Succeed(Sweep(
            "--seeds", "4-6", "--hidden", "9", "--ensemble", File("outputs.csv"), "--json", File("sweep.json"), "--quiet"));

        string[][] rows = [.. System.IO.File.ReadAllLines(File("outputs.csv"))[1..].Select(line => line.Split(','))];
        double[] sums = new double[1000];
        for (int seed = 4; seed <= 6; seed++)
        {
            MnistGpuRun.Succeed("train", "--device", "cpu", "--data", data.Path, "--seed", $"{seed}", "--hidden", "9", "--quiet", "--output", File($"{seed}.npz"));
            using var engine = new Core.Simd.SimdEngine(1);
            engine.SetParameters(Core.Network.ModelFile.Load(File($"{seed}.npz")));
            float[] outputs = engine.Predict(Core.Data.MnistFolder.Load(data.Path).Test.Pixels);
            for (int i = 0; i < sums.Length; i++)
                sums[i] += outputs[i];
        }
        Assert.Equal(sums.Select(sum => (float)(sum / 3)), rows.SelectMany(row => row[2..]).Select(float.Parse));
        double accuracy = rows.Count(row => row[0] == row[1]) / 100.0;
        Assert.Equal(accuracy, Json("sweep.json").GetProperty("ensemble").GetProperty("testAccuracy").GetDouble());
        Assert.Contains($"The mean of 3 networks' outputs classifies {accuracy:P2} of the test images", run.Output);
        Assert.Equal(600, Json("sweep.json").GetProperty("dataset").GetProperty("train").GetInt32());
    }

    /// <summary>What is finished is in the file, whenever the program is killed; what is asked for of it is made again.</summary>
    [Fact]
    public void WhatIsKilledGoesOnWhereItWas()
    {
        string[] options = ["--seeds", "1-6", "--hidden", "5,7,9", "--epochs", "40", "--batch-size", "2"];
        // A kill leaves the file as it is at this moment.
        using var output = new OutputWithAction("4/18", () => System.IO.File.Copy(File("whole.csv"), File("runs.csv")));
        Assert.Equal(0, Program.Run(
            Sweep([.. options, "--csv", File("whole.csv"), "--output", File("whole.npz"), "--ensemble", File("e1.csv")]),
            new Terminal(output, TextWriter.Null, new(CancellationToken.None))));
        Assert.Equal(1 + 4, System.IO.File.ReadAllLines(File("runs.csv")).Length);
        // Cut off in the middle of a row.
        System.IO.File.AppendAllText(File("runs.csv"), "c820ca19,540,cpu,,one-c");

        MnistGpuRun run = MnistGpuRun.Succeed(Sweep([.. options, "--resume", File("runs.csv"), "--output", File("best.npz"), "--ensemble", File("e2.csv")]));

        Assert.Contains($"18 trainings, of which 4 are in {File("runs.csv")} already", run.Output);
        Assert.Contains("\n1/14  ", run.Output);
        Assert.Equal(WithoutSeconds("whole.csv"), WithoutSeconds("runs.csv"));
        Assert.Equal(System.IO.File.ReadAllBytes(File("whole.npz")), System.IO.File.ReadAllBytes(File("best.npz")));
        Assert.Equal(System.IO.File.ReadAllText(File("e1.csv")), System.IO.File.ReadAllText(File("e2.csv")));

        IEnumerable<string> WithoutSeconds(string name) =>
            System.IO.File.ReadAllLines(File(name)).Select(line => line[..line.LastIndexOf(',')]).Order();
    }

    [Fact]
    public void AnInterruptKeepsWhatIsFinishedAndSaysHowToGoOn()
    {
        using var source = new CancellationTokenSource();
        using var output = new OutputWithAction("3/", source.Cancel);
        using var error = new StringWriter();

        Assert.Equal(130, Program.Run(
            Sweep("--seeds", "1-5", "--hidden", "5,6,7", "--batch-size", "1", "--threads", "1", "--csv", File("runs.csv"), "--output", File("best.npz"),
                "--json", File("sweep.json"), "--report", File("sweep.html")),
            new Terminal(output, error, new(source.Token))));

        Assert.Equal(4, System.IO.File.ReadAllLines(File("runs.csv")).Length);
        Assert.False(Json("sweep.json").GetProperty("complete").GetBoolean());
        Assert.Equal(3, Json("sweep.json").GetProperty("results").EnumerateArray().Sum(result => result.GetProperty("runs").GetArrayLength()));
        Assert.True(Core.Network.ModelFile.Load(File("best.npz")).IsFinite);
        Assert.True(System.IO.File.Exists(File("sweep.html")));
        Assert.Equal(
            [$"mnistgpu: continue with the same options and --resume {File("runs.csv")} instead of --csv", "mnistgpu: interrupted"],
            error.ToString().TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public void ATrainingThatFailsIsNamedAndComesLast()
    {
        string[] options = ["--seeds", "1-2", "--hidden", "5", "--batch-size", "600", "--schedule", "constant", "--learning-rate"];
        MnistGpuRun some = MnistGpuRun.Succeed(Sweep([.. options, "0.01,3e38"]));
        MnistGpuRun all = MnistGpuRun.Start(Sweep([.. options, "3e38", "--output", File("best.npz")]));

        Assert.Contains("seed 1  failed: a weight became NaN or infinite", some.Output);
        Assert.Contains("2 of 2", some.Output.Split('\n').Last(line => line.StartsWith('│')));
        Assert.Equal(1, all.ExitCode);
        Assert.Equal("mnistgpu: in every training a weight became NaN or infinite: the learning rates are too high", all.Error.TrimEnd());
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("seed,accuracy\n1,0.9\n", "has no runs of a sweep: its first line is not the one that --csv writes")]
    [InlineData("HEADER\n1,2,3\n", ": line 2 is not a run of a sweep; delete it to repeat its training")]
    [InlineData("", "has no runs of a sweep")]
    public void AFileThatIsNoSuchFileIsRefusedAndLeftAlone(string content, string message)
    {
        string header = "";
        if (content.StartsWith("HEADER"))
        {
            MnistGpuRun.Succeed(Sweep("--seeds", "1", "--hidden", "4", "--epochs", "1", "--csv", File("runs.csv")));
            header = System.IO.File.ReadAllLines(File("runs.csv"))[0];
        }
        content = content.Replace("HEADER", header);
        System.IO.File.WriteAllText(File("other.csv"), content);

        MnistGpuRun run = MnistGpuRun.Start(Sweep("--resume", File("other.csv")));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Equal(content, System.IO.File.ReadAllText(File("other.csv")));
    }

    private JsonElement Json(string name) => JsonDocument.Parse(System.IO.File.ReadAllBytes(File(name))).RootElement;
}
