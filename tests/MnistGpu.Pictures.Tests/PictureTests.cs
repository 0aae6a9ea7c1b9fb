using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using MnistGpu.Core.Data;
using MnistGpu.Core.Files;
using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Pbm;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;

namespace MnistGpu.Pictures.Tests;

public sealed class PictureTests : IDisposable
{
    private static readonly Dictionary<string, IImageEncoder> s_encoders = new()
    {
        ["PNG"] = new PngEncoder(),
        ["JPEG"] = new JpegEncoder { Quality = 100 },
        ["GIF"] = new GifEncoder(),
        ["BMP"] = new BmpEncoder(),
        ["WebP"] = new WebpEncoder { FileFormat = WebpFileFormatType.Lossless },
        ["TIFF"] = new TiffEncoder(),
        ["PGM"] = new PbmEncoder { ColorType = PbmColorType.Grayscale, Encoding = PbmEncoding.Binary },
        ["PPM"] = new PbmEncoder { ColorType = PbmColorType.Rgb, Encoding = PbmEncoding.Plain },
    };

    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<object[]> Formats => s_encoders.Keys.Select(format => new object[] { format });

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void EveryFormatIsReadWhateverItsName(string format)
    {
        // Black and white, since a GIF's palette is made by a quantizer.
        byte[] gray = [.. Enumerable.Range(0, 16 * 12).Select(i => (byte)(i * i % 5 == 0 ? 0 : 255))];

        GrayImage read = Picture.Read(Write("picture.x", Encode(Gray(16, 12, gray), s_encoders[format])));

        Assert.Equal((16, 12), (read.Width, read.Height));
        // JPEG loses a little even at its best quality.
        int tolerance = format == "JPEG" ? 3 : 0;
        Assert.All(gray.Zip(read.Pixels), pair => Assert.InRange(pair.Second - pair.First, -tolerance, tolerance));
    }

    [Theory]
    [InlineData(PngColorType.Grayscale, PngBitDepth.Bit1)]
    [InlineData(PngColorType.Grayscale, PngBitDepth.Bit2)]
    [InlineData(PngColorType.Grayscale, PngBitDepth.Bit4)]
    [InlineData(PngColorType.Grayscale, PngBitDepth.Bit8)]
    [InlineData(PngColorType.Grayscale, PngBitDepth.Bit16)]
    [InlineData(PngColorType.GrayscaleWithAlpha, PngBitDepth.Bit8)]
    [InlineData(PngColorType.GrayscaleWithAlpha, PngBitDepth.Bit16)]
    [InlineData(PngColorType.Rgb, PngBitDepth.Bit8)]
    [InlineData(PngColorType.Rgb, PngBitDepth.Bit16)]
    [InlineData(PngColorType.RgbWithAlpha, PngBitDepth.Bit8)]
    [InlineData(PngColorType.RgbWithAlpha, PngBitDepth.Bit16)]
    [InlineData(PngColorType.Palette, PngBitDepth.Bit2)]
    [InlineData(PngColorType.Palette, PngBitDepth.Bit8)]
    public void EveryKindOfPngIsTheSamePicture(PngColorType colorType, PngBitDepth bitDepth)
    {
        byte[] gray = [.. Enumerable.Range(0, 9 * 7).Select(i => (byte)(i * i % 3 == 0 ? 0 : 255))];
        foreach (PngInterlaceMode interlace in Enum.GetValues<PngInterlaceMode>())
        {
            var encoder = new PngEncoder { ColorType = colorType, BitDepth = bitDepth, InterlaceMethod = interlace };

            Assert.Equal(gray, Picture.Read(Write("picture.png", Encode(Gray(9, 7, gray), encoder))).Pixels);
        }
    }

    [Fact]
    public void ColorsBecomeTheirLuma() =>
        // Rec. 601: 0.299, 0.587 and 0.114 of 255.
        Assert.Equal([76, 150, 29, 255],
            ReadRow(new(255, 0, 0), new(0, 255, 0), new(0, 0, 255), new(255, 255, 255)));

    [Fact]
    public void AColorThatTellsMuchMoreThanLumaIsTaken() =>
        // A red and a green of nearly the same luma, 60 and 59.
        Assert.Equal([200, 0, 200], ReadRow(new(200, 0, 0), new(0, 100, 0), new(200, 0, 0)));

    [Fact]
    public void WhatIsTransparentIsLaidOverWhite() =>
        Assert.Equal([0, 204, 255, 219],
            ReadRow(new(0, 0, 0, 255), new(0, 0, 0, 51), new(0, 0, 0, 0), new(255, 0, 0, 51)));

    [Fact]
    public void WhatVanishesOnWhiteIsLaidOverBlack()
    {
        Assert.Equal([255, 51, 0], ReadRow(new(255, 255, 255, 255), new(255, 255, 255, 51), new(255, 255, 255, 0)));
        // Faint on both: black ink on white is what a picture usually is.
        Assert.Equal([245, 255], ReadRow(new(0, 0, 0, 10), new(0, 0, 0, 0)));
        // Nothing is transparent: nothing changes.
        Assert.Equal([250, 255], ReadRow(new(250, 250, 250), new(255, 255, 255)));
    }

    /// <summary>Each file has the same upright picture: 1 2 3 above 4 5 6.</summary>
    [Theory]
    [InlineData(1, 3, "123456")]
    [InlineData(2, 3, "321654")]
    [InlineData(3, 3, "654321")]
    [InlineData(4, 3, "456123")]
    [InlineData(5, 2, "142536")]
    [InlineData(6, 2, "362514")]
    [InlineData(7, 2, "635241")]
    [InlineData(8, 2, "415263")]
    public void AnExifOrientationIsUndone(int orientation, int storedWidth, string stored)
    {
        using Image<L8> image = Gray(storedWidth, 6 / storedWidth, [.. stored.Select(digit => (byte)(40 * (digit - '0')))]);
        image.Metadata.ExifProfile = new ExifProfile();
        image.Metadata.ExifProfile.SetValue(ExifTag.Orientation, (ushort)orientation);

        GrayImage read = Picture.Read(Write("picture.png", Encode(image, new PngEncoder())));

        Assert.Equal((3, 2), (read.Width, read.Height));
        Assert.Equal([40, 80, 120, 160, 200, 240], read.Pixels);
    }

    [Fact]
    public void OfSeveralFramesTheFirstIsRead()
    {
        using Image<L8> image = Gray(2, 1, [0, 255]);
        image.Frames.AddFrame(Gray(2, 1, [255, 0]).Frames.RootFrame);

        foreach (string format in new[] { "GIF", "TIFF" })
            Assert.Equal([0, 255], Picture.Read(Write("picture", Encode(image, s_encoders[format]))).Pixels);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void AFileThatIsCutShortIsRefused(string format)
    {
        byte[] file = Encode(Gray(40, 30, [.. Enumerable.Range(0, 1200).Select(i => (byte)(i * 7))]), s_encoders[format]);

        foreach (int length in new[] { file.Length / 8, file.Length / 3, file.Length / 2, file.Length * 3 / 4 })
            AssertRefused("", file[..length]);
    }

    /// <summary>For interlaced pixels that are damaged, the decoder would look for ever.</summary>
    [Theory]
    [InlineData(PngInterlaceMode.None)]
    [InlineData(PngInterlaceMode.Adam7)]
    public void APngWithDamagedOrMissingPixelsIsRefused(PngInterlaceMode interlace)
    {
        using Image<L8> image = Gray(24, 24, [.. Enumerable.Range(0, 576).Select(i => (byte)(i * i))]);
        byte[] png = Encode(image, new PngEncoder { InterlaceMethod = interlace, ColorType = PngColorType.Grayscale });
        int data = png.AsSpan().IndexOf("IDAT"u8);

        foreach (int place in new[] { data + 40, data + 200, data + 4 + BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(data - 4)) - 1 })
        {
            byte[] damaged = [.. png];
            damaged[place] ^= 0x55;
            AssertRefused("", Checked(damaged));
        }
        byte[] taller = [.. png];
        taller[23]++;
        AssertRefused("cut short", Checked(taller));

        // The decoder compares the checksums of chunks.
        byte[] Checked(byte[] file)
        {
            for (int at = 8, length; at < file.Length; at += length + 12)
            {
                length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
                BinaryPrimitives.WriteUInt32BigEndian(
                    file.AsSpan(at + 8 + length), Crc32.Append(0, file.AsSpan(at + 4, length + 4)));
            }
            return file;
        }
    }

    [Fact]
    public void AJpegWithAThumbnailAndATrailerIsWhole()
    {
        using Image<L8> image = Gray(8, 8, new byte[64]);
        byte[] thumbnail = Encode(image, new JpegEncoder());
        byte[] jpeg = Encode(image, new JpegEncoder());
        byte[] comment = [0xFF, 0xFE, 0, (byte)(thumbnail.Length + 2), .. thumbnail];
        Assert.InRange(thumbnail.Length + 2, 0, 0xFFFF);
        BinaryPrimitives.WriteUInt16BigEndian(comment.AsSpan(2), (ushort)(thumbnail.Length + 2));
        byte[] whole = [.. jpeg[..2], .. comment, .. jpeg[2..], .. "trailer"u8];

        Assert.Equal(8, Picture.Read(Write("picture.jpg", whole)).Width);
        AssertRefused("cut short", whole[..^10]);
    }

    [Theory]
    [InlineData("P2 3 2 255\n0 1 2\n253 254 255\n", new byte[] { 0, 1, 2, 253, 254, 255 })]
    [InlineData("P2\n# a comment\n3 # another\n1\n255\n0 5 15", new byte[] { 0, 5, 15 })]
    [InlineData("P3 4 1 255 255 0 0  0 255 0  0 0 255  255 255 255", new byte[] { 76, 150, 29, 255 })]
    [InlineData("P5 3 1 255\nABC", new byte[] { 65, 66, 67 })]
    [InlineData("P4 8 2\nA~", new byte[] { 255, 0, 255, 255, 255, 255, 255, 0, 255, 0, 0, 0, 0, 0, 0, 255 })]
    public void NetpbmIsRead(string file, byte[] pixels) =>
        Assert.Equal(pixels, Picture.Read(Write("picture", Encoding.ASCII.GetBytes(file))).Pixels);

    /// <summary>The decoder takes these for other pictures, and says nothing.</summary>
    [Theory]
    [InlineData("P1 4 1\n0110\n", "unusual kind")]
    [InlineData("P2 2 1 100\n50 100\n", "unusual kind")]
    [InlineData("P5 2 1 65535\nabcd", "unusual kind")]
    [InlineData("P2 2 2 255 1 2 3\n", "cut short")]
    [InlineData("P4 8 4\nabc", "cut short")]
    [InlineData("P4 9 2\nabcd", "unusual kind")]
    [InlineData("P6 2 1 255\nabcde", "cut short")]
    public void NetpbmThatWouldBeMisreadIsRefused(string file, string reason) =>
        AssertRefused(reason, Encoding.ASCII.GetBytes(file));

    [Fact]
    public void ASmallFileThatClaimsToBeHugeIsRefusedByItsHeader()
    {
        byte[] png = Encode(Gray(1, 1, [0]), new PngEncoder());
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 50_000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 50_000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.Append(0, png.AsSpan(12, 17)));
        long before = GC.GetAllocatedBytesForCurrentThread();

        AssertRefused("50,000×50,000 pixels; at most 67 million", png);
        AssertRefused("8,193×8,192 pixels", Encoding.ASCII.GetBytes("P5 8193 8192 255\n"));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("%PDF-1.7", "a PDF document")]
    [InlineData("\0\0\0\u0018ftypheic", "a HEIC or AVIF picture")]
    [InlineData("<!DOCTYPE html><title>Not found</title>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer")]
    [InlineData("\u00D0\u00CF\u0011\u00E0 \0\0", "not a picture")]
    public void WhatIsNoPictureIsNamed(string content, string kind) =>
        AssertRefused($"it is {kind}", Encoding.Latin1.GetBytes(content));

    [Fact]
    public void OfALargeFileThatIsNoPictureTheBeginningIsRead()
    {
        string path = Path.Combine(_folder.Path, "large.png");
        using (FileStream file = File.Create(path))
            file.SetLength(100_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("not a picture", Assert.Throws<InvalidDataException>(() => Picture.Read(path)).Message);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void APathWithoutAFileIsNamed()
    {
        string missing = Path.Combine(_folder.Path, "missing.png");

        Assert.Contains(missing, Assert.Throws<FileNotFoundException>(() => Picture.Read(missing)).Message);
        Assert.Contains(_folder.Path, Assert.Throws<IOException>(() => Picture.Read(_folder.Path)).Message);
    }

    [SkippableFact]
    public async Task APipeIsReadToItsEnd()
    {
        Skip.If(OperatingSystem.IsWindows(), "There are no named pipes in folders.");
        string pipe = Path.Combine(_folder.Path, "pipe");
        Process.Start("mkfifo", [pipe]).WaitForExit();
        // Opening a pipe waits for its other end.
        Task writing = Task.Run(() => File.WriteAllBytes(pipe, Encode(Gray(2, 1, [0, 255]), new PngEncoder())));

        Assert.Equal([0, 255], Picture.Read(pipe).Pixels);
        await writing;
    }

    private byte[] ReadRow(params Rgba32[] pixels) => Picture.Read(
        Write("picture.png", Encode(Image.LoadPixelData(pixels, pixels.Length, 1), new PngEncoder()))).Pixels;

    private void AssertRefused(string reason, byte[] content)
    {
        string path = Write("picture.png", content);

        string message = Assert.Throws<InvalidDataException>(() => Picture.Read(path)).Message;

        Assert.StartsWith($"{path} cannot be used: ", message);
        Assert.Contains(reason, message);
        Assert.DoesNotContain('\n', message);
    }

    private static Image<L8> Gray(int width, int height, byte[] pixels) =>
        Image.LoadPixelData([.. pixels.Select(value => new L8(value))], width, height);

    private static byte[] Encode(Image image, IImageEncoder encoder)
    {
        using var file = new MemoryStream();
        image.Save(file, encoder);
        return file.ToArray();
    }

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
