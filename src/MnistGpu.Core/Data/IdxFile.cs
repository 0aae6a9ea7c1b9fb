using System.Buffers.Binary;
using System.IO.Compression;
using MnistGpu.Core.Files;
using MnistGpu.Core.Memory;

namespace MnistGpu.Core.Data;

/// <summary>
/// Reads and writes MNIST's file format, IDX: a header of big-endian 32-bit integers (a magic number, then the length of each
/// dimension), followed by the bytes. Files compressed with gzip are recognised by their first two bytes, whatever their
/// name. (Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits.)
/// </summary>
/// <remarks>
/// Everything in a file is checked: the header, the length, the labels, and a gzip file's own checksum. The result is the
/// only large array allocated, and none is allocated for a count that the file is too short for.
/// </remarks>
public static class IdxFile
{
    // The third byte says unsigned bytes (8), the fourth how many dimensions follow.
    private const int ImagesMagic = 0x0803;
    private const int LabelsMagic = 0x0801;

    // QMNIST has eight 32-bit numbers per label.
    private const int QmnistLabelsMagic = 0x0C02;

    // The types that the third byte can name, starting at 8.
    private const int TypeCount = 7;

    private static readonly (string Name, int Bytes)[] Types =
    [
        ("bytes", 1), ("signed bytes", 1), ("an unknown type", 1), ("16-bit integers", 2), ("32-bit integers", 4),
        ("32-bit floats", 4), ("64-bit floats", 8),
    ];

    // Magic number, count, rows, columns; labels have neither rows nor columns.
    private const int ImagesHeader = 16;
    private const int LabelsHeader = 8;

    // Deflate's best case: a match of 258 bytes in 2 bits. No gzip file unpacks to more than this times its length.
    internal const long DeflateMaxRatio = 1032;

    /// <summary>Reads images of 28×28 pixels.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <returns>count × 784 bytes, image after image, row after row.</returns>
    /// <exception cref="InvalidDataException">The content is not valid; the message says why.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static byte[] ReadImages(string path)
    {
        using Stream content = OpenContent(path, out long maxLength);
        Span<byte> header = stackalloc byte[ImagesHeader];
        ReadHeader(content, header, ImagesMagic, path);
        int rows = BinaryPrimitives.ReadInt32BigEndian(header[8..]);
        int columns = BinaryPrimitives.ReadInt32BigEndian(header[12..]);
        if (rows != ImageSet.Side || columns != ImageSet.Side)
            throw new InvalidDataException($"{path}: the images are {rows}×{columns} pixels; only 28×28 can be read");
        int count = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        return ReadItems(content, maxLength, ImagesHeader, count, ImageSet.PixelsPerImage, "images", path);
    }

    /// <summary>Reads labels.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <returns>One digit per image, 0 to 9.</returns>
    /// <exception cref="InvalidDataException">The content is not valid; the message says why.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static byte[] ReadLabels(string path)
    {
        using Stream content = OpenContent(path, out long maxLength);
        Span<byte> header = stackalloc byte[LabelsHeader];
        ReadHeader(content, header, LabelsMagic, path);
        int count = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        byte[] labels = ReadItems(content, maxLength, LabelsHeader, count, 1, "labels", path);
        EnsureDigits(labels, $"{path}: ");
        return labels;
    }

    /// <exception cref="InvalidDataException">A label is not a digit; the message begins as given.</exception>
    internal static void EnsureDigits(ReadOnlySpan<byte> labels, string beginning = "")
    {
        if (labels.IndexOfAnyExceptInRange((byte)0, (byte)9) is >= 0 and int bad)
            throw new InvalidDataException($"{beginning}label {bad} (counted from 0) is {labels[bad]}; a digit is 0 to 9 "
                + "(sets of letters, such as EMNIST's, cannot be read)");
    }

    /// <summary>Writes images of 28×28 pixels, uncompressed.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="images">The images; their labels go into a separate file.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteImages(string path, ImageSet images) =>
        Write(path, images.Pixels, ImagesMagic, images.Count, ImageSet.Side, ImageSet.Side);

    /// <summary>Writes the labels of images, uncompressed.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="images">The images whose labels these are.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteLabels(string path, ImageSet images) => Write(path, images.Labels, LabelsMagic, images.Count);

    private static void Write(string path, byte[] data, params int[] header) =>
        AtomicFile.Write(path, stream =>
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            foreach (int number in header)
            {
                BinaryPrimitives.WriteInt32BigEndian(bytes, number);
                stream.Write(bytes);
            }
            stream.Write(data);
        });

    /// <summary>Whether a file is an IDX file of any type and shape, complete or longer.</summary>
    internal static bool IsWhole(string path)
    {
        try
        {
            using Stream content = OpenContent(path, out _);
            var magic = new byte[sizeof(int)];
            content.ReadExactly(magic);
            if (magic is not [0, 0, >= 8 and < 8 + TypeCount, >= 1])
                return false;
            var extents = new byte[magic[3] * sizeof(int)];
            content.ReadExactly(extents);
            long bytes = Types[magic[2] - 8].Bytes;
            for (int i = 0; i < extents.Length; i += sizeof(int))
                bytes = checked(bytes * BinaryPrimitives.ReadUInt32BigEndian(extents.AsSpan(i)));
            var buffer = new byte[64 * 1024];
            for (int read = 1; bytes > 0 && read > 0; bytes -= read)
                read = content.Read(buffer);
            return bytes <= 0;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>Opens a file for reading its content, unpacked if it is a gzip file.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <param name="maxLength">A plain file's length, or an upper limit for the length of a gzip file's content.</param>
    internal static Stream OpenContent(string path, out long maxLength)
    {
        // Opening a pipe would wait for its other end; it has no length, like an empty file.
        if (File.Exists(path))
        {
            DanglingLink.Refuse(path);
            if (new FileInfo(AtomicFile.FinalTarget(path)).Length == 0)
                throw new InvalidDataException($"{path}: this is an empty file, or a pipe, which cannot be read here");
        }
        // No buffer: data is read straight into its array.
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{path} cannot be read: access is denied", exception);
        }
        try
        {
            Span<byte> start = stackalloc byte[2];
            bool isGzip = file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1f, 0x8b];
            file.Position = 0;
            maxLength = isGzip ? file.Length * DeflateMaxRatio : file.Length;
            return isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void ReadHeader(Stream content, Span<byte> header, int magic, string path)
    {
        int length = Fill(content, header, path);
        if (length >= sizeof(int) && BinaryPrimitives.ReadInt32BigEndian(header) != magic)
        {
            Span<byte> start = stackalloc byte[FileSignature.Length];
            header[..length].CopyTo(start);
            length += Fill(content, start[length..], path);
            string unpacked = content is GZipStream ? "unpacked, " : "";
            string wanted = magic == ImagesMagic ? "images" : "labels";
            throw new InvalidDataException($"{path}: {unpacked}this is {KindOf(start[..length])}, not a file of {wanted}");
        }
        if (length < header.Length)
            throw new InvalidDataException(
                $"{path}: cut short: the header alone has {header.Length} bytes, but the file has {length}");
    }

    /// <summary>What a file is that does not begin with the expected magic number.</summary>
    private static string KindOf(ReadOnlySpan<byte> start)
    {
        if (start is [0, 0, >= 8 and < 8 + TypeCount and var type, >= 1 and <= 4 and var dimensions, ..])
            return BinaryPrimitives.ReadInt32BigEndian(start) switch
            {
                ImagesMagic => "a file of images",
                LabelsMagic => "a file of labels",
                QmnistLabelsMagic => "an IDX file of numbers in rows, such as QMNIST's labels",
                _ => $"an IDX file of {Types[type - 8].Name} in {dimensions} dimensions",
            };
        return FileSignature.Describe(start) ?? $"no IDX file (it begins with {Convert.ToHexString(start[..sizeof(int)])})";
    }

    private static byte[] ReadItems(
        Stream content, long maxLength, int headerLength, int count, int bytesPerItem, string items, string path)
    {
        if (count < 0 || (long)count * bytesPerItem > Array.MaxLength)
            throw new InvalidDataException(
                $"{path}: the header says {count:N0} {items}; 0 to {Array.MaxLength / bytesPerItem:N0} can be read");
        long length = headerLength + (long)count * bytesPerItem;
        bool isPlain = content is FileStream;
        if (maxLength < length)
            throw CutShort(isPlain
                ? $"the file has {maxLength:N0}"
                : $"gzip of this size holds {maxLength:N0} at most");
        if (isPlain && maxLength > length)
            throw TooLong($"the file has {maxLength:N0}");

        byte[] data = HugePages.NewArray(count * bytesPerItem);
        int read = Fill(content, data, path);
        if (read < data.Length)
            throw CutShort($"there are {headerLength + (long)read:N0}");
        // Reading to the end also verifies a gzip file's checksum, if there is one.
        if (Fill(content, stackalloc byte[1], path) > 0)
            throw TooLong("there are more");
        if (!isPlain && !EndsWithTrailer((GZipStream)content, length, data))
            throw new InvalidDataException($"{path}: the gzip file is damaged or cut short: its last bytes are wrong");
        return data;

        InvalidDataException CutShort(string found) =>
            new($"{path}: cut short: {count:N0} {items} take {length:N0} bytes, but {found}");

        InvalidDataException TooLong(string found) =>
            new($"{path}: too long: {count:N0} {items} take {length:N0} bytes, but {found}");
    }

    /// <summary>
    /// Whether a gzip file, read to its end, ends with the checksum and the length of its content, both little-endian.
    /// Concatenated gzip files are a gzip file too, which ends with those of the last one (RFC 1952). GZipStream compares them,
    /// but does not notice if they are missing.
    /// </summary>
    private static bool EndsWithTrailer(GZipStream content, long length, ReadOnlySpan<byte> data)
    {
        Stream file = content.BaseStream;
        Span<byte> trailer = stackalloc byte[2 * sizeof(uint)];
        file.Seek(-trailer.Length, SeekOrigin.End);
        file.ReadExactly(trailer);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        uint lastLength = BinaryPrimitives.ReadUInt32LittleEndian(trailer[sizeof(uint)..]);
        return lastLength == length
            || lastLength <= data.Length && Crc32.Append(0, data[^(int)lastLength..]) == checksum;
    }

    /// <summary>Reads until the buffer is full or the content ends, and returns the number of bytes.</summary>
    private static int Fill(Stream content, Span<byte> buffer, string path)
    {
        try
        {
            return content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: the gzip file is damaged or cut short", e);
        }
    }
}
