using System.Buffers.Binary;
using System.Text;

namespace MnistGpu.Core.Files;

/// <summary>Recognises a file by its first bytes, for messages about files that are not what their names say.</summary>
internal static class FileSignature
{
    /// <summary>The number of bytes that <see cref="Describe(ReadOnlySpan{byte})"/> looks at.</summary>
    public const int Length = 512;

    /// <summary>The description of a zip archive, which an .npz file is.</summary>
    public const string Zip = "a zip archive";

    /// <summary>The description of a safetensors file.</summary>
    public const string Safetensors = "a safetensors file";

    private const int LargestSafetensorsHeader = 100_000_000;

    /// <summary>What a stream's content is, judging by its first bytes, to which it is reset; null if they do not tell.</summary>
    public static string? Describe(Stream file)
    {
        var start = new byte[Length];
        int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return Describe(start.AsSpan(0, length));
    }

    /// <summary>What a file is, such as "a web page"; null if its first bytes do not tell.</summary>
    /// <param name="start">At least the file's first <see cref="Length"/> bytes, or all of it.</param>
    public static string? Describe(ReadOnlySpan<byte> start)
    {
        start = start[..Math.Min(start.Length, Length)];
        if (start.IsEmpty)
            return "an empty file";
        if (Binary(start) is { } known)
            return known;
        // Latin-1 keeps every byte, so any file can be treated as text.
        string text = Encoding.Latin1.GetString(start).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "a Git LFS pointer (`git lfs pull` fetches the file itself)";
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
            return "a web page";
        if (text.StartsWith("<svg", StringComparison.Ordinal)
            || (text.StartsWith("<?xml", StringComparison.Ordinal) && text.Contains("<svg", StringComparison.Ordinal)))
            return "an SVG drawing";
        if (text.StartsWith("MATLAB ", StringComparison.Ordinal))
            return "a MATLAB file";
        return start.ContainsAnyInRange((byte)0, (byte)8) ? null : "a text file";
    }

    private static string? Binary(ReadOnlySpan<byte> start)
    {
        if (start.Length > 8 && start[8] == '{'
            && BinaryPrimitives.ReadUInt64LittleEndian(start) is > 1 and <= LargestSafetensorsHeader)
            return Safetensors;
        return start switch
        {
            [0x1F, 0x8B, ..] => "a gzip file",
            [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] => Zip,
            [(byte)'B', (byte)'Z', (byte)'h', ..] => "a bzip2 file",
            [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => "an xz file",
            [0x28, 0xB5, 0x2F, 0xFD, ..] => "a zstd file",
            [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => "a 7-Zip archive",
            [(byte)'R', (byte)'a', (byte)'r', (byte)'!', ..] => "a RAR archive",
            _ when start.Length > 262 && start[257..].StartsWith("ustar"u8) => "a tar archive",
            [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] => "a NumPy .npy file",
            [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "an HDF5 file",
            [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => "a Parquet file",
            [(byte)'A', (byte)'R', (byte)'R', (byte)'O', (byte)'W', (byte)'1', ..] => "an Arrow file",
            [0x80, >= 2 and <= 5, ..] => "a Python pickle",
            // A version of at most 32, then the name of the program that wrote it.
            [8, >= 3 and <= 32, 18, > 0, >= (byte)'A' and <= (byte)'z', ..] => "an ONNX model",
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "a PNG picture",
            [0xFF, 0xD8, 0xFF, ..] => "a JPEG picture",
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "a GIF picture",
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => "a HEIC or AVIF picture, or a film",
            [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => "a Photoshop document",
            [0xFF, 0x0A, ..] or [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', ..] => "a JPEG XL picture",
            [0, 0, 1, 0, ..] => "an icon",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "a PDF document",
            [0, 0, >= 8 and <= 14, >= 1 and <= 4, ..] => "an IDX file",
            _ => null,
        };
    }
}
