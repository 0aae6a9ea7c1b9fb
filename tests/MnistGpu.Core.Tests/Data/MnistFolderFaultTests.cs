using MnistGpu.Core.Data;

namespace MnistGpu.Core.Tests.Data;

/// <summary>What is said of a folder that cannot be read.</summary>
public sealed class MnistFolderFaultTests : DigitFolders
{
    [Fact]
    public void AMissingFolderIsNamed()
    {
        string folder = Path.Combine(Root, "nowhere");

        string message = Assert.Throws<DirectoryNotFoundException>(() => MnistFolder.Load(folder)).Message;

        Assert.StartsWith(folder + ": ", message);
        Assert.EndsWith($"`mnistgpu data fetch --data {folder}` downloads MNIST", message);
        Assert.False(MnistFolder.HoldsDataset(folder));
    }

    [Fact]
    public void TheCommandThatDownloadsNamesAFolderOnlyWhereItHasTo()
    {
        Assert.Equal("`mnistgpu data fetch`", MnistFolder.FetchCommand(MnistFolder.DownloadTarget()));
        Assert.Equal($"`mnistgpu data fetch --data {Shell.Quote("my digits")}`", MnistFolder.FetchCommand("my digits"));
    }

    [Fact]
    public void AFolderFromTheEnvironmentVariableIsSaidToBe()
    {
        string missing = Path.Combine(Root, "nowhere");
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
        string mnist = Mnist.Require();
        string folder = MakeFolder("damaged");
        foreach (string file in MnistFile.All.Select(file => file.FindIn(mnist)!))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        string labels = MnistFile.TestLabels.FindIn(folder)!;
        File.WriteAllBytes(labels, File.ReadAllBytes(labels)[..^100]);

        Assert.EndsWith($"; `mnistgpu data fetch --data {folder}` downloads MNIST",
            Assert.Throws<InvalidDataException>(() => MnistFolder.Load(folder)).Message);
        File.Delete(labels);
        Assert.EndsWith($"; `mnistgpu data fetch --data {folder}` downloads MNIST",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message);
    }

    [Fact]
    public void InAnEmptyFolderADownloadIsAdvised()
    {
        string folder = MakeFolder("empty");

        Assert.EndsWith($"; the folder is empty; `mnistgpu data fetch --data {folder}` downloads MNIST",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message);
    }

    [Theory]
    [InlineData("train-labels-idx1-ubyte.gz")]
    [InlineData("train-labels.idx1-ubyte (1)")]
    [InlineData("t10k-labels-idx1-ubyte/t10k-labels-idx1-ubyte")]
    public void TwoDataSetsInOneFolderAreRefused(string other)
    {
        string folder = WriteDataset("digits");
        string path = Path.Combine(folder, other);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        bool isTest = other.StartsWith("t10k");
        // A second copy of the same is none, and neither is what is left of a broken download.
        File.WriteAllBytes(path, isTest ? IdxContent.Labels(7, 2) : IdxContent.Labels(5, 0, 4));
        MnistFolder.Load(folder);
        File.WriteAllBytes(path, IdxContent.Labels(7, 1)[..^1]);
        MnistFolder.Load(folder);

        File.WriteAllBytes(path, IdxContent.Labels(7, 1));

        Assert.Equal($"{Path.Combine(folder, Names[isTest ? 3 : 1])} and {path} are of two data sets; move one of them to a folder of its own",
            Assert.Throws<IOException>(() => MnistFolder.Load(folder)).Message);
    }

    [SkippableTheory]
    [InlineData("archive.zip", "unpack archive.zip there")]
    [InlineData("mnist_png.tar.gz", "unpack mnist_png.tar.gz there")]
    [InlineData("train-images-idx3-ubyte.xz", "unpack train-images-idx3-ubyte.xz there")]
    [InlineData("TRAIN-IMAGES-IDX3-UBYTE.GZ", "rename TRAIN-IMAGES-IDX3-UBYTE.GZ to train-images-idx3-ubyte.gz")]
    [InlineData(" train-images.idx3-ubyte", "rename ' train-images.idx3-ubyte' to train-images.idx3-ubyte")]
    [InlineData("my-train-images.idx3-ubyte.gz", "rename my-train-images.idx3-ubyte.gz to train-images.idx3-ubyte.gz")]
    [InlineData("emnist-letters-train-images-idx3-ubyte", "downloads MNIST")]
    [InlineData("holidays.zip", "downloads MNIST")]
    public void WhatIsPackedOrNearlyNamedRightGetsAdvice(string name, string advice)
    {
        Skip.If(OperatingSystem.IsWindows(), "Quotes differ, and so do names.");
        string folder = MakeFolder("near");
        File.WriteAllBytes(Path.Combine(folder, name), IdxContent.Images(3));

        Assert.EndsWith(advice, Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message);
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
        string link = Path.Combine(Root, "link");
        Directory.CreateSymbolicLink(link, "gone");

        Assert.Equal($"{link}: this is a link to {Path.Combine(Root, "gone")}, which is not there",
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

    [Fact]
    public void OfSeveralDataSetsBelowAFolderNoneIsPicked()
    {
        string one = WriteDataset("data/FashionMNIST/raw");
        string other = WriteDataset("data/MNIST/raw");
        string folder = Path.Combine(Root, "data");

        Assert.Equal($"{folder}: there are several data sets below it; name one, such as {one} or {other}",
            Assert.Throws<IOException>(() => MnistFolder.Load(folder)).Message);
    }
}
