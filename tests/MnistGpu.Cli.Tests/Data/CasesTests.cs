using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MnistGpu.Core.Data;
using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;

namespace MnistGpu.Cli.Tests.Data;

/// <summary>
/// What people really have: the files in tests/cases, whose README.md says what each is, and cases of the same kind that
/// need no file.
/// </summary>
public sealed partial class CasesTests(CasesTests.TrainedModel model) : IClassFixture<CasesTests.TrainedModel>, IDisposable
{
    private static readonly string s_cases = Path.Combine(Repository.Folder, "tests", "cases");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("ruled-paper", 2)]
    [InlineData("frame", 4)]
    [InlineData("desk-and-scan-edge", 2)]
    [InlineData("exif", 14)]
    public void APictureIsReadAsTheDigitThatItsNameBeginsWith(string folder, int count)
    {
        string[] pictures = Pictures(folder);
        Assert.Equal(count, pictures.Length);

        Assert.Equal(pictures.Select(picture => Path.GetFileName(picture)[0] - '0'), Digits(pictures));
    }

    /// <summary>In the chunk eXIf, and in zTXt as older programs write it.</summary>
    [Fact]
    public void EveryOrientationIsTurnedUpright()
    {
        foreach (IGrouping<char, string> turned in Pictures("exif").GroupBy(picture => Path.GetFileName(picture)[0]))
        {
            byte[] upright = Picture.Read(Path.Combine(s_cases, "exif", $"{turned.Key}-upright.png")).Pixels;
            Assert.All(turned, picture => Assert.Equal(upright, Picture.Read(picture).Pixels));
        }
    }

    /// <summary>A test image is given to the network as it is, and so is a picture of one.</summary>
    [Fact]
    public void PicturesOfFashionMnistsTestImagesAreReadAsTestImages()
    {
        string[] pictures = Pictures("fashion");
        Assert.Equal(14, pictures.Length);

        Assert.All(pictures, path =>
        {
            GrayImage picture = Picture.Read(path);
            Assert.Equal(picture.Pixels, DigitNormalizer.ToMnist(picture));
            Assert.True(DigitNormalizer.IsMnistForm(picture));
        });
    }

    [SkippableTheory]
    [InlineData(87.5, "--batch-size", "60000", "--epochs", "100")]
    [InlineData(87.7, "--batch-size", "10000", "--epochs", "20")]
    [InlineData(86.4, "--hidden", "1000", "--batch-size", "256")]
    public void OtherSizesReachWhatTheyCanToo(double accuracy, params string[] sizes)
    {
        MnistGpuRun run = Start(["train", "--data", "MNIST", "--device", "cpu", "--quiet", .. sizes]);

        Assert.InRange(Accuracy().Match(run.Output).Groups[1].Value is { Length: > 0 } value ? double.Parse(value) : 0, accuracy, 100);
    }

    [SkippableFact]
    public void ALowLearningRateIsAdvisedToBeRaised() => Assert.EndsWith("the learning rate is too low: leave it and the momentum to the program, which chooses 0.5",
        Start("train", "--data", "MNIST", "--device", "cpu", "--learning-rate", "1e-6").Error.TrimEnd());

    [Fact]
    public async Task AProxysPasswordIsNotTold()
    {
        using LocalMirror proxy = LocalMirror.Serving();

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [("HTTPS_PROXY", $"http://user:secret@{proxy.Uri.Authority}")], "data", "fetch", "--data", Path.Combine(_folder.Path, "new"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"through the proxy {proxy.Uri.Authority}: it answers HTTP ", run.Error);
        Assert.DoesNotContain("secret", run.Error);
    }

    [Theory]
    [InlineData("small-valid-set")]
    [InlineData("nested-folders")]
    [InlineData("browser-copies")]
    public void DownloadedFilesAreFoundUnderTheNamesThatTheyGet(string folder) =>
        Assert.Matches(@"images\s+│\s+50 │\s+20 │", Start("data", "info", "--data", $"CASES/{folder}").Output);

    [Theory]
    [InlineData("not-what-the-name-says/html", "train-images-idx3-ubyte.gz: this is a web page, not a file of images")]
    [InlineData("not-what-the-name-says/lfs-pointer",
        "train-images-idx3-ubyte.gz: this is a Git LFS pointer (`git lfs pull` fetches the file itself), not a file of images")]
    [InlineData("not-what-the-name-says/double-gzip",
        "train-images-idx3-ubyte.gz: unpacked, this is a gzip file, not a file of images")]
    [InlineData("not-what-the-name-says/zip-named-gz", "train-images-idx3-ubyte.gz: this is a zip archive, not a file of images")]
    [InlineData("other-sets/emnist-letters", "train-labels-idx1-ubyte: label 9 (counted from 0) is 10; "
        + "a digit is 0 to 9 (sets of letters, such as EMNIST's, cannot be read)")]
    [InlineData("other-sets/qmnist",
        "train-labels-idx1-ubyte: this is an IDX file of numbers in rows, such as QMNIST's labels, not a file of labels")]
    public void AFaultOfADataSetIsNamedAlone(string folder, string fault)
    {
        MnistGpuRun run = Start("data", "info", "--data", $"CASES/{folder}");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Equal($"mnistgpu: {Path.Combine(s_cases, folder)}/{fault}", run.Error.TrimEnd());
    }

    [SkippableTheory]
    [InlineData("good.npz")]
    [InlineData("descr-float32.npz")]
    [InlineData("descr-native.npz")]
    [InlineData("members-without-npy.npz")]
    [InlineData("python2-L.npz")]
    public void ANetworkThatNumPyReadsIsLoaded(string name)
    {
        MnistGpuRun run = Start("evaluate", "--data", "MNIST", "--device", "cpu", "--model", $"CASES/npz-that-numpy-reads/{name}");

        Assert.Equal("91.55", Accuracy().Match(run.Output).Groups[1].Value);
    }

    [Theory]
    [InlineData("dict.npy", "a NumPy .npy file")]
    [InlineData("gzipped.npz", "a gzip file")]
    [InlineData("html.npz", "a web page")]
    [InlineData("lfs.npz", "a Git LFS pointer (`git lfs pull` fetches the file itself)")]
    [InlineData("model.h5", "an HDF5 file")]
    public void AFileThatIsNoModelIsCalledWhatItIs(string name, string kind)
    {
        MnistGpuRun run = Start("evaluate", "--device", "cpu", "--data", "CASES/small-valid-set", "--model", $"CASES/not-an-npz/{name}");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"mnistgpu: {s_cases}/not-an-npz/{name} is not a usable model: it is {kind}, "
            + "not an .npz archive such as numpy.savez writes.", run.Error.TrimEnd());
    }

    /// <summary>Only what has all four arrays is one.</summary>
    [Fact]
    public void ASafetensorsFileThatIsNoModelSaysWhatItLacks() => Assert.Equal(
        Named("mnistgpu: CASES/not-an-npz/model.safetensors is not a usable model: array b1 is missing; "
            + "a model has W1, b1, W2 and b2, this file has W1."),
        Start("evaluate", "--device", "cpu", "--data", "CASES/small-valid-set", "--model", "CASES/not-an-npz/model.safetensors").Error.TrimEnd());

    [SkippableTheory]
    [InlineData("NEW/file/train-images-idx3-ubyte", "NEW/.git/annex/objects/x/train-images", "data", "info", "--data", "NEW/file")]
    [InlineData("NEW/mnist", "/nonexistent/mnist", "data", "info", "--data", "NEW/mnist")]
    [InlineData("NEW/model.npz", "/nonexistent/model.npz", "evaluate", "--device", "cpu", "--data", "CASES/small-valid-set", "--model", "NEW/model.npz")]
    [InlineData("NEW/digit.png", "/nonexistent/digit.png", "predict", "--model", "MODEL", "NEW/digit.png")]
    public void ADanglingLinkIsCalledOne(string link, string target, params string[] command)
    {
        // As git-annex and DVC leave them where the content was not fetched.
        string file = Directory.CreateDirectory(Path.Combine(_folder.Path, "file")).FullName;
        foreach (string valid in Directory.GetFiles(Path.Combine(s_cases, "small-valid-set")))
            File.Copy(valid, Path.Combine(file, Path.GetFileName(valid)));
        File.Delete(Path.Combine(file, "train-images-idx3-ubyte.gz"));
        File.CreateSymbolicLink(Path.Combine(file, "train-images-idx3-ubyte"), "../.git/annex/objects/x/train-images");
        foreach (string name in (string[])["mnist", "model.npz", "digit.png"])
            File.CreateSymbolicLink(Path.Combine(_folder.Path, name), $"/nonexistent/{name}");

        MnistGpuRun run = Start(command);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(Named($"mnistgpu: {link}: this is a link to {target}, which does not exist"), run.Error.TrimEnd());
    }

    [SkippableTheory]
    [InlineData("##", "predict", "--model", "MODEL", "CASES/exif/4-upright.png")]
    [InlineData("cpu ", "devices")]
    public async Task ALocaleWithoutBordersAndShadesGetsAscii(string drawn, params string[] command)
    {
        Skip.If(OperatingSystem.IsWindows(), "A Windows console has no locale of this kind.");

        MnistGpuRun run = await StartProcessAsync(("LC_ALL", "de_DE.ISO-8859-1"), command);

        Assert.Equal(0, run.ExitCode);
        Assert.True(Ascii.IsValid(run.Output), run.Output);
        Assert.Contains(drawn, run.Output);
        Assert.DoesNotContain("?", run.Output);
    }

    [SkippableFact]
    public void ABadPictureDoesNotKeepTheOthersFromBeingRead()
    {
        MnistGpuRun run = Start(["predict", "--model", "MODEL", .. "1.png Thumbs.db 2.png blank.png 7.png".Split(' ')
            .Select(name => $"CASES/one-bad-picture/{name}")]);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal([1, 2, 7], Title().Matches(run.Output).Select(match => int.Parse(match.Groups[1].Value)));
        Assert.Equal(2, run.Error.TrimEnd().Split('\n').Length);
        Assert.Contains("Thumbs.db cannot be used: it is not a picture", run.Error);
        Assert.Matches("No digit found in .*blank.png", run.Error);
    }

    [SkippableTheory]
    [InlineData("train", "--device", "cpu", "--limit", "100", "--data", "MNIST")]
    [InlineData("data", "info", "--data", "MNIST")]
    public async Task ImagesThatDoNotFitInMemoryAreSaidNotTo(params string[] command)
    {
        MnistGpuRun run = await StartProcessAsync(("DOTNET_GCHeapHardLimit", "0x2800000"), command);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(Named("mnistgpu: not enough memory for the images in MNIST: name a smaller set with --data"), run.Error.TrimEnd());
    }

    [SkippableFact]
    public async Task AVariantWithMnistsLabelsIsNotCalledMnist()
    {
        MnistDataset mnist = MnistFolder.Load(Mnist.Require());
        string variant = Path.Combine(_folder.Path, "inverted");
        ImageSet inverted = new([.. mnist.Test.Pixels.Select(pixel => (byte)(255 - pixel))], mnist.Test.Labels);
        MnistFolder.Save(variant, mnist with { Test = inverted });

        Assert.StartsWith("inverted, in ", Start("data", "info", "--data", variant).Output);
        MnistGpuRun refused = await StartProcessAsync(("MNIST_DATA", variant), "data", "info", "--data", "mnist");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("this data set is not MNIST", refused.Error);
    }

    private static string[] Pictures(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(s_cases, folder), "*.png", SearchOption.AllDirectories).Order()];

    private IEnumerable<int> Digits(string[] pictures) =>
        JsonDocument.Parse(MnistGpuRun.Succeed(["predict", "--model", model.Require(), "--json", .. pictures]).Output)
            .RootElement.EnumerateArray().Select(prediction => prediction.GetProperty("digit").GetInt32());

    private MnistGpuRun Start(params string[] command) => MnistGpuRun.Start([.. command.Select(Named)]);

    private Task<MnistGpuRun> StartProcessAsync((string, string) variable, params string[] command) =>
        MnistGpuRun.StartProcessAsync([variable], [.. command.Select(Named)]);

    private string Named(string text) => Name().Replace(text, name => name.Value switch
    {
        "CASES" => s_cases,
        "MNIST" => Mnist.Require(),
        "MODEL" => model.Require(),
        _ => _folder.Path,
    });

    /// <summary>What stands for a path in a command: NEW is a folder for the test to write in.</summary>
    [GeneratedRegex(@"\b(CASES|MNIST|MODEL|NEW)\b")]
    private static partial Regex Name();

    [GeneratedRegex(@"accuracy (\d+\.\d\d) %")]
    private static partial Regex Accuracy();

    [GeneratedRegex(@"\.png: (\d)$", RegexOptions.Multiline)]
    private static partial Regex Title();

    /// <summary>A network of the default settings, trained on MNIST once for all tests here.</summary>
    public sealed class TrainedModel : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        /// <summary>The file that it is in; skips the test where MNIST is missing.</summary>
        public string Require()
        {
            string mnist = Mnist.Require();
            string file = Path.Combine(_folder.Path, "model.npz");
            if (!File.Exists(file))
                MnistGpuRun.Succeed("train", "--data", mnist, "--device", "cpu", "--quiet", "--output", file);
            return file;
        }

        public void Dispose() => _folder.Dispose();
    }
}
