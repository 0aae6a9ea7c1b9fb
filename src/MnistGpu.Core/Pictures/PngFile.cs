using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MnistGpu.Core.Data;

namespace MnistGpu.Core.Pictures;

/// <summary>
/// Decodes PNG pictures to grey: every colour type and bit depth, all filters, interlaced or not. Gamma and colour
/// profiles are ignored. (Portable Network Graphics specification, W3C; section numbers are its third edition's.)
/// </summary>
public static class PngFile
{
    // Adam7 (section 8.1): seven coarse pictures, each a grid of pixels of the whole one.
    private static readonly Pass[] Interlaced =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4),
        new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    private static readonly Pass[] Plain = [new(0, 0, 1, 1)];

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>
    /// Decodes a whole file. What is transparent is laid over white; where next to nothing stands out then, as with a
    /// white digit on a transparent background, over black.
    /// </summary>
    /// <param name="file">The bytes of the file.</param>
    /// <exception cref="InvalidDataException">
    /// The file is damaged or too large; the message does not name it.
    /// </exception>
    public static GrayImage Decode(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Signature))
            throw new InvalidDataException("its PNG signature is damaged");
        ReadOnlySpan<byte> rest = file[Signature.Length..];
        if (NextChunk(ref rest, out ReadOnlySpan<byte> header) != "IHDR")
            throw new InvalidDataException("its first chunk is not IHDR");
        var format = new PngFormat(header);

        using var imageData = new MemoryStream();
        for (string type = ""; type != "IEND";)
        {
            type = NextChunk(ref rest, out ReadOnlySpan<byte> data);
            if (type == "PLTE")
                format.SetPalette(data);
            else if (type == "tRNS")
                format.SetTransparency(data);
            else if (type == "IDAT")
                imageData.Write(data);
            // A small first letter marks what a decoder may pass over (section 5.4).
            else if (type != "IEND" && char.IsUpper(type[0]))
                throw new InvalidDataException($"its chunk {type} is not known or in the wrong place");
        }
        if (imageData.Length == 0)
            throw new InvalidDataException("it has no IDAT chunk");
        GrayImage onWhite = DecodeImage(format, imageData, paper: 255);
        if (onWhite.Contrast >= InkFinder.LeastContrast)
            return onWhite;
        GrayImage onBlack = DecodeImage(format, imageData, paper: 0);
        return onBlack.Contrast > onWhite.Contrast ? onBlack : onWhite;
    }

    /// <summary>Takes a chunk from what is left of the file: length, type, data, check sum (section 5.3).</summary>
    private static string NextChunk(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> data)
    {
        const int overhead = 12;
        if (rest.Length < overhead || BinaryPrimitives.ReadUInt32BigEndian(rest) > rest.Length - overhead)
            throw new InvalidDataException("it is cut short");
        int length = BinaryPrimitives.ReadInt32BigEndian(rest);
        ReadOnlySpan<byte> type = rest.Slice(4, 4);
        if (type.ContainsAnyExcept(Letters))
            throw new InvalidDataException("it is damaged: a chunk's name is not made of letters");
        string name = Encoding.ASCII.GetString(type);
        if (Crc32.Append(0, rest.Slice(4, 4 + length)) != BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + length)..]))
            throw new InvalidDataException($"it is damaged: the check sum of its chunk {name} is wrong");
        data = rest.Slice(8, length);
        rest = rest[(overhead + length)..];
        return name;
    }

    private static GrayImage DecodeImage(PngFormat format, Stream imageData, byte paper)
    {
        format.CheckPalette();
        var image = new GrayImage(format.Width, format.Height, new byte[format.Width * format.Height]);
        imageData.Position = 0;
        using var inflated = new ZLibStream(imageData, CompressionMode.Decompress, leaveOpen: true);
        foreach (Pass pass in format.IsInterlaced ? Interlaced : Plain)
            DecodePass(format, pass, inflated, image, paper);
        return image;
    }

    private static void DecodePass(PngFormat format, Pass pass, Stream inflated, GrayImage image, byte paper)
    {
        int columns = (image.Width - pass.X + pass.StepX - 1) / pass.StepX;
        if (columns <= 0)
            return;
        // A filter looks at the bytes before and above; outside of the picture they are 0.
        int pixelBytes = format.BytesPerPixel;
        var row = new byte[pixelBytes + format.BytesPerRow(columns)];
        var above = new byte[row.Length];
        for (int y = pass.Y; y < image.Height; y += pass.StepY)
        {
            int filter = ReadRow(inflated, row.AsSpan(pixelBytes));
            Unfilter(filter, row, above, pixelBytes);
            Span<byte> pixels = image.Pixels.AsSpan(y * image.Width, image.Width);
            for (int column = 0; column < columns; column++)
                pixels[pass.X + column * pass.StepX] = format.GrayAt(row.AsSpan(pixelBytes), column, paper);
            (row, above) = (above, row);
        }
    }

    private static int ReadRow(Stream inflated, Span<byte> row)
    {
        try
        {
            int filter = inflated.ReadByte();
            inflated.ReadExactly(row);
            return filter;
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException("its image data ends early", exception);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException("its compressed image data is damaged", exception);
        }
    }

    /// <summary>Adds back what each byte was predicted from (section 9.2).</summary>
    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        for (int i = pixelBytes; i < row.Length; i++)
        {
            byte left = row[i - pixelBytes];
            row[i] += filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (byte)((left + above[i]) / 2),
                4 => Paeth(left, above[i], above[i - pixelBytes]),
                _ => throw new InvalidDataException($"it has a row with filter {filter}; there are only 0 to 4"),
            };
        }
    }

    /// <summary>Of the three neighbours the one nearest to left + above − corner (A. Paeth; section 9.4).</summary>
    private static byte Paeth(byte left, byte above, byte corner)
    {
        int toLeft = Math.Abs(above - corner);
        int toAbove = Math.Abs(left - corner);
        int toCorner = Math.Abs(left + above - 2 * corner);
        if (toLeft <= toAbove && toLeft <= toCorner)
            return left;
        return toAbove <= toCorner ? above : corner;
    }

    private static ReadOnlySpan<byte> Letters => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8;

    /// <summary>A grid of pixels: the first one and the distance to the next.</summary>
    private readonly record struct Pass(int X, int Y, int StepX, int StepY);
}
