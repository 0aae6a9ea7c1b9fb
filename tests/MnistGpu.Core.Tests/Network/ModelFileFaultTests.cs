using System.IO.Compression;
using System.Text;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Tests.Network;

/// <summary>What is said of a file that is no model.</summary>
public sealed class ModelFileFaultTests : ModelFiles
{
    [Theory]
    [InlineData("\u0093NUMPY\u0001\0v\0{'descr': '|O', }", "a NumPy .npy file")]
    [InlineData("\u0089HDF\r\n\u001A\n\0\0", "an HDF5 file")]
    [InlineData("\u0080\u0002}q\0.", "a Python pickle")]
    [InlineData("\u0008\u000D\u0012\u0008MnistGpu", "an ONNX model")]
    [InlineData("\u001F\u008B\u0008\0\0", "a gzip file")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer")]
    [InlineData("<html>", "a web page")]
    [InlineData("", "an empty file")]
    public void WhatIsNoArchiveIsCalledWhatItIs(string content, string kind)
    {
        File.WriteAllBytes(ModelPath, Encoding.Latin1.GetBytes(content));

        AssertRefused($"it is {kind}", ", not an .npz archive");
    }

    [Theory]
    [InlineData("archive/data.pkl", "this file is PyTorch's")]
    [InlineData("model.weights.h5", "this file is Keras'")]
    public void AnotherFrameworksArchiveIsCalledByIt(string member, string owner)
    {
        using (var archive = new ZipArchive(File.Create(ModelPath), ZipArchiveMode.Create))
            archive.CreateEntry(member);

        AssertRefused("W1", owner);
    }

    [SkippableFact]
    public void ALinkWithoutItsFileIsCalledOne()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a link takes rights there that a test may not have.");
        File.CreateSymbolicLink(ModelPath, "gone");

        Assert.Equal($"{ModelPath}: this is a link to {Path.Combine(Folder, "gone")}, which does not exist",
            Assert.Throws<FileNotFoundException>(() => ModelFile.Load(ModelPath)).Message);
        File.Delete(ModelPath);
        File.CreateSymbolicLink(ModelPath, Path.GetFileName(ModelPath));
        Assert.Equal($"{ModelPath}: this is a link that leads back to itself",
            Assert.Throws<IOException>(() => ModelFile.Load(ModelPath)).Message);
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (10,), }", "pickled")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (10,), }", "type c8; floats of 16 to 64 bits and integers")]
    [InlineData("{'descr': 'a\nb', 'fortran_order': False, 'shape': (10,), }", "another type")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (10,), }", "header")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (10,), }", "fortran_order")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", "shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (10, 1), }", "(10, 1); with this W1 it should be")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "(); with this W1 it should be (10,)")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'shape': (10,), }", "header")]
    [InlineData("__import__('os').system('true')", "header")]
    [InlineData("", "header")]
    public void AHeaderThatIsNotWantedIsRefusedByName(string header, string reason)
    {
        WriteArchive((name, elements, shape) =>
            name == "b2" ? Npy(elements, shape, header: header) : Npy(elements, shape));

        AssertRefused("b2", reason);
    }

    [Theory]
    [InlineData(0, 0, "magic")]
    [InlineData(6, 4, "version 4.0")]
    [InlineData(9, 255, "claims")]
    public void ADamagedStartOfAnArrayIsRefused(int position, byte value, string reason)
    {
        WriteArchive((name, elements, shape) =>
        {
            byte[] npy = Npy(elements, shape);
            if (name == "W2")
                npy[position] = value;
            return npy;
        });

        AssertRefused("W2", reason);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ANumberThatIsNotFiniteIsRefusedWithItsPlace(float value)
    {
        NetworkParameters parameters = Sample(hidden: 5);
        parameters.W2[3 * 10 + 7] = value;

        ModelFile.Save(ModelPath, parameters);

        AssertRefused("W2", "[3, 7]");
    }

    [Fact]
    public void AMissingArrayIsNamedWithWhatIsThereInstead()
    {
        WriteArchive((name, elements, shape) => name == "b1" ? null : Npy(elements, shape));

        AssertRefused("b1", "has W1, W2, b2");
    }

    [Theory]
    [InlineData("W1", 783, 5, "(783, 5)")]
    [InlineData("W1", 784, 0, "(784, 0)")]
    [InlineData("W1", 5, 784, "(5, 784); it should be (784, H) with H from 1 to 65536; save W1.T and W2.T")]
    [InlineData("W1", 784, 65537, "(784, 65537)")]
    [InlineData("W2", 6, 10, "(6, 10); with this W1 it should be (5, 10)")]
    public void AWrongShapeIsNamed(string array, int rows, int columns, string found)
    {
        WriteArchive((name, elements, shape) => Npy(elements, name == array ? [rows, columns] : shape));

        AssertRefused(array, found);
    }

    [Fact]
    public void ASmallFileThatClaimsToBeHugeGetsNoMemory()
    {
        WriteArchive((name, elements, shape) => Npy([.. elements.Take(10)], name == "W1" ? [784, 65_536] : shape));
        long before = GC.GetAllocatedBytesForCurrentThread();

        AssertRefused("W1", "cut short");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData(-1, "cut short")]
    [InlineData(1, "more bytes")]
    public void AnArrayOfAnotherLengthThanItsShapeIsRefused(int change, string reason)
    {
        WriteArchive((name, elements, shape) =>
        {
            byte[] npy = Npy(elements, shape);
            if (name == "b2")
                Array.Resize(ref npy, npy.Length + change);
            return npy;
        });

        AssertRefused("b2", reason);
    }

    [Fact]
    public void AFlippedBitIsNoticed()
    {
        ModelFile.Save(ModelPath, Sample(hidden: 5));
        byte[] file = File.ReadAllBytes(ModelPath);
        // In the elements of W1: the sign of the first number.
        file[30 + "W1.npy".Length + 128 + 3] ^= 0x80;
        File.WriteAllBytes(ModelPath, file);

        AssertRefused("W1", "checksum");
    }

    [Fact]
    public void AFileCutAnywhereIsRefused()
    {
        ModelFile.Save(ModelPath, Sample(hidden: 1));
        byte[] file = File.ReadAllBytes(ModelPath);
        for (int length = 0; length < file.Length; length += 97)
        {
            File.WriteAllBytes(ModelPath, file[..length]);
            AssertRefused("", length == 0 ? "an empty file" : "not a whole .npz archive");
        }
    }

    /// <summary>Damage of any kind is refused in one line, or does no harm.</summary>
    [Fact]
    public void NoDamageGivesAnythingButOneLine()
    {
        ModelFile.Save(ModelPath, Sample(hidden: 1));
        byte[] file = File.ReadAllBytes(ModelPath);
        var random = new Random(1);
        for (int trial = 0; trial < 400; trial++)
        {
            byte[] damaged = (byte[])file.Clone();
            // The headers of the archive and of its small arrays are in the last 1500 bytes.
            for (int change = random.Next(1, 4); change > 0; change--)
                damaged[^random.Next(1, 1500)] = (byte)random.Next(256);
            File.WriteAllBytes(ModelPath, damaged);
            try
            {
                Assert.True(ModelFile.Load(ModelPath).IsFinite);
            }
            catch (InvalidDataException exception)
            {
                AssertOneLine(ModelPath, exception);
            }
        }
    }

    [Fact]
    public void AFileThatIsNotThereOrIsAFolderIsNamed()
    {
        AssertOneLine(ModelPath, Assert.Throws<FileNotFoundException>(() => ModelFile.Load(ModelPath)));
        AssertOneLine(Folder, Assert.ThrowsAny<IOException>(() => ModelFile.Load(Folder)));
    }

    [Fact]
    public void ArraysInAFolderOfTheArchiveAreNamedWithIt()
    {
        using (var archive = new ZipArchive(File.Create(ModelPath), ZipArchiveMode.Create))
            archive.CreateEntry("net/W1.npy");

        AssertRefused("W1", "array W1 is missing; a model has W1, b1, W2 and b2, this file has net/W1");
    }

    [Fact]
    public void AnEncryptedArrayIsCalledEncrypted()
    {
        ModelFile.Save(ModelPath, GlorotInitializer.Draw(hidden: 2, seed: 1));
        byte[] file = File.ReadAllBytes(ModelPath);
        // The first flag of the first member in the archive's directory.
        file[file.AsSpan().IndexOf("PK\u0001\u0002"u8) + 8] |= 1;
        File.WriteAllBytes(ModelPath, file);

        AssertRefused("W1", "it is encrypted");
    }

    [Fact]
    public void ANetworkOfThreeLayersIsRefused()
    {
        ModelFile.Save(ModelPath, GlorotInitializer.Draw(hidden: 2, seed: 1));
        using (ZipArchive archive = ZipFile.Open(ModelPath, ZipArchiveMode.Update))
            archive.CreateEntry("W3.npy");

        AssertRefused("W3", "one layer too many");
    }
}
