using System.IO.Compression;
using System.Text;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Tests.Network;

public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string ModelPath => Path.Combine(_folder.Path, "model.npz");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatWasSavedIsLoadedBitForBit()
    {
        NetworkParameters saved = Sample(hidden: 7);

        ModelFile.Save(ModelPath, saved);

        AssertSame(saved, ModelFile.Load(ModelPath));
    }

    [Fact]
    public void EqualParametersGiveEqualBytesAndReplaceWhatWasThere()
    {
        ModelFile.Save(ModelPath, Sample(hidden: 9));
        ModelFile.Save(ModelPath, Sample(hidden: 7));
        string other = Path.Combine(_folder.Path, "other.npz");
        ModelFile.Save(other, Sample(hidden: 7));

        Assert.Equal(File.ReadAllBytes(other), File.ReadAllBytes(ModelPath));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void TheArchiveIsStoredWithOneDateSoThatBytesDoNotDependOnTheClock()
    {
        ModelFile.Save(ModelPath, Sample(hidden: 3));

        using ZipArchive archive = ZipFile.OpenRead(ModelPath);
        Assert.Equal(["W1.npy", "b1.npy", "W2.npy", "b2.npy"], archive.Entries.Select(entry => entry.FullName));
        Assert.All(archive.Entries, entry => Assert.Equal(new DateTime(1980, 1, 1), entry.LastWriteTime.DateTime));
        Assert.All(archive.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
    }

    [Fact]
    public void SavingWhereNothingCanBeSavedNamesThePath()
    {
        string inMissingFolder = Path.Combine(_folder.Path, "missing", "model.npz");

        AssertOneLine(inMissingFolder, Assert.ThrowsAny<IOException>(() => ModelFile.Save(inMissingFolder, Sample(2))));
        AssertOneLine(_folder.Path, Assert.ThrowsAny<IOException>(() => ModelFile.Save(_folder.Path, Sample(2))));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData(1, "<f4", false)]
    [InlineData(1, ">f4", true)]
    [InlineData(2, "<f8", true)]
    [InlineData(3, ">f8", false)]
    public void EveryVersionTypeAndOrderOfNumPyIsAccepted(byte version, string type, bool fortran)
    {
        NetworkParameters expected = Sample(hidden: 5);

        WriteArchive((name, elements, shape) => Npy(elements, shape, version, type, fortran), expected);

        AssertSame(expected, ModelFile.Load(ModelPath));
    }

    [Fact]
    public void AnyOrderOfKeysAndEitherQuoteIsAccepted()
    {
        NetworkParameters expected = Sample(hidden: 5);

        WriteArchive((name, elements, shape) => Npy(elements, shape, header:
            $"{{\"shape\":({string.Join(",", shape)},),\"fortran_order\":False,\"descr\":\"<f4\"}}\n"), expected);

        AssertSame(expected, ModelFile.Load(ModelPath));
    }

    /// <summary>Everything that NumPy takes for the type, and the long numbers of Python 2.</summary>
    [Theory]
    [InlineData("'=f4'", "")]
    [InlineData("'f4'", "L")]
    [InlineData("'float32'", "")]
    [InlineData("\"single\"", "")]
    [InlineData("u'f'", "L")]
    public void EverySpellingOfTypeAndShapeIsAccepted(string type, string suffix)
    {
        NetworkParameters expected = Sample(hidden: 5);

        WriteArchive((name, elements, shape) => Npy(elements, shape, header:
            $"{{'descr': {type}, 'fortran_order': False, 'shape': ({string.Join($"{suffix}, ", shape)}{suffix},), }}\n"), expected);

        AssertSame(expected, ModelFile.Load(ModelPath));
    }

    [Fact]
    public void MembersWithoutAnEndingAreAccepted()
    {
        NetworkParameters expected = Sample(hidden: 5);
        WriteArchive((name, elements, shape) => Npy(elements, shape), expected, ending: "");

        AssertSame(expected, ModelFile.Load(ModelPath));
    }

    [SkippableTheory]
    [InlineData("<f2")]
    [InlineData(">f2")]
    public void Float16IsAccepted(string type)
    {
        NetworkParameters expected = Sample(hidden: 5);
        ModelFile.Save(ModelPath, expected);
        NumPy.Run("-c", $$"""
            import numpy as np
            m = dict(np.load({{Quoted(ModelPath)}}))
            np.savez({{Quoted(ModelPath)}}, **{k: v.astype('{{type}}') for k, v in m.items()})
            """);

        Assert.Equal(expected.W1.Select(weight => (float)(Half)weight), ModelFile.Load(ModelPath).W1);
    }

    [Theory]
    [InlineData("\u0093NUMPY\u0001\0v\0{'descr': '|O', }", "a NumPy .npy file")]
    [InlineData("\u0089HDF\r\n\u001A\n\0\0", "an HDF5 file")]
    [InlineData("\u0020\u0001\0\0\0\0\0\0{\"W1\":{}}", "a safetensors file")]
    [InlineData("\u0080\u0002}q\0.", "a Python pickle")]
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

        Assert.Equal($"{ModelPath}: this is a link to {Path.Combine(_folder.Path, "gone")}, which is not there",
            Assert.Throws<FileNotFoundException>(() => ModelFile.Load(ModelPath)).Message);
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (10,), }", "pickled")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (10,), }", "type <i4")]
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
    [InlineData("W1", 784, 65537, "(784, 65537)")]
    [InlineData("W2", 6, 10, "(6, 10); with this W1 it should be (5, 10)")]
    public void AWrongShapeIsNamed(string array, int rows, int columns, string found)
    {
        WriteArchive((name, elements, shape) => Npy(elements, name == array ? [rows, columns] : shape));

        AssertRefused(array, found);
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

        AssertRefused("W1", "check sum");
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
        AssertOneLine(_folder.Path, Assert.ThrowsAny<IOException>(() => ModelFile.Load(_folder.Path)));
    }

    [SkippableTheory]
    [InlineData("savez", "<f4", "C")]
    [InlineData("savez", ">f8", "F")]
    [InlineData("savez_compressed", "<f8", "F")]
    [InlineData("savez_compressed", ">f4", "C")]
    public void NumPyReadsAndWritesTheSameNumbers(string save, string type, string order)
    {
        NetworkParameters expected = Sample(hidden: 6);
        ModelFile.Save(ModelPath, expected);
        string fromNumPy = Path.Combine(_folder.Path, "numpy.npz");

        string output = NumPy.Run(
            "-c",
            $$"""
            import numpy as np
            m = np.load({{Quoted(ModelPath)}})
            print(' '.join(f'{k}{m[k].shape}{m[k].dtype}' for k in m.files))
            arrays = {k: np.asarray(m[k], dtype='{{type}}', order='{{order}}') for k in m.files}
            np.{{save}}({{Quoted(fromNumPy)}}, **arrays)
            """);

        Assert.Equal("W1(784, 6)float32 b1(6,)float32 W2(6, 10)float32 b2(10,)float32", output.Trim());
        AssertSame(expected, ModelFile.Load(fromNumPy));
    }

    private static NetworkParameters Sample(int hidden)
    {
        NetworkParameters parameters = GlorotInitializer.Draw(hidden, seed: 3);
        for (int j = 0; j < hidden; j++)
            parameters.B1[j] = j + 0.1f;
        for (int k = 0; k < 10; k++)
            parameters.B2[k] = -k / 3f;
        return parameters;
    }

    private static void AssertSame(NetworkParameters expected, NetworkParameters actual)
    {
        Assert.Equal(expected.W1, actual.W1);
        Assert.Equal(expected.B1, actual.B1);
        Assert.Equal(expected.W2, actual.W2);
        Assert.Equal(expected.B2, actual.B2);
    }

    [Fact]
    public void ArraysInAFolderOfTheArchiveAreNamedWithIt()
    {
        using (var archive = new ZipArchive(File.Create(ModelPath), ZipArchiveMode.Create))
            archive.CreateEntry("net/W1.npy");

        AssertRefused("W1", "array W1 is missing; a model has W1, b1, W2 and b2, this file has net/W1");
    }

    private void AssertRefused(string array, string reason)
    {
        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => ModelFile.Load(ModelPath));
        AssertOneLine(ModelPath, exception);
        Assert.Contains(array, exception.Message);
        Assert.Contains(reason, exception.Message);
    }

    private static void AssertOneLine(string path, Exception exception)
    {
        Assert.Contains(path, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    /// <summary>Writes the four arrays as the function makes them; null leaves one out.</summary>
    private void WriteArchive(
        Func<string, float[], int[], byte[]?> npy, NetworkParameters? parameters = null, string ending = ".npy")
    {
        NetworkParameters p = parameters ?? Sample(hidden: 5);
        using var archive = new ZipArchive(File.Create(ModelPath), ZipArchiveMode.Create);
        Add("W1", p.W1, 784, p.Hidden);
        Add("b1", p.B1, p.Hidden);
        Add("W2", p.W2, p.Hidden, 10);
        Add("b2", p.B2, 10);

        void Add(string name, float[] elements, params int[] shape)
        {
            if (npy(name, elements, shape) is not { } bytes)
                return;
            using Stream stream = archive.CreateEntry(name + ending).Open();
            stream.Write(bytes);
        }
    }

    /// <summary>An encoder of its own, so that a mistake shared by the project's reader and writer shows.</summary>
    private static byte[] Npy(
        float[] elements, int[] shape,
        byte version = 1, string type = "<f4", bool fortran = false, string? header = null)
    {
        header ??= $"{{'descr': '{type}', 'fortran_order': {fortran}, 'shape': ({string.Join(", ", shape)},), }}\n";
        var bytes = new List<byte> { 0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', version, 0 };
        bytes.AddRange(BitConverter.GetBytes(header.Length)[..(version == 1 ? 2 : 4)]);
        bytes.AddRange(Encoding.ASCII.GetBytes(header));
        int columns = shape.Length == 2 ? shape[1] : 1;
        IEnumerable<float> ordered = fortran && columns > 1
            ? Enumerable.Range(0, columns).SelectMany(c => elements.Where((_, i) => i % columns == c))
            : elements;
        foreach (float element in ordered)
        {
            byte[] one = type.EndsWith('8') ? BitConverter.GetBytes((double)element) : BitConverter.GetBytes(element);
            bytes.AddRange(type[0] == '>' ? one.Reverse() : one);
        }
        return bytes.ToArray();
    }

    private static string Quoted(string path) => $"'{path.Replace("\\", "\\\\")}'";
}
