using System.IO.Compression;
using System.Text;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Tests.Network;

/// <summary>A model file of a test, which this project or a plain encoder of the test's own writes.</summary>
public abstract class ModelFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected string Folder => _folder.Path;

    protected string ModelPath => Path.Combine(Folder, "model.npz");

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static NetworkParameters Sample(int hidden)
    {
        NetworkParameters parameters = GlorotInitializer.Draw(hidden, seed: 3);
        for (int j = 0; j < hidden; j++)
            parameters.B1[j] = j + 0.1f;
        for (int k = 0; k < 10; k++)
            parameters.B2[k] = -k / 3f;
        return parameters;
    }

    protected static void AssertSame(NetworkParameters expected, NetworkParameters actual)
    {
        Assert.Equal(expected.W1, actual.W1);
        Assert.Equal(expected.B1, actual.B1);
        Assert.Equal(expected.W2, actual.W2);
        Assert.Equal(expected.B2, actual.B2);
    }

    protected void AssertRefused(string array, string reason)
    {
        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => ModelFile.Load(ModelPath));
        AssertOneLine(ModelPath, exception);
        Assert.Contains(array, exception.Message);
        Assert.Contains(reason, exception.Message);
    }

    protected static void AssertOneLine(string path, Exception exception)
    {
        Assert.Contains(path, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    /// <summary>Writes the four arrays as the function makes them; null leaves one out.</summary>
    protected void WriteArchive(
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
    protected static byte[] Npy(
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

    protected static string Quoted(string path) => $"'{path.Replace("\\", "\\\\")}'";
}
