using System.Buffers.Binary;
using System.IO.Compression;

namespace MnistGpu.Core.Tests.Data;

/// <summary>Makes the bytes of IDX files, good and bad.</summary>
internal static class IdxContent
{
    public static byte[] Images(int count, byte[] pixels, int magic = 0x803, int rows = 28, int columns = 28) =>
        [.. BigEndian(magic), .. BigEndian(count), .. BigEndian(rows), .. BigEndian(columns), .. pixels];

    /// <summary>So many images of pixels that differ from one another.</summary>
    public static byte[] Images(int count) => Images(count, Pixels(count));

    public static byte[] Labels(int count, byte[] labels, int magic = 0x801) =>
        [.. BigEndian(magic), .. BigEndian(count), .. labels];

    public static byte[] Labels(params byte[] labels) => Labels(labels.Length, labels);

    public static byte[] Pixels(int count)
    {
        byte[] pixels = new byte[count * 784];
        new Random(count).NextBytes(pixels);
        return pixels;
    }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    private static byte[] BigEndian(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
