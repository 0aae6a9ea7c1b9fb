using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MnistGpu.Core.Tests.Pictures;

/// <summary>Makes the bytes of PNG files, good and bad.</summary>
internal static class PngContent
{
    public static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    private static readonly int[][] Adam7 =
        [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

    /// <summary>A whole file.</summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="colorType">0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.</param>
    /// <param name="bitDepth">Bits of a sample.</param>
    /// <param name="samples">Row after row, a pixel's samples side by side.</param>
    /// <param name="filter">0 to 4; −1 takes another one each row.</param>
    /// <param name="interlaced">Whether to write in Adam7's order.</param>
    /// <param name="parts">How many IDAT chunks.</param>
    /// <param name="before">Chunks between IHDR and IDAT.</param>
    public static byte[] File(
        int width, int height, int colorType, int bitDepth, int[] samples,
        int filter = -1, bool interlaced = false, int parts = 1, byte[]? before = null)
    {
        byte[] data = Zlib(Rows(width, height, colorType, bitDepth, samples, filter, interlaced));
        byte[] idat = data.Chunk((data.Length - 1) / parts + 1).SelectMany(part => Chunk("IDAT", part)).ToArray();
        byte[] header = Header(width, height, colorType, bitDepth, interlaced ? 1 : 0);
        return [.. Signature, .. header, .. before ?? [], .. idat, .. Chunk("IEND")];
    }

    public static byte[] Header(int width, int height, int colorType, int bitDepth, int interlace = 0)
    {
        byte[] size = [.. BigEndian(width), .. BigEndian(height)];
        return Chunk("IHDR", [.. size, (byte)bitDepth, (byte)colorType, 0, 0, (byte)interlace]);
    }

    public static byte[] Chunk(string type, params byte[] data)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
        return [.. BigEndian(data.Length), .. named, .. BigEndian((int)CheckSum(named))];
    }

    public static byte[] Zlib(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
            zlib.Write(content);
        return packed.ToArray();
    }

    private static byte[] Rows(
        int width, int height, int colorType, int bitDepth, int[] samples, int filter, bool interlaced)
    {
        int channels = colorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        int pixelBytes = Math.Max(1, channels * bitDepth / 8);
        var rows = new List<byte>();
        foreach (int[] pass in interlaced ? Adam7 : [[0, 0, 1, 1]])
        {
            byte[]? above = null;
            for (int y = pass[1]; y < height && pass[0] < width; y += pass[3])
            {
                var bits = new StringBuilder();
                for (int x = pass[0]; x < width; x += pass[2])
                    for (int c = 0; c < channels; c++)
                        bits.Append(samples[(y * width + x) * channels + c].ToString($"b{bitDepth}"));
                byte[] row = bits.ToString().Chunk(8)
                    .Select(eight => Convert.ToByte(new string(eight).PadRight(8, '0'), 2)).ToArray();
                int rowFilter = filter < 0 ? y % 5 : filter;
                rows.Add((byte)rowFilter);
                for (int i = 0; i < row.Length; i++)
                {
                    int a = i < pixelBytes ? 0 : row[i - pixelBytes];
                    int b = above?[i] ?? 0;
                    int c = i < pixelBytes ? 0 : above?[i - pixelBytes] ?? 0;
                    int predicted = rowFilter switch
                    {
                        1 => a,
                        2 => b,
                        3 => (a + b) / 2,
                        4 => Nearest(a, b, c),
                        _ => 0,
                    };
                    rows.Add((byte)(row[i] - predicted));
                }
                above = row;
            }
        }
        return rows.ToArray();
    }

    private static int Nearest(int a, int b, int c) =>
        new[] { a, b, c }.MinBy(value => Math.Abs(a + b - c - value));

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static uint CheckSum(byte[] bytes)
    {
        uint register = 0xFFFFFFFF;
        foreach (byte value in bytes)
            for (int bit = 0; bit < 8; bit++)
                register = ((register ^ (uint)(value >> bit)) & 1) == 1 ? register >> 1 ^ 0xEDB88320 : register >> 1;
        return ~register;
    }
}
