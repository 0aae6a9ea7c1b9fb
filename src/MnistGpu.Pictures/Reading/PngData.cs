using System.Buffers.Binary;
using System.IO.Compression;

namespace MnistGpu.Pictures.Reading;

/// <summary>The compressed pixels of a PNG file.</summary>
internal static class PngData
{
    // Adam7: where each pass begins, and the distance between its pixels, in x and y.
    private static readonly (int X, int Y, int StepX, int StepY)[] s_passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>
    /// Whether all pixels are there and their checksum is right. The decoder checks neither: it leaves missing pixels black, or
    /// loops forever in an interlaced file.
    /// </summary>
    /// <param name="file">A file with a valid header.</param>
    public static bool IsWhole(byte[] file)
    {
        const int buffer = 64 * 1024;
        try
        {
            using var pixels = new ZLibStream(new MemoryStream(Packed(file)), CompressionMode.Decompress);
            var bytes = new byte[buffer];
            long count = 0;
            for (int read = 1; read > 0; count += read)
                read = pixels.Read(bytes);
            return count >= ExpectedBytes(file);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The concatenated content of the data chunks.</summary>
    private static byte[] Packed(byte[] file)
    {
        const int signature = 8, aroundChunk = 12;
        using var packed = new MemoryStream();
        for (long at = signature; at + aroundChunk <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at));
            if (file.AsSpan((int)at + 4, 4).SequenceEqual("IDAT"u8))
                packed.Write(file, (int)at + 8, (int)Math.Min(length, file.Length - at - aroundChunk));
            at += aroundChunk + length;
        }
        return packed.ToArray();
    }

    /// <summary>The length of all rows, each with a filter byte, in every pass if the file is interlaced.</summary>
    private static long ExpectedBytes(byte[] file)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16));
        int height = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20));
        int samples = file[25] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        bool isInterlaced = file[28] == 1;
        return (isInterlaced ? s_passes : [(0, 0, 1, 1)]).Sum(pass =>
        {
            long columns = (width - pass.X + pass.StepX - 1) / pass.StepX, rows = (height - pass.Y + pass.StepY - 1) / pass.StepY;
            return columns == 0 ? 0 : rows * (1 + (columns * samples * file[24] + 7) / 8);
        });
    }
}
