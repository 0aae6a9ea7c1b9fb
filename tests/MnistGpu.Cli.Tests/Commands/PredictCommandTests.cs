using System.Text;
using System.Text.Json;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Commands;

public sealed class PredictCommandTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void APictureOfATestImageIsReadAsTheDigitThatItShows()
    {
        string model = Path.Combine(_folder.Path, "model.npz");
        MnistGpuRun.Succeed("train", "--data", data.Path, "--device", "reference", "--batch-size", "8", "--epochs", "8",
            "--quiet", "--output", model);
        ImageSet test = MnistFolder.Load(data.Path).Test;
        ReferenceReader reader = new(model);
        // The most certain of all: a picture is scaled and centred anew, so it is not quite the test image.
        int image = Enumerable.Range(0, test.Count).MaxBy(i => reader.Score(test.Image(i).ToArray(), test.Labels[i]));
        string picture = Path.Combine(_folder.Path, "digit.pgm");
        File.WriteAllBytes(picture, [.. Encoding.ASCII.GetBytes("P5 28 28 255\n"), .. test.Image(image)]);

        string[] lines = MnistGpuRun.Succeed("predict", "--model", model, picture).Output.Split(Environment.NewLine);

        Assert.Equal($"{picture}: {test.Labels[image]}", lines[0]);
        // A blank line, the picture, a blank line, ten shares, a blank line.
        Assert.Contains(lines[2..30], line => line.Contains('█'));
        Assert.Equal(
            Enumerable.Range(0, 10).Select(digit => $"  {digit}  "), lines[31..41].Select(line => line[..5]));
    }

    /// <summary>Windows' shells leave patterns as they are.</summary>
    [SkippableTheory]
    [InlineData("pictures", 0, "pictures/10.pgm", "pictures/2.pgm", "pictures/b.PGM")]
    [InlineData("pictures/", 0, "pictures/10.pgm", "pictures/2.pgm", "pictures/b.PGM")]
    [InlineData("pictures/*.pgm", 0, "pictures/10.pgm", "pictures/2.pgm", "pictures/b.PGM")]
    [InlineData("pictures/?.pgm", 0, "pictures/2.pgm", "pictures/b.PGM")]
    [InlineData("pictures/1*", 0, "pictures/10.pgm")]
    [InlineData("pictures/*", 1, "pictures/10.pgm", "pictures/2.pgm", "pictures/b.PGM")]
    [InlineData("odd/what?.pgm", 0, "odd/what?.pgm")]
    [InlineData("pictures/*.png", 1, "pictures/*.png: no file matches this pattern")]
    [InlineData("empty", 1, "empty: there is no picture in this folder")]
    [InlineData("gone/*.png", 1, "gone/*.png: there is no folder ")]
    [InlineData("gone", 1, "There is no picture ")]
    public void FoldersAndPatternsStandForTheirPictures(string name, int exitCode, params string[] said)
    {
        Skip.If(OperatingSystem.IsWindows(), "No file may be called what?.pgm there.");
        string model = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 5, seed: 1));
        foreach (string folder in new[] { "pictures", "empty", "odd" })
            Directory.CreateDirectory(Path.Combine(_folder.Path, folder));
        byte[] picture = [.. "P5 28 28 255\n"u8, .. MnistFolder.Load(data.Path).Test.Image(0)];
        foreach (string file in new[] { "pictures/2.pgm", "pictures/10.pgm", "pictures/b.PGM", "odd/what?.pgm" })
            File.WriteAllBytes(Path.Combine(_folder.Path, file), picture);
        File.WriteAllText(Path.Combine(_folder.Path, "pictures", "notes.txt"), "none");

        MnistGpuRun run = MnistGpuRun.Start("predict", "--model", model, $"{_folder.Path}/{name}");

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(said.Where(line => line.EndsWith("pgm", StringComparison.OrdinalIgnoreCase)).Select(line => $"{_folder.Path}/{line}"),
            run.Output.Split('\n').Where(line => line.StartsWith(_folder.Path)).Select(line => line[..line.LastIndexOf(':')]));
        if (exitCode == 1)
            Assert.Contains(said[0].EndsWith("pgm") ? "notes.txt cannot be used" : said[0], run.Error);
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("/*.png")]
    public void AFolderThatMayNotBeReadIsNotCalledEmpty(string pattern)
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root may read everything.");
        string folder = Path.Combine(_folder.Path, "closed"), model = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 5, seed: 1));
        Directory.CreateDirectory(folder);
        SetMode(UnixFileMode.UserExecute);

        MnistGpuRun run = MnistGpuRun.Start("predict", "--model", model, folder + pattern);

        // Otherwise it could not be deleted.
        SetMode(UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal((1, $"mnistgpu: {folder}{pattern}: this folder may not be read; check its permissions"), (run.ExitCode, run.Error.TrimEnd()));

        void SetMode(UnixFileMode mode)
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(folder, mode);
        }
    }

    [Fact]
    public void AnEmptyNameIsWrongUsage()
    {
        MnistGpuRun run = MnistGpuRun.Start("predict", "--model", "model.npz", "");

        Assert.Equal((2, "mnistgpu: the name of a picture is empty. See: mnistgpu predict --help"), (run.ExitCode, run.Error.TrimEnd()));
    }

    [Fact]
    public void ABadPictureDoesNotKeepTheOthersFromBeingRead()
    {
        string model = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 5, seed: 1));
        string good = Path.Combine(_folder.Path, "good.pgm");
        File.WriteAllBytes(good, [.. "P5 28 28 255\n"u8, .. MnistFolder.Load(data.Path).Test.Image(0)]);
        string blank = Path.Combine(_folder.Path, "blank.pgm");
        File.WriteAllBytes(blank, [.. "P5 28 28 255\n"u8, .. new byte[784]]);
        string other = Path.Combine(_folder.Path, "Thumbs.db");
        File.WriteAllBytes(other, [1, 2, 3]);

        MnistGpuRun run = MnistGpuRun.Start("predict", "--model", model, other, good, blank);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"{good}: ", run.Output);
        string[] errors = run.Error.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(2, errors.Length);
        Assert.StartsWith($"mnistgpu: {other} cannot be used", errors[0]);
        Assert.StartsWith($"mnistgpu: No digit found in {blank}", errors[1]);
    }

    [Fact]
    public void SeveralDigitsAreReadFromLeftToRightAndJsonSaysTheSame()
    {
        string model = Path.Combine(_folder.Path, "model.npz");
        NetworkParameters parameters = GlorotInitializer.Draw(hidden: 5, seed: 1);
        // Outputs around 1/2: sure enough to be told.
        Array.Clear(parameters.B2);
        ModelFile.Save(model, parameters);
        ImageSet test = MnistFolder.Load(data.Path).Test;
        string row = Path.Combine(_folder.Path, "row.pgm");
        byte[] pixels = [.. Enumerable.Range(0, 28).SelectMany(y =>
            Enumerable.Range(0, 3).SelectMany(image => test.Image(image).Slice(28 * y, 28).ToArray()))];
        File.WriteAllBytes(row, [.. "P5 84 28 255\n"u8, .. pixels]);

        string text = MnistGpuRun.Succeed("predict", "--model", model, row).Output;
        string json = MnistGpuRun.Succeed(
            "predict", "--model", model, "--data", data.Path, row, "--json", "--test-index", "7").Output;

        JsonElement[] predictions = [.. JsonDocument.Parse(json).RootElement.EnumerateArray()];
        Assert.Equal(4, predictions.Length);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(row, predictions[i].GetProperty("picture").GetString());
            Assert.Equal(i + 1, predictions[i].GetProperty("position").GetInt32());
            Assert.Contains($"{row}, digit {i + 1} of 3: {predictions[i].GetProperty("digit")}\n", text);
            Assert.Equal(1, predictions[i].GetProperty("shares").EnumerateArray().Sum(share => share.GetDouble()), 1e-5);
        }
        Assert.Equal(7, predictions[3].GetProperty("testIndex").GetInt32());
        Assert.Equal(test.Labels[7], predictions[3].GetProperty("label").GetInt32());
        Assert.False(predictions[3].TryGetProperty("picture", out _));
    }

    [Fact]
    public void APictureOfWhichTheNetworkIsNotSureIsRefused()
    {
        // All outputs of this network are 0.3.
        var unsure = new NetworkParameters(1);
        Array.Fill(unsure.B2, MathF.Log(0.3f / 0.7f));
        string model = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(model, unsure);
        string picture = Path.Combine(_folder.Path, "bar.pgm");
        byte[] pixels = Enumerable.Repeat((byte)255, 3600).ToArray();
        for (int i = 0; i < 30; i++)
            pixels.AsSpan((15 + i) * 60 + 28, 4).Clear();
        File.WriteAllBytes(picture, [.. "P5 60 60 255\n"u8, .. pixels]);

        MnistGpuRun run = MnistGpuRun.Start("predict", "--model", model, picture);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith($"mnistgpu: {picture}: the network is not sure of any digit (its largest output is 0.30)", run.Error);
        // A test image is told as it is.
        Assert.Contains("test image 0", MnistGpuRun.Succeed("predict", "--model", model, "--data", data.Path, "--test-index", "0").Output);
    }

    private sealed class ReferenceReader
    {
        private readonly Core.Reference.ReferenceEngine _engine = new();

        public ReferenceReader(string model) => _engine.SetParameters(ModelFile.Load(model));

        public float Score(byte[] pixels, int digit) => _engine.Predict(pixels)[digit];
    }
}
