using System.Diagnostics;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Data;

/// <summary>Whatever is wrong: one line that names it, the right exit code, and nothing half-written.</summary>
public class BadInputTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train --epochs 0", "--epochs 0")]
    [InlineData("train --batch-size 0", "--batch-size 0")]
    [InlineData("train --batch-size many", "--batch-size many is not a whole number from 1 to 2147483647")]
    [InlineData("train --seed 2147483648", "--seed 2147483648 is not a whole number from 0 to 2147483647")]
    [InlineData("train --limit 1.5", "--limit 1.5 is not a whole number from 1 to 2147483647")]
    [InlineData("train --limit", "--limit")]
    [InlineData("train --seed 1 --seed 2", "--seed")]
    [InlineData("train --hidden 0", "--hidden 0")]
    [InlineData("train --seed -1", "--seed -1")]
    [InlineData("train --threads 0", "--threads 0")]
    [InlineData("train --limit 0", "--limit 0")]
    [InlineData("train --learning-rate NaN", "--learning-rate NaN")]
    [InlineData("train --learning-rate 0", "--learning-rate 0")]
    [InlineData("train --learning-rate -0.1", "--learning-rate -0.1")]
    [InlineData("train --learning-rate Infinity", "--learning-rate")]
    [InlineData("train --warmup 1.5", "--warmup 1.5")]
    [InlineData("train --learning-rate abc", "--learning-rate abc")]
    [InlineData("train --learning-rate 0,1", "--learning-rate 0,1 is not a number from 1.4e-45 to 3.4e38, the range of float32; write it with a point")]
    [InlineData("train --output-learning-rate 1e39", "--output-learning-rate 1e39 is not a number from 1.4e-45 to 3.4e38, the range of float32")]
    [InlineData("train --learning-rate 1e-46", "--learning-rate 1e-46 is not a number from 1.4e-45 to 3.4e38, the range of float32")]
    [InlineData("train --learning-rate", "--learning-rate")]
    [InlineData("train --warmup x", "--warmup x")]
    [InlineData("train --warmup 0,1", "--warmup 0,1")]
    [InlineData("train --device", "--device")]
    [InlineData("train --output a/../x --metrics ./x", "--metrics")]
    [InlineData("train --initial-model x --metrics ./x", "--initial-model and --metrics are the same file, x")]
    [InlineData("train --metrics x --report ./x", "--metrics and --report are the same file, x")]
    [InlineData("train --output - --metrics /dev/stdout", "--output and --metrics are the same file, -")]
    [InlineData("evaluate --model x --report ./x", "--model and --report are the same file, x")]
    [InlineData("evaluate --model x --metrics ./x", "--model and --metrics are the same file, x")]
    [InlineData("train --checkpoint x --output ./x", "--checkpoint and --output are the same file, x")]
    [InlineData("train --resume x --output ./x", "--resume and --output are the same file, x")]
    [InlineData("train --metrics train-labels.idx1-ubyte", "is the name of another kind of file; choose one that ends with .json")]
    [InlineData("train \u2014epochs 3", "'\u2014epochs' is unknown; did you mean --epochs?")]
    [InlineData("benchmark --to-accuracy 0.98", "--to-accuracy 0.98 is not a number from 1 to 100")]
    [InlineData("train --report model.npz", "--report model.npz is the name of another kind of file; choose one that ends with .html")]
    [InlineData("train --checkpoint m.JSON", "--checkpoint m.JSON is the name of another kind of file; choose one that ends with .npz")]
    [InlineData("draw --model x --output model.npz", "--output model.npz is the name of another kind of file; choose one that ends with .html")]
    [InlineData("data distort --output report.html", "choose one that ends with .png")]
    [InlineData("benchmark --json report.html", "choose one that ends with .json")]
    [InlineData("draw --model x --output ./x", "--model and --output are the same file, x")]
    [InlineData("predict --model model.npz --test-index x", "--test-index 'x'")]
    [InlineData("predict --model model.npz --test-index -1", "--test-index '-1'")]
    [InlineData("predict --model model.npz --test-index", "--test-index")]
    [InlineData("predict --model model.npz --test-index 0 photo.png", "'photo.png'")]
    [InlineData("train --schedule cosine", "--schedule 'cosine' is unknown; choose one-cycle or constant")]
    [InlineData("train --device tpu", "'tpu'")]
    [InlineData("train --device cuda:x", "'cuda:x'")]
    [InlineData("train --no-such-option", "--no-such-option")]
    [InlineData("train --output model.pt", "model.pt: a model cannot be saved as .pt; use .npz, .onnx or .safetensors")]
    [InlineData("export --model model.npz model.pb", "a model cannot be saved as .pb")]
    [InlineData("predict --model model.npz", "--test-index")]
    [InlineData("data", "mnistgpu data needs a command: fetch, info, generate, distort. See: mnistgpu data --help")]
    [InlineData("export", "mnistgpu export needs a FILE. See: mnistgpu export --help")]
    [InlineData("frobnicate", "'frobnicate' is unknown. See: mnistgpu --help")]
    [InlineData("help", "'help' is unknown; did you mean --help? See: mnistgpu --help")]
    [InlineData("trian", "'trian' is unknown; did you mean train? See: mnistgpu --help")]
    [InlineData("data gen", "'gen' is unknown; did you mean generate? See: mnistgpu data --help")]
    [InlineData("train --lr 0.1", "'--lr' is unknown; did you mean --learning-rate? See: mnistgpu train --help")]
    [InlineData("train -o model.npz", "'-o' is unknown; did you mean --output?")]
    [InlineData("train --epoch=3", "'--epoch=3' is unknown; did you mean --epochs?")]
    [InlineData("train --hiden 30", "'--hiden' is unknown; did you mean --hidden?")]
    [InlineData("train -d cpu", "'-d' is unknown; did you mean --data or --device?")]
    [InlineData("predict --model model.npz --test-indx 0", "'--test-indx' is unknown; did you mean --test-index?")]
    [InlineData("predict --model model.npz --frobnicate photo.png", "'--frobnicate' is unknown. See: mnistgpu predict")]
    [InlineData("kernels --device cuda", "'--device' is unknown. See: mnistgpu kernels --help")]
    [InlineData("data generate", "--output")]
    public void WrongUsageIsOneLineAndExitCode2(string arguments, string named)
    {
        MnistGpuRun run = MnistGpuRun.Start(arguments.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        AssertOneLine(run.Error, named);
    }

    [Theory]
    [InlineData("--output", "train")]
    [InlineData("--metrics", "train")]
    [InlineData("--initial-model", "train")]
    [InlineData("--data", "train")]
    [InlineData("--model", "evaluate")]
    [InlineData("--output", "draw", "--model", "x")]
    [InlineData("--output", "data", "generate")]
    [InlineData("--data", "data", "fetch")]
    public void AnEmptyValueIsWrongUsageAndItsOptionNamed(string option, params string[] command)
    {
        MnistGpuRun run = MnistGpuRun.Start([.. command, option, ""]);

        Assert.Equal(2, run.ExitCode);
        AssertOneLine(run.Error, $"{option} is empty");
    }

    [Theory]
    [InlineData("--output needs a FILE; for a name that begins with -- write ./--metrics", "train", "--output", "--metrics")]
    [InlineData("--metrics needs a FILE; for a name that begins with -- write ./--quiet", "train", "--metrics", "--quiet")]
    [InlineData("--output needs a DIR; for a name that begins with -- write ./--seed",
        "data", "generate", "--output", "--seed", "2")]
    public void AnOptionInPlaceOfAValueIsWrongUsage(string message, params string[] arguments)
    {
        MnistGpuRun run = MnistGpuRun.Start(arguments);

        Assert.Equal(2, run.ExitCode);
        AssertOneLine(run.Error, message);
    }

    [SkippableFact]
    public void ALinkToTheOtherFileIsTheSameFile()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a link takes rights there that a test may not have.");
        string link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, Model());

        MnistGpuRun run = MnistGpuRun.Start("evaluate", "--device", "cpu", "--data", data.Path, "--model", Model(), "--metrics", link);

        Assert.Equal(2, run.ExitCode);
        AssertOneLine(run.Error, "--model and --metrics are the same file");
    }

    [SkippableFact]
    public void AnOutputFolderThatIsReadOnlyIsNamedBeforeTraining()
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root may write everywhere.");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string file = Path.Combine(_folder.Path, "model.npz");

        Assert.Equal("", AssertFails(file, "train", "--device", "cpu", "--data", data.Path, "--output", file).Output);
    }

    [SkippableFact]
    public void AFullDiskIsNamedAndNoModelIsLeft()
    {
        // The network takes 318 kB.
        Skip.IfNot(
            OperatingSystem.IsLinux()
                && Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _folder.Path),
            "A small disk can be made by root on Linux only.");
        try
        {
            string file = Path.Combine(_folder.Path, "model.npz");
            MnistGpuRun run = AssertFails(file, "train", "--device", "cpu", "--data", data.Path, "--epochs", "1", "--output", file);

            Assert.Contains("No space left", run.Error);
            Assert.DoesNotContain("saved to", run.Output);
            Assert.Empty(Directory.GetFiles(_folder.Path));
        }
        finally
        {
            Run("umount", _folder.Path);
        }
    }

    [SkippableTheory]
    [InlineData("m.npz", "train", "--device", "cpu", "--epochs", "1", "--output")]
    [InlineData("m.json", "train", "--device", "cpu", "--epochs", "1", "--metrics")]
    [InlineData("digits", "data", "generate", "--train", "10", "--test", "10", "--output")]
    public void ADiskWithoutAByteLeftIsNamedAndNothingIsLeft(string name, params string[] command)
    {
        Skip.IfNot(
            OperatingSystem.IsLinux()
                && Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _folder.Path),
            "A small disk can be made by root on Linux only.");
        try
        {
            string other = Path.Combine(_folder.Path, "other");
            File.WriteAllBytes(other, new byte[65_536]);
            string target = Path.Combine(_folder.Path, name);

            MnistGpuRun run = AssertFails(
                target, [.. command, target, .. command[0] == "train" ? ["--data", data.Path] : Array.Empty<string>()]);

            Assert.Contains("No space left", run.Error);
            Assert.DoesNotContain($"{target}.", run.Error);
            Assert.Equal([other], Directory.GetFileSystemEntries(_folder.Path));
        }
        finally
        {
            Run("umount", _folder.Path);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    [Fact]
    public void AFolderThatHoldsADatasetIsNamedBeforeDigitsAreDrawn()
    {
        using var error = new StringWriter();
        // Drawing would see the interrupt.
        int exitCode = Program.Run(
            ["data", "generate", "--output", data.Path],
            new Terminal(TextWriter.Null, error, new(new CancellationToken(canceled: true))));

        Assert.Equal(1, exitCode);
        AssertOneLine(error.ToString(), "is there already; name another folder");
    }

    [Fact]
    public void AMissingFolderIsNamed() =>
        AssertFails(Missing, "train", "--device", "cpu", "--data", Missing);

    /// <summary>Nobody wants MNIST in a folder train.csv.</summary>
    [Fact]
    public void AMissingFileOfImagesIsNamedWithoutADownload() => Assert.EndsWith(
        "train.csv: there is no such file or folder", AssertFails("train.csv", "train", "--device", "cpu", "--data", Path.Combine(Missing, "train.csv")).Error.TrimEnd());

    [Theory]
    [InlineData("cuda:99")]
    [InlineData("cuda:9999")]
    [InlineData("opencl:99")]
    public void ADeviceThatIsNotThereIsNamedWithWhatThereIs(string device)
    {
        MnistGpuRun run = AssertFails(device, "train", "--data", data.Path, "--device", device);

        Assert.Contains("--device auto or cpu", run.Error);
        // There is nothing to install where another device is there.
        if (device.StartsWith("opencl") && run.Error.Contains("opencl:0"))
            Assert.DoesNotContain("install", run.Error);
    }

    [Fact]
    public void AMissingModelIsNamed() =>
        AssertFails($"{Missing}; mnistgpu train --output", "evaluate", "--device", "cpu", "--model", Missing, "--data", data.Path);

    [Fact]
    public void AMissingPictureIsNamed() =>
        AssertFails($"{Missing}; name a PNG or JPEG file", "predict", "--model", Model(), Missing);

    [Fact]
    public void BehindTwoHyphensEverythingIsAPicture() =>
        AssertFails("There is no picture -x.png", "predict", "--model", Model(), "--", "-x.png");

    [Fact]
    public void APictureWhoseNameBeginsWithAnAtIsAPicture() =>
        AssertFails("no picture @missing.png", "predict", "--model", Model(), "@missing.png");

    [Fact]
    public void ATestImageThatIsNotThereIsNamed() =>
        AssertFails("--test-index 100", "predict", "--model", Model(), "--data", data.Path, "--test-index", "100");

    [Fact]
    public void AFileThatIsNoModelIsNamed()
    {
        string file = Path.Combine(_folder.Path, "model.npz");
        File.WriteAllText(file, "not a model");

        AssertFails(file, "evaluate", "--device", "cpu", "--model", file, "--data", data.Path);
    }

    [Fact]
    public void AModelWhoseOutputsAreNoNumbersIsNamed()
    {
        NetworkParameters parameters = GlorotInitializer.Draw(hidden: 8, seed: 1);
        // The CPU engine sums up the upper and the lower half of an image apart: infinity less infinity is no number.
        for (int i = 0; i < parameters.W1.Length; i++)
            parameters.W1[i] = i < parameters.W1.Length / 2 ? float.MaxValue : -float.MaxValue;
        string file = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(file, parameters);
        string metrics = Path.Combine(_folder.Path, "metrics.json");

        AssertFails($"{file}: the network's outputs are not numbers",
            "evaluate", "--model", file, "--data", data.Path, "--device", "cpu", "--metrics", metrics);

        Assert.False(File.Exists(metrics));
    }

    [Fact]
    public void AnInitialModelOfAnotherSizeIsRefused() =>
        AssertFails("--hidden", "train", "--device", "cpu", "--data", data.Path, "--initial-model", Model(), "--hidden", "9");

    [Fact]
    public void ATruncatedFileIsNamed()
    {
        foreach (string file in Directory.GetFiles(data.Path))
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));
        string images = Directory.GetFiles(_folder.Path, "train-images*").Single();
        using (FileStream stream = File.OpenWrite(images))
            stream.SetLength(stream.Length - 1);

        AssertFails(images, "train", "--device", "cpu", "--data", _folder.Path);
    }

    [SkippableFact]
    public async Task InfoTellsThatMnistIsNotThere()
    {
        MnistGpuRun run = await MnistGpuRun.StartProcessAsync([("MNIST_DATA", "")], "data", "info");
        Skip.If(run.Output.StartsWith("MNIST, in "), "MNIST is beside the solution.");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        AssertOneLine(run.Error, "MNIST is not here; `mnistgpu data fetch` downloads it");
    }

    [Fact]
    public async Task ASetThatIsNotMnistIsRefusedToWhoAsksForMnist()
    {
        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [("MNIST_DATA", data.Path)], "data", "info", "--data", "mnist");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        AssertOneLine(run.Error, $"{data.Path}: this data set is not MNIST; leave out --data mnist to use it");
    }

    [SkippableFact]
    public async Task AWorkingDirectoryThatIsGoneIsCalledGone()
    {
        Skip.If(OperatingSystem.IsWindows(), "It cannot be removed there.");
        string gone = Directory.CreateDirectory(Path.Combine(_folder.Path, "gone")).FullName;
        using Process shell = Process.Start(new ProcessStartInfo(
            "bash", ["-c", "cd \"$0\" && rmdir \"$0\" && exec dotnet \"$1\" data info",
                gone, typeof(Program).Assembly.Location])
        {
            RedirectStandardError = true,
            // Where the locale is not installed, bash would warn of it.
            Environment = { ["LC_ALL"] = "C" },
        })!;
        string error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();

        Assert.Equal(1, shell.ExitCode);
        AssertOneLine(error, "the current folder has been removed; change to another");
    }

    [Theory]
    [InlineData("--output")]
    [InlineData("--metrics")]
    public void AnOutputFolderThatDoesNotExistIsNamedBeforeTraining(string option)
    {
        string file = Path.Combine(Missing, "file");
        MnistGpuRun run = AssertFails(Missing, "train", "--device", "cpu", "--data", data.Path, option, file);

        Assert.DoesNotContain("epoch", run.Output);
    }

    [Fact]
    public void AFolderAsOutputIsRefused() =>
        AssertFails(_folder.Path, "train", "--device", "cpu", "--data", data.Path, "--output", _folder.Path);

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
