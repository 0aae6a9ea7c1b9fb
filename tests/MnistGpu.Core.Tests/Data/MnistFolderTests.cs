using System.Security.Cryptography;
using MnistGpu.Core.Data;

namespace MnistGpu.Core.Tests.Data;

/// <summary>Folders as people have them, read and written.</summary>
public sealed class MnistFolderTests : DigitFolders
{
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
        string folder = Path.Combine(Root, "new", "digits");

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
    [InlineData("file/digits", "cannot be made: there can be no folder")]
    public void AFolderThatCannotBeMadeIsNamed(string name, string reason)
    {
        File.WriteAllText(Path.Combine(Root, "file"), "");
        string folder = Path.Combine(Root, name);
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
        File.WriteAllBytes(Path.Combine(folder, Names[0] + ".gz"), IdxContent.Gzip(IdxContent.Images(7)));

        Assert.Equal(IdxContent.Pixels(3), MnistFolder.Load(folder).Train.Pixels);
    }

    [Fact]
    public void AFolderIsNamedByItsLastPartWithOrWithoutASlash() =>
        Assert.Equal("digits", MnistFolder.Load(WriteDataset("digits") + Path.DirectorySeparatorChar).Name);

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
        string moved = Path.Combine(Root, "moved");
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
        string folder = Path.Combine(Root, level);

        Assert.True(MnistFolder.HoldsDataset(folder));
        Assert.Equal("KMNIST", MnistFolder.Load(folder).Name);
        Assert.Equal(2, MnistFolder.LoadTest(folder).Test.Count);
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

    [SkippableFact]
    public void AVariantWithMnistsLabelsIsCalledByItsFolder()
    {
        MnistDataset mnist = MnistFolder.Load(Mnist.Require());
        string folder = Path.Combine(Root, "inverted");
        MnistFolder.Save(folder, mnist with
        {
            Test = new ImageSet([.. mnist.Test.Pixels.Select(pixel => (byte)(255 - pixel))], mnist.Test.Labels),
        });

        Assert.Equal(MnistFolder.Mnist, mnist.Name);
        Assert.Equal("inverted", MnistFolder.Load(folder).Name);
        Assert.Equal("inverted", MnistFolder.LoadTest(folder).Name);
    }

    [SkippableFact]
    public void MnistIsReadWhole()
    {
        // Recognised by hashes and not by the name, which says so only if the checksums are right.
        string? folder = Mnist.Find();
        Skip.IfNot(
            folder is not null && MnistFile.All.All(file => file.FindIn(folder) is string path && file.IsContentOf(path)), "MNIST is not here.");

        MnistDataset mnist = MnistFolder.Load(folder!);

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
