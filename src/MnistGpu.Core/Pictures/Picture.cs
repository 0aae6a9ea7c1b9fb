namespace MnistGpu.Core.Pictures;

/// <summary>Reads picture files. What a file is, its first bytes say, not its name.</summary>
public static class Picture
{
    private const int MaxFileBytes = 512 * 1024 * 1024;

    /// <summary>WebP's, in bytes.</summary>
    private const int LongestSignature = 12;

    /// <summary>Reads a PNG or Netpbm (PGM, PBM, PPM) file as a grey picture.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is of another format, damaged or too large.</exception>
    public static GrayImage Read(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"{path} is a folder, not a picture.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no picture {path}; name a PNG or PGM file.", path);
        byte[] file = ReadFile(path);
        string format = FormatOf(file);
        try
        {
            return format switch
            {
                "PNG" => PngFile.Decode(file),
                "Netpbm" => NetpbmFile.Decode(file),
                "" => throw new InvalidDataException("it is empty"),
                "unknown" => throw new InvalidDataException("it is neither a PNG nor a PGM file"),
                _ => throw new InvalidDataException($"it is a {format} file; save it as PNG or PGM"),
            };
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path} cannot be used: {exception.Message}.", exception);
        }
    }

    private static string FormatOf(ReadOnlySpan<byte> file) => file switch
    {
        [] => "",
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "PNG",
        [(byte)'P', >= (byte)'1' and <= (byte)'6', ..] => "Netpbm",
        [0xFF, 0xD8, 0xFF, ..] => "JPEG",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "GIF",
        [(byte)'B', (byte)'M', ..] => "BMP",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', ..] => "WebP",
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "TIFF",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => "HEIC or AVIF",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "PDF",
        _ => "unknown",
    };

    /// <summary>
    /// Reads to the end, also from a pipe, whose length is not known before; of a file in another format, the first
    /// bytes.
    /// </summary>
    private static byte[] ReadFile(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            int count = stream.ReadAtLeast(buffer, LongestSignature, throwOnEndOfStream: false);
            if (FormatOf(buffer.AsSpan(0, count)) is not ("PNG" or "Netpbm"))
                return buffer[..count];
            for (; count > 0; count = stream.Read(buffer))
            {
                content.Write(buffer, 0, count);
                if (content.Length > MaxFileBytes)
                    throw new InvalidDataException($"{path} has more than {MaxFileBytes} bytes.");
            }
            return content.ToArray();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{path} cannot be read: access is denied.", exception);
        }
    }
}
