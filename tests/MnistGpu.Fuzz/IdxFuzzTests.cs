using System.IO.Compression;
using MnistGpu.Core.Data;
using Xunit.Abstractions;

namespace MnistGpu.Fuzz;

public class IdxFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[] s_images =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28, .. Enumerable.Range(0, 2 * 784).Select(i => (byte)(i * i / 7))];

    private static readonly byte[] s_labels =
        [0, 0, 8, 1, 0, 0, 0, 40, .. Enumerable.Range(0, 40).Select(i => (byte)(i % 10))];

    [Fact]
    public void DamagedImagesAreReadOrRefused() => Read(s_images, path => IdxFile.ReadImages(path));

    [Fact]
    public void DamagedLabelsAreReadOrRefused() => Read(s_labels, path => IdxFile.ReadLabels(path));

    /// <summary>No more memory than gzip can pack into a file of this size, and 200 KB for streams and messages.</summary>
    private void Read(byte[] content, Action<string> read) => new Fuzzer(output).Run(
        [Seed.Plain(content), Seed.Plain(Gzip(content)), new Seed(content, Gzip)],
        mostBytes: 1032 * 4_000 + 200_000, read);

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }
}
