using MnistGpu.Network;

namespace MnistGpu.Cli.Tests;

/// <summary>Whatever is wrong: one line that names it, the right exit code, and nothing half-written.</summary>
public class BadInputTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train --epochs 0", "--epochs 0")]
    [InlineData("train --batch-size 0", "--batch-size 0")]
    [InlineData("train --batch-size many", "--batch-size")]
    [InlineData("train --hidden 0", "--hidden 0")]
    [InlineData("train --seed -1", "--seed -1")]
    [InlineData("train --threads 0", "--threads 0")]
    [InlineData("train --limit 0", "--limit 0")]
    [InlineData("train --learning-rate NaN", "--learning-rate NaN")]
    [InlineData("train --learning-rate 0", "--learning-rate 0")]
    [InlineData("train --learning-rate -0.1", "--learning-rate -0.1")]
    [InlineData("train --learning-rate Infinity", "--learning-rate")]
    [InlineData("train --warmup 1.5", "--warmup 1.5")]
    [InlineData("train --schedule cosine", "cosine")]
    [InlineData("train --device tpu", "'tpu'")]
    [InlineData("train --device cuda:x", "'cuda:x'")]
    [InlineData("train --no-such-option", "--no-such-option")]
    [InlineData("evaluate", "--model")]
    [InlineData("predict --model model.npz", "--test-index")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("data generate", "--output")]
    public void WrongUsageIsOneLineAndExitCode2(string arguments, string named)
    {
        MnistGpuRun run = MnistGpuRun.Start(arguments.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        AssertOneLine(run.Error, named);
    }

    [Fact]
    public void AMissingFolderIsNamed() =>
        AssertFails(Missing, "train", "--data", Missing);

    [Theory]
    [InlineData("cuda:99")]
    [InlineData("opencl:99")]
    public void ADeviceThatIsNotThereIsNamedWithWhatThereIs(string device)
    {
        MnistGpuRun run = AssertFails(device, "train", "--data", data.Path, "--device", device);

        Assert.Contains("ilgpu-cpu", run.Error);
    }

    [Fact]
    public void AMissingModelIsNamed() =>
        AssertFails(Missing, "evaluate", "--model", Missing, "--data", data.Path);

    [Fact]
    public void AMissingPictureIsNamed() =>
        AssertFails(Missing, "predict", "--model", Model(), Missing);

    [Fact]
    public void ATestImageThatIsNotThereIsNamed() =>
        AssertFails("--test-index 100", "predict", "--model", Model(), "--data", data.Path, "--test-index", "100");

    [Fact]
    public void AFileThatIsNoModelIsNamed()
    {
        string file = Path.Combine(_folder.Path, "model.npz");
        File.WriteAllText(file, "not a model");

        AssertFails(file, "evaluate", "--model", file, "--data", data.Path);
    }

    [Fact]
    public void AnInitialModelOfAnotherSizeIsRefused() =>
        AssertFails("--hidden", "train", "--data", data.Path, "--initial-model", Model(), "--hidden", "9");

    [Fact]
    public void ATruncatedFileIsNamed()
    {
        foreach (string file in Directory.GetFiles(data.Path))
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));
        string images = Directory.GetFiles(_folder.Path, "train-images*").Single();
        using (FileStream stream = File.OpenWrite(images))
            stream.SetLength(stream.Length - 1);

        AssertFails(images, "train", "--data", _folder.Path);
    }

    [Theory]
    [InlineData("--output")]
    [InlineData("--metrics")]
    public void AnOutputFolderThatDoesNotExistIsNamedBeforeTraining(string option)
    {
        string file = Path.Combine(Missing, "file");
        MnistGpuRun run = AssertFails(Missing, "train", "--data", data.Path, option, file);

        Assert.DoesNotContain("epoch", run.Output);
    }

    [Fact]
    public void AFolderAsOutputIsRefused() =>
        AssertFails(_folder.Path, "train", "--data", data.Path, "--output", _folder.Path);

    [Fact]
    public void VerboseShowsWhereAnErrorCameFrom()
    {
        MnistGpuRun run = MnistGpuRun.Start("train", "--data", Missing, "--verbose");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("   at MnistGpu.", run.Error);
    }

    private string Missing => Path.Combine(_folder.Path, "missing");

    private string Model()
    {
        string file = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(file, GlorotInitializer.Draw(hidden: 5, seed: 1));
        return file;
    }

    private static MnistGpuRun AssertFails(string named, params string[] arguments)
    {
        MnistGpuRun run = MnistGpuRun.Start(arguments);
        Assert.Equal(1, run.ExitCode);
        AssertOneLine(run.Error, named);
        return run;
    }

    private static void AssertOneLine(string error, string named)
    {
        Assert.StartsWith("mnistgpu: ", error);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Contains(named, error);
    }
}
