using System.Buffers.Binary;
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
using SixLabors.ImageSharp.Formats.Tiff.Constants;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;
using Xunit.Abstractions;

namespace MnistGpu.Fuzz;

public class PictureFuzzTests(ITestOutputHelper output)
{
    private static readonly IImageEncoder[] s_encoders =
    [
        new PngEncoder { ColorType = PngColorType.Grayscale },
        new PngEncoder { ColorType = PngColorType.Palette, BitDepth = PngBitDepth.Bit4 },
        new PngEncoder { ColorType = PngColorType.RgbWithAlpha, InterlaceMethod = PngInterlaceMode.Adam7 },
        new JpegEncoder(), new GifEncoder(), new BmpEncoder(), new BmpEncoder { BitsPerPixel = BmpBitsPerPixel.Pixel8 },
        new WebpEncoder { FileFormat = WebpFileFormatType.Lossless }, new WebpEncoder { FileFormat = WebpFileFormatType.Lossy },
        new TiffEncoder { Compression = TiffCompression.None }, new TiffEncoder { Compression = TiffCompression.Lzw },
        new TiffEncoder { Compression = TiffCompression.Deflate }, new TiffEncoder { Compression = TiffCompression.PackBits },
        new PbmEncoder { ColorType = PbmColorType.BlackAndWhite, Encoding = PbmEncoding.Binary },
        new PbmEncoder { ColorType = PbmColorType.Grayscale, Encoding = PbmEncoding.Plain },
        new PbmEncoder { ColorType = PbmColorType.Rgb, Encoding = PbmEncoding.Binary },
    ];

    /// <summary>100 MB: the files are small, so their headers cannot claim more pixels than take that.</summary>
    [Fact]
    public void DamagedPicturesAreReadOrRefused()
    {
        Seed[] seeds = [.. s_encoders.Select(encoder => Encode(Seven(), encoder)).Select(file => new Seed(file, Repair))];

        new Fuzzer(output).Run(seeds, mostBytes: 100_000_000,
            path => Assert.Equal(ImageSet.PixelsPerImage, DigitNormalizer.ToMnist(Picture.Read(path), path).Length));
    }

    /// <summary>A 7, turned by its EXIF profile.</summary>
    private static Image<Rgb24> Seven()
    {
        var image = new Image<Rgb24>(24, 24, new Rgb24(240, 235, 230));
        for (int i = 0; i < 12; i++)
            image[4 + i, 4] = image[4 + i, 5] = image[14 - i / 2, 5 + i] = image[15 - i / 2, 5 + i] = new Rgb24(20, 20, 90);
        image.Metadata.ExifProfile = new ExifProfile();
        image.Metadata.ExifProfile.SetValue(ExifTag.Orientation, (ushort)6);
        return image;
    }

    private static byte[] Encode(Image image, IImageEncoder encoder)
    {
        using var file = new MemoryStream();
        image.Save(file, encoder);
        return file.ToArray();
    }

    /// <summary>Writes the right checksums of a PNG's chunks; other files stay as they are.</summary>
    private static byte[] Repair(byte[] file)
    {
        const int signature = 8, around = 12;
        if (file is not [0x89, (byte)'P', (byte)'N', (byte)'G', ..])
            return file;
        for (int at = signature; at + around <= file.Length;)
        {
            long end = at + around + (long)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (end > file.Length)
                break;
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan((int)end - 4), Crc32.Append(0, file.AsSpan(at + 4, (int)end - at - 8)));
            at = (int)end;
        }
        return file;
    }
}
