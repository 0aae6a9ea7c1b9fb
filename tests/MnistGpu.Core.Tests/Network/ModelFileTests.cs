using System.Globalization;
using System.IO.Compression;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Tests.Network;

/// <summary>What is saved is loaded, and so is what NumPy reads and writes.</summary>
public sealed class ModelFileTests : ModelFiles
{
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
        string other = Path.Combine(Folder, "other.npz");
        ModelFile.Save(other, Sample(hidden: 7));

        Assert.Equal(File.ReadAllBytes(other), File.ReadAllBytes(ModelPath));
        Assert.Equal(2, Directory.GetFileSystemEntries(Folder).Length);
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
        string inMissingFolder = Path.Combine(Folder, "missing", "model.npz");

        AssertOneLine(inMissingFolder, Assert.ThrowsAny<IOException>(() => ModelFile.Save(inMissingFolder, Sample(2))));
        AssertOneLine(Folder, Assert.ThrowsAny<IOException>(() => ModelFile.Save(Folder, Sample(2))));
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
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
    public void OfArraysThatAreThereTwiceTheLastOneCounts()
    {
        NetworkParameters last = GlorotInitializer.Draw(hidden: 2, seed: 2);
        ModelFile.Save(ModelPath, last);
        string[] names = ["W1", "b1", "W2", "b2"];
        byte[][] arrays = Array.ConvertAll(names, Member);
        ModelFile.Save(ModelPath, GlorotInitializer.Draw(hidden: 2, seed: 1));
        using (ZipArchive archive = ZipFile.Open(ModelPath, ZipArchiveMode.Update))
            foreach ((string name, byte[] array) in names.Zip(arrays))
            {
                using Stream stream = archive.CreateEntry(name + ".npy").Open();
                stream.Write(array);
            }

        Assert.Equal(last.W1, ModelFile.Load(ModelPath).W1);

        byte[] Member(string name)
        {
            using ZipArchive archive = ZipFile.OpenRead(ModelPath);
            using Stream stream = archive.GetEntry(name + ".npy")!.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
    }

    [Fact]
    public void MembersWithoutAnEndingAreAccepted()
    {
        NetworkParameters expected = Sample(hidden: 5);
        WriteArchive((name, elements, shape) => Npy(elements, shape), expected, ending: "");

        AssertSame(expected, ModelFile.Load(ModelPath));
    }

    /// <summary>Every type of real numbers that NumPy writes; each value is one that the type has.</summary>
    [SkippableTheory]
    [InlineData("?", "0, 1")]
    [InlineData("i1", "-128, -1, 0, 127")]
    [InlineData("u1", "0, 127, 128, 255")]
    [InlineData("i2", "-32768, -2, 32767")]
    [InlineData("u2", "0, 258, 65535")]
    [InlineData("i4", "-2147483648, 16909060, 2147483647")]
    [InlineData("u4", "0, 16909060, 4294967295")]
    [InlineData("i8", "-9223372036854775808, 72623859790382856, -3")]
    [InlineData("u8", "0, 72623859790382856, 18446744073709551615")]
    [InlineData("f2", "-0.5, 6.1e-05, 65504")]
    [InlineData("f4", "-0.1, 1e-45, 3.4e38")]
    [InlineData("f8", "-0.1, 1e-60, 3.4e38")]
    public void EveryTypeOfRealNumbersIsReadAsNumPyConvertsIt(string type, string values)
    {
        ModelFile.Save(ModelPath, Sample(hidden: 5));
        string printed = NumPy.Run("-c", $$"""
            import numpy as np
            m = dict(np.load({{Quoted(ModelPath)}}))
            for order in '<>':
                m['W1'] = np.resize(np.array([{{values}}], order + '{{type}}'), (784, 5))
                np.savez({{Quoted(ModelPath)}} + order, **m)
            print(*m['W1'].astype('f4').ravel()[:5].tolist())
            """);

        float[] expected = [.. printed.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
        foreach (char order in "<>")
            Assert.Equal(expected, ModelFile.Load($"{ModelPath}{order}.npz").W1[..5]);
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
        string fromNumPy = Path.Combine(Folder, "numpy.npz");

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
}
