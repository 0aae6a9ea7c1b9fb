using System.Security.Cryptography;
using MnistGpu.Core.Data;

namespace MnistGpu.Core.Tests.Data;

public sealed class MnistFolderTests : IDisposable
{
    private static readonly string[] Names =
        ["train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"];

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    /// <summary>Makes a folder with three images to train on and two to test with.</summary>
    private string WriteDataset(string name, Func<string, string>? spell = null, bool gzip = false)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root.Path, name)).FullName;
        byte[][] contents =
            [IdxContent.Images(3), IdxContent.Labels(5, 0, 4), IdxContent.Images(2), IdxContent.Labels(7, 2)];
        foreach ((string file, byte[] content) in Names.Zip(contents))
            File.WriteAllBytes(
                Path.Combine(folder, spell?.Invoke(file) ?? file), gzip ? IdxContent.Gzip(content) : content);
        return folder;
    }

    private string MakeFolder(params string[] path) =>
        Directory.CreateDirectory(Path.Combine([_root.Path, .. path])).FullName;

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, ".gz")]
    [InlineData(true, ".gz")]
    public void BothSpellingsAreReadWithAndWithoutGz(bool dashed, string extension)
    {
        string folder = WriteDataset("digits", n => (dashed ? n.Replace('.', '-') : n) + extension, extension != "");

        MnistDataset dataset = MnistFolder.Load(folder);

        Assert.True(MnistFolder.HoldsDataset(folder));
        Assert.Equal("digits", dataset.Name);
        Assert.Equal([5, 0, 4], dataset.Train.Labels);
        Assert.Equal(IdxContent.Pixels(3), dataset.Train.Pixels);
        Assert.Equal([7, 2], dataset.Test.Labels);
        Assert.Equal(IdxContent.Pixels(2), dataset.Test.Pixels);
    }

    [Fact]
    public void WhatIsSavedIsWhatIsLoaded()
    {
        MnistDataset saved = new("any", RandomImages.Draw(3), RandomImages.Draw(2, seed: 2));
        string folder = Path.Combine(_root.Path, "new", "digits");

        MnistFolder.Save(folder, saved);
        MnistDataset loaded = MnistFolder.Load(folder);

        Assert.Equal(saved.Train.Pixels, loaded.Train.Pixels);
        Assert.Equal(saved.Train.Labels, loaded.Train.Labels);
        Assert.Equal(saved.Test.Pixels, loaded.Test.Pixels);
        Assert.Equal(saved.Test.Labels, loaded.Test.Labels);
        Assert.Equal(4, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public void SavingNeverReplacesADataset()
    {
        string folder = WriteDataset("digits", n => n.Replace('.', '-') + ".gz", gzip: true);
        MnistDataset other = new("other", RandomImages.Draw(1), RandomImages.Draw(1));

        Assert.Contains(folder, Assert.Throws<IOException>(() => MnistFolder.Save(folder, other)).Message);
        Assert.Equal(3, MnistFolder.Load(folder).Train.Count);
    }

    [Fact]
    public void SavingThatFailsLeavesNoHalfOfADataset()
    {
        // The last file cannot be written: a folder has its name.
        string obstacle = MakeFolder("digits", Names[3]);
        string folder = Path.GetDirectoryName(obstacle)!;
        MnistDataset dataset = new("any", RandomImages.Draw(3), RandomImages.Draw(2));

        Assert.Throws<IOException>(() => MnistFolder.Save(folder, dataset));

        Assert.Empty(Directory.GetFiles(folder));
        Directory.Delete(obstacle);
        MnistFolder.Save(folder, dataset);
        Assert.True(MnistFolder.HoldsDataset(folder));
    }

    [Theory]
    [InlineData("file", "is a file")]
    [InlineData("file/digits", "cannot be made")]
    public void AFolderThatCannotBeMadeIsNamed(string name, string reason)
    {
        File.WriteAllText(Path.Combine(_root.Path, "file"), "");
        string folder = Path.Combine(_root.Path, name);
        MnistDataset dataset = new("any", RandomImages.Draw(1), RandomImages.Draw(1));

        string message = Assert.Throws<IOException>(() => MnistFolder.Save(folder, dataset)).Message;

        Assert.Contains($"{folder} {reason}", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void GzipIsRecognisedUnderAPlainName() =>
        Assert.Equal(3, MnistFolder.Load(WriteDataset("digits", gzip: true)).Train.Count);

    [Fact]
    public void AnUnpackedFileIsReadBeforeItsGzip()
    {
        string folder = WriteDataset("digits");
        File.WriteAllBytes(Path.Combine(folder, Names[1] + ".gz"), IdxContent.Gzip(IdxContent.Labels(1, 1, 1)));

        Assert.Equal([5, 0, 4], MnistFolder.Load(folder).Train.Labels);
    }

    [Fact]
    public void AFolderIsNamedByItsLastPartWithOrWithoutASlash() =>
        Assert.Equal("digits", MnistFolder.Load(WriteDataset("digits") + Path.DirectorySeparatorChar).Name);

    [Fact]
    public void AMissingFolderIsNamed()
    {
        string folder = Path.Combine(_root.Path, "nowhere");

        string message = Assert.Throws<DirectoryNotFoundException>(() => MnistFolder.Load(folder)).Message;

        Assert.StartsWith(folder + ": ", message);
        Assert.EndsWith($"`mnistgpu data fetch --data {folder}` downloads MNIST", message);
        Assert.False(MnistFolder.HoldsDataset(folder));
    }

    [Fact]
    public void TheCommandThatDownloadsNamesAFolderOnlyWhereItHasTo()
    {
        Assert.Equal("`mnistgpu data fetch`", MnistFolder.FetchCommand(MnistFolder.DownloadTarget()));
        Assert.Equal("`mnistgpu data fetch --data \"my digits\"`", MnistFolder.FetchCommand("my digits"));
    }

    [Fact]
    public void AFolderFromTheEnvironmentVariableIsSaidToBe()
    {
        string missing = Path.Combine(_root.Path, "nowhere");
        string empty = MakeFolder("empty");
        const string Origin = " (from the environment variable MNIST_DATA): ";

        Assert.StartsWith(missing + Origin,
            Assert.Throws<DirectoryNotFoundException>(() => MnistFolder.Load(missing, named: missing)).Message);
        Assert.StartsWith(empty + Origin,
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(empty, named: empty)).Message);
        Assert.StartsWith(empty + ": ",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(empty, named: missing)).Message);
    }

    [Fact]
    public void AFileInPlaceOfTheFolderIsCalledOne()
    {
        string file = Path.Combine(WriteDataset("digits"), Names[0]);

        Assert.StartsWith(file + ": this is a file", Assert.Throws<IOException>(() => MnistFolder.Load(file)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AMissingFileIsNamedInBothSpellings(int missing)
    {
        string folder = WriteDataset("digits");
        File.Delete(Path.Combine(folder, Names[missing]));

        string message = Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message;

        Assert.StartsWith(folder + ": ", message);
        Assert.Contains(Names[missing], message);
        Assert.Contains(Names[missing].Replace('.', '-'), message);
        // A download would replace the rest, which is a data set of its own.
        Assert.DoesNotContain("fetch", message);
        Assert.False(MnistFolder.HoldsDataset(folder));
    }

    [Theory]
    [InlineData(0, 1, 3)]
    [InlineData(2, 3, 2)]
    public void ImagesAndLabelsThatDisagreeAreNamedWithTheirCounts(int images, int labels, int count)
    {
        string folder = WriteDataset("digits");
        File.WriteAllBytes(Path.Combine(folder, Names[labels]), IdxContent.Labels(1, 2, 3, 4));

        string message = Assert.Throws<InvalidDataException>(() => MnistFolder.Load(folder)).Message;

        Assert.Equal($"{Path.Combine(folder, Names[images])} has {count} images, " +
            $"but {Path.Combine(folder, Names[labels])} has 4 labels", message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void ASetWithoutImagesIsRefused(int images)
    {
        string folder = WriteDataset("digits");
        File.WriteAllBytes(Path.Combine(folder, Names[images]), IdxContent.Images(0));
        File.WriteAllBytes(Path.Combine(folder, Names[images + 1]), IdxContent.Labels());

        string message = Assert.Throws<InvalidDataException>(() => MnistFolder.Load(folder)).Message;

        Assert.Equal($"{Path.Combine(folder, Names[images])}: there are no images in it", message);
    }

    [Fact]
    public void ADamagedFileIsNamed()
    {
        string folder = WriteDataset("digits");
        File.WriteAllBytes(Path.Combine(folder, Names[3]), IdxContent.Labels(7, 10));

        string message = Assert.Throws<InvalidDataException>(() => MnistFolder.Load(folder)).Message;

        Assert.StartsWith(Path.Combine(folder, Names[3]) + ": label 1 ", message);
        // A download would replace the rest, which is a data set of its own.
        Assert.DoesNotContain("fetch", message);
    }

    [SkippableFact]
    public void WhereTheRestIsMnistADownloadIsAdvised()
    {
        Skip.If(MnistFolder.Find() is null, "MNIST is not here.");
        string folder = MakeFolder("damaged");
        foreach (MnistFile file in MnistFile.All)
            File.Copy(file.FindIn(MnistFolder.Find()!)!, Path.Combine(folder, Path.GetFileName(file.FindIn(MnistFolder.Find()!)!)));
        string labels = MnistFile.TestLabels.FindIn(folder)!;
        File.WriteAllBytes(labels, File.ReadAllBytes(labels)[..^100]);

        Assert.EndsWith($"; `mnistgpu data fetch --data {folder}` downloads MNIST",
            Assert.Throws<InvalidDataException>(() => MnistFolder.Load(folder)).Message);
        File.Delete(labels);
        Assert.EndsWith($"; `mnistgpu data fetch --data {folder}` downloads MNIST",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message);
    }

    /// <summary>As a browser and an unpacking program leave the files.</summary>
    [Theory]
    [InlineData("train-images-idx3-ubyte (1).gz")]
    [InlineData("train-images-idx3-ubyte(2).gz")]
    [InlineData("train-images-idx3-ubyte.gz (1)")]
    [InlineData("train-images (1).idx3-ubyte")]
    [InlineData("train-images.idx3-ubyte (12)")]
    [InlineData("train-images-idx3-ubyte/train-images-idx3-ubyte")]
    [InlineData("train-images.idx3-ubyte/train-images-idx3-ubyte")]
    [InlineData("train-images-idx3-ubyte.gz/train-images-idx3-ubyte")]
    public void ACopyOrAFolderOfTheNameWillDo(string path)
    {
        string folder = WriteDataset("digits");
        string moved = Path.Combine(_root.Path, "moved");
        File.Move(Path.Combine(folder, Names[0]), moved);
        string found = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(found)!);
        File.Move(moved, found);

        Assert.Equal(found, MnistFile.TrainImages.FindIn(folder));
        Assert.Equal(3, MnistFolder.Load(folder).Train.Count);
    }

    [Fact]
    public void AFileOfTheRightNameComesBeforeACopy()
    {
        string folder = WriteDataset("digits");
        File.WriteAllText(Path.Combine(folder, "train-images-idx3-ubyte (1)"), "a copy");

        Assert.Equal(Path.Combine(folder, Names[0]), MnistFile.TrainImages.FindIn(folder));
    }

    [Theory]
    [InlineData("data")]
    [InlineData("data/KMNIST")]
    [InlineData("data/KMNIST/raw")]
    public void TorchvisionsFoldersAreReadFromAnyLevel(string level)
    {
        WriteDataset("data/KMNIST/raw", name => name.Replace('.', '-') + ".gz", gzip: true);
        string folder = Path.Combine(_root.Path, level);

        Assert.True(MnistFolder.HoldsDataset(folder));
        Assert.Equal("KMNIST", MnistFolder.Load(folder).Name);
        Assert.Equal(2, MnistFolder.LoadTest(folder).Test.Count);
    }

    [Fact]
    public void OfSeveralDataSetsBelowAFolderNoneIsPicked()
    {
        string one = WriteDataset("data/FashionMNIST/raw");
        string other = WriteDataset("data/MNIST/raw");
        string folder = Path.Combine(_root.Path, "data");

        Assert.Equal($"{folder}: there are several data sets below it; name one, such as {one} or {other}",
            Assert.Throws<IOException>(() => MnistFolder.Load(folder)).Message);
    }

    [Fact]
    public void ForATestTheImagesToTrainOnNeedNotBeThere()
    {
        string folder = WriteDataset("digits");
        File.Delete(Path.Combine(folder, Names[0]));
        File.Delete(Path.Combine(folder, Names[1]));

        (string name, ImageSet test) = MnistFolder.LoadTest(folder);

        Assert.Equal("digits", name);
        Assert.Equal([7, 2], test.Labels);
    }

    [Fact]
    public void InAnEmptyFolderADownloadIsAdvised()
    {
        string folder = MakeFolder("empty");

        Assert.EndsWith($"; the folder is empty; `mnistgpu data fetch --data {folder}` downloads MNIST",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message);
    }

    [Fact]
    public void WhatIsThereInsteadIsNamed()
    {
        string folder = MakeFolder("csv");
        foreach (string name in new[] { "mnist_test.csv", "mnist_train.csv" })
            File.WriteAllText(Path.Combine(folder, name), "");

        Assert.Contains("; there is mnist_test.csv, mnist_train.csv; ",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message);
    }

    [SkippableFact]
    public void AFolderThatIsALinkToNothingIsCalledOne()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a link takes rights there that a test may not have.");
        string link = Path.Combine(_root.Path, "link");
        Directory.CreateSymbolicLink(link, "gone");

        Assert.Equal($"{link}: this is a link to {Path.Combine(_root.Path, "gone")}, which is not there",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(link)).Message);
    }

    [SkippableFact]
    public void AFolderThatMayNotBeReadIsCalledThat()
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root may read everything.");
        string folder = WriteDataset("digits");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, UnixFileMode.None);

        Assert.Contains("this folder may not be read", Assert.Throws<IOException>(() => MnistFolder.Load(folder)).Message);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [SkippableFact]
    public void AVariantWithMnistsLabelsIsCalledByItsFolder()
    {
        Skip.If(MnistFolder.Find() is null, "MNIST is not here.");
        MnistDataset mnist = MnistFolder.Load(MnistFolder.Find()!);
        string folder = Path.Combine(_root.Path, "inverted");
        MnistFolder.Save(folder, mnist with
        {
            Test = new ImageSet([.. mnist.Test.Pixels.Select(pixel => (byte)(255 - pixel))], mnist.Test.Labels),
        });

        Assert.Equal(MnistFolder.Mnist, mnist.Name);
        Assert.Equal("inverted", MnistFolder.Load(folder).Name);
        Assert.Equal("inverted", MnistFolder.LoadTest(folder).Name);
    }

    [Fact]
    public void TheEnvironmentVariableComesFirstEvenWithoutTheFiles()
    {
        string work = Path.GetDirectoryName(WriteDataset("mnist_data"))!;

        Assert.Equal("elsewhere", MnistFolder.Find("elsewhere", work, work));
        Assert.Equal("elsewhere", MnistFolder.DownloadTarget("elsewhere", work, work));
        Assert.Equal(Path.Combine(work, "mnist_data"), MnistFolder.Find("", work, work));
    }

    [Fact]
    public void TheWorkingDirectoryIsSearchedBeforeTheSolution()
    {
        string besideSolution = WriteDataset("mnist_data");
        File.WriteAllText(Path.Combine(_root.Path, "MnistGpu.sln"), "");
        string work = MakeFolder("a", "b");
        string program = MakeFolder("bin");

        Assert.Equal(besideSolution, MnistFolder.Find(null, work, program));
        string inWork = WriteDataset(Path.Combine("a", "b", "mnist_data"));
        Assert.Equal(inWork, MnistFolder.Find(null, work, program));
        Assert.Equal(besideSolution, MnistFolder.DownloadTarget(null, work, program));
    }

    [Fact]
    public void TheNearestSolutionAboveIsTaken()
    {
        WriteDataset("mnist_data");
        File.WriteAllText(Path.Combine(_root.Path, "MnistGpu.sln"), "");
        string inner = WriteDataset(Path.Combine("inner", "mnist_data"));
        File.WriteAllText(Path.Combine(_root.Path, "inner", "MnistGpu.sln"), "");

        Assert.Equal(inner, MnistFolder.Find(null, MakeFolder("inner", "src"), MakeFolder("bin")));
    }

    [Fact]
    public void TheSolutionAboveTheProgramIsSearchedToo()
    {
        string besideSolution = WriteDataset(Path.Combine("solution", "mnist_data"));
        File.WriteAllText(Path.Combine(_root.Path, "solution", "MnistGpu.sln"), "");
        string work = MakeFolder("work");
        string program = MakeFolder("solution", "src", "bin");

        Assert.Equal(besideSolution, MnistFolder.Find(null, work, program));
        Assert.Equal(besideSolution, MnistFolder.DownloadTarget(null, work, program));
    }

    [Fact]
    public void WhereNothingHasTheFilesNothingIsFound()
    {
        File.Delete(Path.Combine(WriteDataset("mnist_data"), Names[2]));

        Assert.Null(MnistFolder.Find(null, _root.Path, _root.Path));
        Assert.Equal(
            Path.Combine(_root.Path, "mnist_data"), MnistFolder.DownloadTarget(null, _root.Path, _root.Path));
    }

    [SkippableFact]
    public void MnistIsReadWhole()
    {
        Skip.If(MnistFolder.Find() is null, "MNIST is not here.");

        MnistDataset mnist = MnistFolder.Load(MnistFolder.Find()!);

        Assert.Equal("MNIST", mnist.Name);
        Assert.Equal(5, mnist.Train.Labels[0]);
        Assert.Equal(7, mnist.Test.Labels[0]);
        Assert.Equal(MnistFile.TrainImages.Sha256, Sha256(IdxContent.Images(60_000, mnist.Train.Pixels)));
        Assert.Equal(MnistFile.TrainLabels.Sha256, Sha256(IdxContent.Labels(60_000, mnist.Train.Labels)));
        Assert.Equal(MnistFile.TestImages.Sha256, Sha256(IdxContent.Images(10_000, mnist.Test.Pixels)));
        Assert.Equal(MnistFile.TestLabels.Sha256, Sha256(IdxContent.Labels(10_000, mnist.Test.Labels)));

        static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
