using MnistGpu.Core.Data;

namespace MnistGpu.Core.Tests.Data;

/// <summary>What is said of a folder that cannot be read.</summary>
public sealed class MnistFolderFaultTests : DigitFolders
{
    [Fact]
    public void AMissingFolderIsNamed()
    {
        string folder = Path.Combine(Root, "nowhere");

        IncompleteMnistException exception = Assert.Throws<IncompleteMnistException>(() => MnistFolder.Load(folder));

        Assert.Equal($"{folder}: there is no such folder", exception.Message);
        Assert.Equal(folder, exception.Folder);
        Assert.False(MnistFolder.HoldsDataset(folder));
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

        // No incomplete MNIST: a download would replace the rest, which is a data set of its own.
        string message = Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message;

        Assert.StartsWith(folder + ": ", message);
        Assert.Contains(Names[missing], message);
        Assert.Contains(Names[missing].Replace('.', '-'), message);
        Assert.False(MnistFolder.HoldsDataset(folder));
        Assert.Equal(missing < 2, MnistFolder.HoldsTest(folder));
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

        // No incomplete MNIST: a download would replace the rest, which is a data set of its own.
        string message = Assert.Throws<InvalidDataException>(() => MnistFolder.Load(folder)).Message;

        Assert.StartsWith(Path.Combine(folder, Names[3]) + ": label 1 ", message);
    }

    [SkippableFact]
    public void WhatIsLeftOfMnistIsCalledIncomplete()
    {
        string mnist = Mnist.Require();
        string folder = MakeFolder("damaged");
        foreach (string file in MnistFile.All.Select(file => file.FindIn(mnist)!))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        string labels = MnistFile.TestLabels.FindIn(folder)!;
        File.WriteAllBytes(labels, File.ReadAllBytes(labels)[..^100]);

        Assert.StartsWith(labels, Assert.Throws<IncompleteMnistException>(() => MnistFolder.Load(folder)).Message);
        File.Delete(labels);
        Assert.Contains("there is neither t10k-labels.idx1-ubyte", Assert.Throws<IncompleteMnistException>(() => MnistFolder.Load(folder)).Message);
    }

    [Fact]
    public void AnEmptyFolderIsAnIncompleteMnist()
    {
        string folder = MakeFolder("empty");

        IncompleteMnistException exception = Assert.Throws<IncompleteMnistException>(() => MnistFolder.Load(folder));

        Assert.EndsWith("; the folder is empty", exception.Message);
        Assert.Equal(folder, exception.Folder);
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
    [InlineData("train.csv.zip", "unpack train.csv.zip there")]
    [InlineData("train-images-idx3-ubyte.txt", "rename 'train-images-idx3-ubyte.txt' to train-images-idx3-ubyte")]
    [InlineData("train-images-idx3-ubyte.xz", "unpack train-images-idx3-ubyte.xz there")]
    [InlineData("TRAIN-IMAGES-IDX3-UBYTE.GZ", "rename 'TRAIN-IMAGES-IDX3-UBYTE.GZ' to train-images-idx3-ubyte.gz")]
    [InlineData(" train-images.idx3-ubyte", "rename ' train-images.idx3-ubyte' to train-images.idx3-ubyte")]
    [InlineData("my-train-images.idx3-ubyte.gz", "rename 'my-train-images.idx3-ubyte.gz' to train-images.idx3-ubyte.gz")]
    [InlineData("digit-recognizer.zip", "unpack digit-recognizer.zip there")]
    public void WhatIsPackedOrNearlyNamedRightGetsAdvice(string name, string advice)
    {
        Skip.If(OperatingSystem.IsWindows(), "Names differ.");
        string folder = MakeFolder("near");
        File.WriteAllBytes(Path.Combine(folder, name), IdxContent.Images(3));

        Assert.EndsWith(advice, Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message);
    }

    [Fact]
    public void WhatIsThereInsteadIsNamed()
    {
        string folder = MakeFolder("other");
        foreach (string name in new[] { "a.txt", "holidays.zip" })
            File.WriteAllText(Path.Combine(folder, name), "");

        Assert.EndsWith("; there is a.txt, holidays.zip",
            Assert.Throws<IncompleteMnistException>(() => MnistFolder.Load(folder)).Message);
    }

    /// <summary>What somebody has in another form is not taken for nothing, which a download would fill.</summary>
    [Theory]
    [InlineData("emnist-letters-train-images-idx3-ubyte", "this is EMNIST's, whose images lie on their side; turn them with x.reshape(-1, 28, 28).transpose(0, 2, 1)")]
    [InlineData("emnist-digits-train.csv", "this is EMNIST's, whose images lie on their side; ")]
    [InlineData("data/train-00000-of-00001.parquet", "this is a Parquet file; load it with pandas.read_parquet ")]
    [InlineData("mnist/data-00000-of-00001.arrow", "this is an Arrow file; load it with datasets.load_from_disk ")]
    [InlineData("mnist.pkl.gz", "this is a Python pickle; load it with pickle.load ")]
    [InlineData("MNIST/processed/training.pt", "this is a PyTorch file; load it with torch.load ")]
    [InlineData("mnist-original.mat", "this is a MATLAB file; load it with scipy.io.loadmat ")]
    [InlineData("mnist_784.arff", "this is an ARFF file; load it with scipy.io.arff.loadarff ")]
    [InlineData("usps.h5", "this is an HDF5 file; load it with h5py.File ")]
    [InlineData("kmnist-train-imgs.npy", "this is a NumPy array without a name; load it with numpy.load ")]
    [InlineData("3.0.1/mnist-train.tfrecord-00000-of-00001", "this is a file of TFRecords; load it with tensorflow_datasets.load ")]
    public void OtherFormsAreCalledWhatTheyAre(string name, string what)
    {
        string folder = MakeFolder("other"), file = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, [1, 2, 3]);

        string ofFolder = Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message;
        string ofFile = Assert.Throws<IOException>(() => MnistFolder.Load(file)).Message;

        Assert.StartsWith($"{folder}: {name.Replace('/', Path.DirectorySeparatorChar)}: {what}", ofFolder);
        Assert.StartsWith($"{file}: {what}", ofFile);
        Assert.EndsWith("save the arrays with numpy.savez('mnist.npz', x_train=…, y_train=…, x_test=…, y_test=…), which is read", ofFile);
    }

    [Fact]
    public void APictureForEachImageIsOneToo()
    {
        string folder = MakeFolder("pictures");
        for (int i = 0; i < 10; i++)
        {
            Assert.DoesNotContain("picture;", Assert.Throws<IncompleteMnistException>(() => MnistFolder.Load(folder)).Message);
            Directory.CreateDirectory(Path.Combine(folder, "train", $"{i}"));
            File.WriteAllBytes(Path.Combine(folder, "train", $"{i}", "1.png"), []);
        }

        Assert.StartsWith($"{folder}: {Path.Combine("train", "0", "1.png")}: this is a picture; load all of them with PIL.Image.open",
            Assert.Throws<FileNotFoundException>(() => MnistFolder.Load(folder)).Message);
    }

    [SkippableFact]
    public void AFolderThatIsALinkToNothingIsCalledOne()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a link takes rights there that a test may not have.");
        string link = Path.Combine(Root, "link");
        Directory.CreateSymbolicLink(link, "gone");

        Assert.Equal($"{link}: this is a link to {Path.Combine(Root, "gone")}, which does not exist",
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
