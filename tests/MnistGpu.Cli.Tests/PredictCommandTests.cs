using System.Text;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests;

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

    private sealed class ReferenceReader
    {
        private readonly Core.Reference.ReferenceEngine _engine = new();

        public ReferenceReader(string model) => _engine.SetParameters(ModelFile.Load(model));

        public float Score(byte[] pixels, int digit) => _engine.Predict(pixels)[digit];
    }
}
