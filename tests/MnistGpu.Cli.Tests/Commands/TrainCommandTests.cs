using System.Text.Json;
using MnistGpu.Core.Data;
using MnistGpu.Core.Files;

namespace MnistGpu.Cli.Tests.Commands;

public class TrainCommandTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string File(string name) => System.IO.Path.Combine(_folder.Path, name);

    private MnistGpuRun Train(params string[] arguments) =>
        MnistGpuRun.Start([
            "train", "--device", "reference", .. arguments.Contains("--data") ? [] : new[] { "--data", data.Path },
            .. arguments]);

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("model.safetensors")]
    public void TheEndingOfOutputSaysTheFormatAndExportWritesTheSame(string name)
    {
        string[] paths = [File(name), File("model.npz"), File($"2.{name}")];
        foreach (string output in paths[..2])
        {
            MnistGpuRun run = Train("--epochs", "1", "--output", output);
            // Only NumPy's is read again.
            Assert.Equal(output.EndsWith(".npz"), run.Output.Contains("Next: mnistgpu predict"));
        }

        MnistGpuRun.Succeed("export", "--model", paths[1], paths[2]);

        Assert.Equal(System.IO.File.ReadAllBytes(paths[0]), System.IO.File.ReadAllBytes(paths[2]));
    }

    [Fact]
    public void TrainsTestsSavesAndSaysWhatToDoNext()
    {
        MnistGpuRun run = Train("--output", File("model.npz"));

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("", run.Error);
        string[] lines = run.Output.TrimEnd().Split(Environment.NewLine);
        Assert.Contains("600 images to train on, 100 to test with", lines[0]);
        Assert.Equal("network   784-100-10, sigmoid", lines[1]);
        Assert.StartsWith("device    reference", lines[2]);
        Assert.Equal(["epoch 1/3", "epoch 2/3", "epoch 3/3"], lines[4..7].Select(line => line[..9]));
        Assert.StartsWith("Test accuracy ", lines[7]);
        Assert.Contains(File("model.npz"), lines[8]);

        string[] next = lines[9]["Next: mnistgpu ".Length..].Split(' ');
        Assert.Contains("test image 0", MnistGpuRun.Succeed(next).Output);
    }

    [Fact]
    public void VerboseSaysHowManyThreadsTheCpuUsedAndWhy()
    {
        string[] options = ["train", "--device", "cpu", "--data", data.Path, "--epochs", "1", "--hidden", "8", "--threads", "1"];

        MnistGpuRun run = MnistGpuRun.Succeed([.. options, "--verbose"]), quiet = MnistGpuRun.Succeed(options);

        Assert.Contains("threads: 1, ", run.Error);
        Assert.DoesNotContain("threads:", quiet.Error);
    }

    [Fact]
    public void TheSavedModelReachesTheAccuracyThatTrainingReported()
    {
        Train("--output", File("model.npz"), "--metrics", File("train.json"), "--batch-size", "8", "--epochs", "8");
        MnistGpuRun.Succeed("evaluate", "--model", File("model.npz"), "--data", data.Path, "--device", "reference",
            "--metrics", File("evaluate.json"));

        double trained = Json("train.json").GetProperty("testAccuracy").GetDouble();
        Assert.Equal(trained, Json("evaluate.json").GetProperty("testAccuracy").GetDouble());
        Assert.InRange(trained, 0.7, 1);
    }

    [Fact]
    public void MetricsHaveTheNamesThatScriptsReadAndTheFiguresOfTheRun()
    {
        Train("--metrics", File("metrics.json"), "--epochs", "2", "--hidden", "30", "--batch-size", "50", "--seed", "7");
        JsonElement metrics = Json("metrics.json");

        Assert.Equal("reference", metrics.GetProperty("engine").GetString());
        Assert.Equal("1.5.3", metrics.GetProperty("ilgpu").GetString());
        Assert.Equal("reference", metrics.GetProperty("device").GetString());
        Assert.Equal(SmallDataset.Train, metrics.GetProperty("dataset").GetProperty("train").GetInt32());
        Assert.Equal(SmallDataset.Test, metrics.GetProperty("dataset").GetProperty("test").GetInt32());
        Assert.Equal(30, metrics.GetProperty("hidden").GetInt32());
        Assert.Equal(2, metrics.GetProperty("epochs").GetInt32());
        Assert.Equal(50, metrics.GetProperty("batchSize").GetInt32());
        Assert.Equal("one-cycle", metrics.GetProperty("schedule").GetString());
        // A few large steps: momentum, and the rates that so few steps allow.
        Assert.Equal(0.9, metrics.GetProperty("momentum").GetDouble());
        Assert.Equal(0.1201, metrics.GetProperty("learningRate").GetDouble(), 1e-4);
        Assert.Equal(0.0336, metrics.GetProperty("outputLearningRate").GetDouble(), 1e-4);
        Assert.InRange(metrics.GetProperty("meanImageSquared").GetDouble(), 38, 43);
        Assert.Equal(7, metrics.GetProperty("seed").GetInt32());
        JsonElement[] history = [.. metrics.GetProperty("history").EnumerateArray()];
        Assert.Equal([1, 2], history.Select(epoch => epoch.GetProperty("epoch").GetInt32()));
        Assert.All(history, epoch => Assert.InRange(epoch.GetProperty("loss").GetDouble(), 0.01, 5));
        Assert.All(history, epoch => Assert.InRange(epoch.GetProperty("trainAccuracy").GetDouble(), 0.05, 0.99));
        double seconds = metrics.GetProperty("trainSeconds").GetDouble();
        Assert.Equal(history.Sum(epoch => epoch.GetProperty("trainSeconds").GetDouble()), seconds, 1e-9);
        Assert.Equal(2 * SmallDataset.Train / seconds, metrics.GetProperty("imagesPerSecond").GetDouble(), 1e-3 / seconds);
        Assert.Equal(history[1].GetProperty("testAccuracy").GetDouble(), metrics.GetProperty("testAccuracy").GetDouble());
    }

    [Fact]
    public void MetricsNameTheDeviceAsTheCommandLineDoes()
    {
        MnistGpuRun.Succeed("train", "--data", data.Path, "--device", "ilgpu-cpu", "--epochs", "1", "--metrics", File("m.json"));

        Assert.Equal("ilgpu-cpu", Json("m.json").GetProperty("device").GetString());
        Assert.Equal("accelerator", Json("m.json").GetProperty("engine").GetString());
    }

    [Fact]
    public void TheSameSeedWritesTheSameBytes()
    {
        Train("--output", File("a.npz"));
        Train("--output", File("b.npz"));
        Train("--output", File("c.npz"), "--seed", "2");

        Assert.Equal(System.IO.File.ReadAllBytes(File("a.npz")), System.IO.File.ReadAllBytes(File("b.npz")));
        Assert.NotEqual(System.IO.File.ReadAllBytes(File("a.npz")), System.IO.File.ReadAllBytes(File("c.npz")));
    }

    [Fact]
    public void TheNumberOfThreadsChangesNoByte()
    {
        MnistGpuRun.Succeed("train", "--data", data.Path, "--device", "cpu", "--threads", "1", "--output", File("one.npz"));
        MnistGpuRun.Succeed("train", "--data", data.Path, "--device", "cpu", "--threads", "2", "--output", File("two.npz"));

        Assert.Equal(System.IO.File.ReadAllBytes(File("one.npz")), System.IO.File.ReadAllBytes(File("two.npz")));
    }

    [Fact]
    public void ATrainingCanGoOnFromAModelFile()
    {
        string[] settings = ["--schedule", "constant", "--no-shuffle", "--batch-size", "10"];
        Train(["--output", File("two.npz"), "--epochs", "2", .. settings]);
        Train(["--output", File("one.npz"), "--epochs", "1", .. settings]);
        Train(["--output", File("again.npz"), "--epochs", "1", "--initial-model", File("one.npz"), .. settings]);

        Assert.Equal(System.IO.File.ReadAllBytes(File("two.npz")), System.IO.File.ReadAllBytes(File("again.npz")));
    }

    [Fact]
    public void LimitTakesTheFirstImages()
    {
        MnistDataset all = MnistFolder.Load(data.Path);
        MnistFolder.Save(File("first"), all with { Train = all.Train.Take(40) });
        Train("--limit", "40", "--output", File("limit.npz"), "--metrics", File("metrics.json"));
        Train("--data", File("first"), "--output", File("first.npz"));

        Assert.Equal(40, Json("metrics.json").GetProperty("dataset").GetProperty("train").GetInt32());
        Assert.Equal(System.IO.File.ReadAllBytes(File("first.npz")), System.IO.File.ReadAllBytes(File("limit.npz")));
    }

    [Fact]
    public void OneImageIsNotImages()
    {
        Assert.Contains(": 1 image to train on,", Train("--limit", "1", "--epochs", "1").Output);
    }

    [Fact]
    public void QuietPrintsTheResultAlone()
    {
        MnistGpuRun run = Train("--quiet");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("", run.Error);
        string[] lines = run.Output.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^Test accuracy \d+\.\d\d % after 3 epochs; training took \d+\.\d\d s\.$", lines[0]);
        Assert.Equal("The network was not saved. To keep it, add --output model.npz.", lines[1]);
    }

    [Fact]
    public void TheNextCommandQuotesAPathWithABlank()
    {
        MnistGpuRun run = Train("--epochs", "1", "--output", File("my model.npz"));

        Assert.Contains($"--model {Shell.Quote(File("my model.npz"))} --test-index 0 --data {data.Path}\n", run.Output);
    }

    [Theory]
    [InlineData("mnistgpu: warning: --threads has no effect with --device reference", "--threads", "2")]
    [InlineData("mnistgpu: warning: --warmup has no effect with --schedule constant",
        "--warmup", "0.5", "--schedule", "constant")]
    public void AnOptionWithoutEffectIsSaidInOneLine(string warning, params string[] options)
    {
        MnistGpuRun run = Train(["--epochs", "4", "--batch-size", "8", .. options]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(warning, run.Error.TrimEnd());
    }

    [Theory]
    [InlineData("the learning rate is too high", "--batch-size 1 --learning-rate 500", "--batch-size 1")]
    [InlineData("the learning rate is too low", "--batch-size 1 --learning-rate 1e-5", "--batch-size 1")]
    [InlineData("leave out --warmup", "--batch-size 4 --hidden 100 --learning-rate 2 --output-learning-rate 2 --warmup 0",
        "--batch-size 4 --hidden 100 --learning-rate 2 --output-learning-rate 2")]
    [InlineData("1 step is too few: try a smaller --batch-size, or more epochs", "--batch-size 1000", "--batch-size 4")]
    [InlineData("the outputs start at almost 0 or 1, where they hardly learn: leave out --output-bias", "--batch-size 1 --output-bias 50", "--batch-size 1")]
    [InlineData("the outputs start at almost 0 or 1, where they hardly learn: leave out --output-bias", "--batch-size 1 --output-bias -20", "--batch-size 1")]
    [InlineData("1 hidden unit is too few: try more with --hidden", "--batch-size 4 --hidden 1", "--batch-size 4 --hidden 100")]
    public void AWarningNamesACauseAndWhatItAdvisesHelps(string cause, string options, string advised)
    {
        JsonElement bad = Trained(options), good = Trained(advised);

        Assert.Contains(cause, bad.GetProperty("warning").GetString());
        Assert.InRange(
            good.GetProperty("testAccuracy").GetDouble(), bad.GetProperty("testAccuracy").GetDouble() + 0.1, 1);
        Assert.Empty(good.GetProperty("neverSaid").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, good.GetProperty("warning").ValueKind);

        JsonElement Trained(string settings)
        {
            string metrics = File("metrics.json");
            MnistGpuRun run = Train([.. $"--epochs 1 {settings}".Split(' '), "--metrics", metrics]);
            Assert.Equal(0, run.ExitCode);
            JsonElement figures = JsonDocument.Parse(System.IO.File.ReadAllText(metrics)).RootElement;
            string? warning = figures.GetProperty("warning").GetString();
            Assert.Equal(warning is null ? "" : $"mnistgpu: warning: {warning}", run.Error.TrimEnd());
            return figures;
        }
    }

    [Fact]
    public void DigitsThatTheNetworkNeverSaysAreNamed()
    {
        // All images but those of 0 and 6, of which the test set has some: no network can learn to say these.
        MnistDataset digits = MnistFolder.Load(data.Path);
        int[] kept = [.. Enumerable.Range(0, digits.Train.Count).Where(i => digits.Train.Labels[i] is not (0 or 6))];
        var others = new ImageSet(
            [.. kept.SelectMany(i => digits.Train.Image(i).ToArray())], [.. kept.Select(i => digits.Train.Labels[i])]);
        string folder = File("others"), metrics = File("metrics.json");
        MnistFolder.Save(folder, new MnistDataset("digits", others, digits.Train));

        MnistGpuRun run = Train("--data", folder, "--epochs", "3", "--batch-size", "8", "--metrics", metrics);

        Assert.StartsWith("mnistgpu: warning: the network never predicts 0 or 6; ", run.Error);
        JsonElement figures = JsonDocument.Parse(System.IO.File.ReadAllText(metrics)).RootElement;
        Assert.Equal([0, 6], figures.GetProperty("neverSaid").EnumerateArray().Select(digit => digit.GetInt32()));
        Assert.Equal([0.0, 0.0], new[] { 0, 6 }.Select(digit => figures.GetProperty("digitAccuracy")[digit].GetDouble()));
    }

    [Theory]
    [InlineData("the images are in the order of their labels: leave out --no-shuffle", "--batch-size 1 --no-shuffle")]
    [InlineData("no image to train on shows 5 or 6 or 7 or 8 or 9: --limit may leave them out", "--batch-size 1 --limit 240")]
    public void ImagesInTheOrderOfTheirLabelsGetAdvice(string advice, string options)
    {
        MnistDataset digits = MnistFolder.Load(data.Path);
        int[] order = [.. Enumerable.Range(0, digits.Train.Count).OrderBy(i => digits.Train.Labels[i])];
        var sorted = new ImageSet(
            [.. order.SelectMany(i => digits.Train.Image(i).ToArray())], [.. order.Select(i => digits.Train.Labels[i])]);
        string folder = File("sorted");
        MnistFolder.Save(folder, new MnistDataset("digits", sorted, digits.Train));

        MnistGpuRun run = Train(["--data", folder, "--epochs", "1", .. options.Split(' ')]);

        Assert.EndsWith($"; {advice}", run.Error.TrimEnd());
        Assert.Equal("", Train("--data", folder, "--epochs", "1", "--batch-size", "1").Error);
    }

    [Theory]
    [InlineData(true, "the images are dark on light: replace each pixel by 255 minus its value")]
    [InlineData(false, "the brightest pixel is 1: make it 255")]
    public void ImagesThatAreNotAsMnistsAreGetAdvice(bool isInverted, string advice)
    {
        MnistDataset digits = MnistFolder.Load(data.Path);
        byte[] pixels = Array.ConvertAll(
            digits.Train.Pixels, pixel => isInverted ? (byte)(255 - pixel) : (byte)(pixel / 255));
        string folder = File("other");
        MnistFolder.Save(folder, digits with { Train = new ImageSet(pixels, digits.Train.Labels) });

        MnistGpuRun run = Train("--data", folder, "--epochs", "1");

        Assert.EndsWith($"; {advice}", run.Error.TrimEnd());
    }

    /// <summary>Outputs of ½ are too high for nine digits of ten: the first step of their biases is not a float32 number.</summary>
    [Theory]
    [InlineData("3e38", "3e38", "the learning rate 3E+38 is too high")]
    [InlineData("1e-39", "3e38", "the learning rates 1E-39 and, for the output layer, 3E+38 are too high or too far apart")]
    public void WeightsThatBecomeNaNFailAndNameTheEpochAndTheRates(string rate, string outputRate, string reason)
    {
        MnistGpuRun run = Train(
            "--output-bias", "0", "--learning-rate", rate, "--output-learning-rate", outputRate, "--warmup", "0", "--output", File("model.npz"));

        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"the weights became NaN or infinite in epoch 1: {reason}", run.Error.Split("mnistgpu: ")[^1].TrimEnd());
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private JsonElement Json(string name) =>
        JsonDocument.Parse(System.IO.File.ReadAllText(File(name))).RootElement;
}
