using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using MnistGpu.Core.Files;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Pbm;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace MnistGpu.Pictures.Reading;

/// <summary>Reads picture files. The format is recognised by the content, not by the name.</summary>
public static partial class Picture
{
    private const int MaxFileBytes = 256 * 1024 * 1024;

    /// <summary>The maximum number of pixels, 64 Mi; decoded, they take 256 MB.</summary>
    private const long MaxPixels = 64 * 1024 * 1024;

    // No format packs more than this into a byte, except for pictures of one colour: eight pixels per bit in deflate's best case.
    private const long MaxPixelsPerByte = 8 * 1032;

    // Not the library's default, which accepts nearly any file as a TGA, and decodes every frame of a GIF.
    private static readonly Configuration s_formats = MakeFormats();

    /// <summary>Reads a PNG, JPEG, GIF, BMP, WebP, TIFF or Netpbm file as a grey picture, rotated as EXIF says.</summary>
    /// <remarks>
    /// Grey is the luma, or one of the three colours if that shows much more. Transparent parts are laid over white, or over
    /// black if next to nothing would stand out, as with a white digit on a transparent background. Of several frames or
    /// pages, the first is read.
    /// </remarks>
    /// <param name="path">The file; "-" is standard input.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not such a picture, damaged or too large.</exception>
    public static GrayImage Read(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"{path} is a folder, not a picture.");
        if (path != "-" && !File.Exists(path))
        {
            ClosedFolder.Refuse(path);
            throw new FileNotFoundException($"There is no picture {path}; name a PNG or JPEG file.", path);
        }
        if (path != "-")
            DanglingLink.Refuse(path);
        try
        {
            return Decode(ReadFile(path));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{path} cannot be read: access is denied.", exception);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path} cannot be used: {exception.Message}.", exception);
        }
    }

    private static GrayImage Decode(byte[] file)
    {
        try
        {
            long pixels = CheckBeforeDecoding(file);
            // Headers of strips and tiles may claim more than the picture has.
            Configuration formats = s_formats.Clone();
            formats.MemoryAllocator = MemoryAllocator.Create(
                new MemoryAllocatorOptions { AllocationLimitMegabytes = (int)(16 + (16 * pixels >> 20)) });
            using Image<Rgba32> image = Image.Load<Rgba32>(formats, file);
            image.Mutate(picture => picture.AutoOrient());
            return Grayscale.Of(image);
        }
        catch (Exception exception) when (exception is not (InvalidDataException or OutOfMemoryException))
        {
            // Decoders trip over damage in many places, and not all of them throw an exception meant for it.
            throw new InvalidDataException("it is damaged, or of an unusual kind", exception);
        }
    }

    /// <summary>Reads a file or pipe to its end; if it is not a picture, only the beginning.</summary>
    private static byte[] ReadFile(string path)
    {
        using Stream stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        var buffer = new byte[64 * 1024];
        int count = stream.ReadAtLeast(buffer, FileSignature.Length, throwOnEndOfStream: false);
        if (Image.DetectFormat(s_formats, buffer.AsSpan(0, count)) is null)
            throw new InvalidDataException(
                $"it is {FileSignature.Describe(buffer.AsSpan(0, count)) ?? "not a picture"}; "
                + "PNG, JPEG, GIF, BMP, WebP, TIFF and Netpbm files can be read");
        using var file = new MemoryStream();
        for (; count > 0; count = stream.Read(buffer))
        {
            file.Write(buffer, 0, count);
            if (file.Length > MaxFileBytes)
                throw new InvalidDataException($"it is larger than {MaxFileBytes >> 20} MB");
        }
        return file.ToArray();
    }

    /// <summary>Checks the header and the end, before memory is allocated for the size that the header claims.</summary>
    /// <returns>The number of pixels.</returns>
    private static long CheckBeforeDecoding(byte[] file)
    {
        // The library allocates memory for what a header claims even while it reads the header.
        if (IsCutShort(file, Image.DetectFormat(s_formats, file)))
            throw new InvalidDataException("it is cut short");
        IImageInfo? info = Image.Identify(s_formats, file, out IImageFormat format);
        if (info is null || info.Width < 1 || info.Height < 1)
            throw new InvalidDataException($"its {format.Name} header is damaged");
        if (info.Width > MaxPixels / info.Height)
            throw new InvalidDataException(
                $"it has {info.Width:N0}×{info.Height:N0} pixels; at most {MaxPixels / 1_000_000} million can be read");
        if (info.Width * (long)info.Height > file.Length * MaxPixelsPerByte || format is PngFormat && !PngData.IsWhole(file))
            throw new InvalidDataException("it is cut short");
        if (format is PbmFormat)
            CheckNetpbm(file, info.Width, info.Height);
        return (long)info.Width * info.Height;
    }

    /// <summary>
    /// Whether a file ends early. The decoders fill in what is missing, and half a digit may look like a different one.
    /// </summary>
    private static bool IsCutShort(byte[] file, IImageFormat format) => format switch
    {
        // An embedded thumbnail has a start and an end too. Compressed data has neither.
        JpegFormat => file.AsSpan().Count(JpegStart) > file.AsSpan().Count(JpegEnd),
        GifFormat => !file.AsSpan().TrimEnd((byte)0).EndsWith(";"u8),
        WebpFormat => !AreChunksWhole(file),
        BmpFormat => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(2)) > file.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(10)) > file.Length,
        _ => false,
    };

    /// <summary>Whether a WebP file's chunks, each of which gives its length, end where the file ends.</summary>
    private static bool AreChunksWhole(ReadOnlySpan<byte> file)
    {
        const int fileHeader = 12, chunkHeader = 8;
        long end = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L;
        long at = fileHeader;
        while (at + chunkHeader <= Math.Min(end, file.Length))
            at += chunkHeader + (BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]) + 1L) / 2 * 2;
        return at <= end && end <= file.Length;
    }

    private static ReadOnlySpan<byte> JpegStart => [0xFF, 0xD8, 0xFF];

    private static ReadOnlySpan<byte> JpegEnd => [0xFF, 0xD9];

    /// <summary>
    /// Rejects what the decoder misreads: samples that do not range up to 255, bitmaps as text or with rows that end within a
    /// byte, and truncated files.
    /// </summary>
    private static void CheckNetpbm(ReadOnlySpan<byte> file, int width, int height)
    {
        const int longestHeader = 4096;
        Match header = NetpbmHeader().Match(Encoding.Latin1.GetString(file[..Math.Min(file.Length, longestHeader)]));
        if (!header.Success || file[1] == '4' && width % 8 != 0)
            throw new InvalidDataException("it is a Netpbm file of an unusual kind; save it as PNG");
        ReadOnlySpan<byte> samples = file[header.Length..];
        bool isColor = file[1] is (byte)'3' or (byte)'6';
        bool isText = file[1] is (byte)'2' or (byte)'3';
        long bytesPerRow = file[1] == '4' ? width / 8 : isColor ? 3L * width : width;
        if ((isText ? CountNumbers(samples) : samples.Length) < bytesPerRow * height)
            throw new InvalidDataException("it is cut short");
    }

    private static int CountNumbers(ReadOnlySpan<byte> text)
    {
        int numbers = 0;
        bool inNumber = false;
        foreach (byte character in text)
        {
            bool isDigit = char.IsAsciiDigit((char)character);
            if (isDigit && !inNumber)
                numbers++;
            inNumber = isDigit;
        }
        return numbers;
    }

    private static Configuration MakeFormats()
    {
        var formats = new Configuration(
            new PngConfigurationModule(), new JpegConfigurationModule(), new GifConfigurationModule(),
            new BmpConfigurationModule(), new WebpConfigurationModule(), new TiffConfigurationModule(),
            new PbmConfigurationModule());
        formats.ImageFormatsManager.SetDecoder(GifFormat.Instance, new GifDecoder { DecodingMode = FrameDecodingMode.First });
        formats.ImageFormatsManager.SetDecoder(TiffFormat.Instance, new TiffDecoder { DecodingMode = FrameDecodingMode.First });
        return formats;
    }

    /// <summary>The header of a binary bitmap, or of grey or colour samples up to 255.</summary>
    [GeneratedRegex(@"^P(4(\s|#.*\n)+\d+(\s|#.*\n)+\d+|[2356](\s|#.*\n)+\d+(\s|#.*\n)+\d+(\s|#.*\n)+255)\s")]
    private static partial Regex NetpbmHeader();
}
