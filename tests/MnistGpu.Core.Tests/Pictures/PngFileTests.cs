using MnistGpu.Core.Pictures;

namespace MnistGpu.Core.Tests.Pictures;

public class PngFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void EveryFilterIsUndone(int filter)
    {
        int[] gray = Random(13 * 7, 256);
        int[] rgba = Random(13 * 7 * 4, 256);

        Assert.Equal(gray.Select(v => (byte)v), Decode(PngContent.File(13, 7, 0, 8, gray, filter)).Pixels);
        Assert.Equal(
            Decode(PngContent.File(13, 7, 6, 8, rgba, filter: 0)).Pixels,
            Decode(PngContent.File(13, 7, 6, 8, rgba, filter)).Pixels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void GrayOfEveryDepthIsStretchedToBytes(int bitDepth)
    {
        int largest = (1 << bitDepth) - 1;
        int[] samples = Random(11 * 6, largest + 1);

        GrayImage image = Decode(PngContent.File(11, 6, 0, bitDepth, samples));

        Assert.Equal((11, 6), (image.Width, image.Height));
        Assert.Equal(samples.Select(v => (byte)Math.Round(v * 255.0 / largest)), image.Pixels);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 8)]
    [InlineData(2, 16)]
    [InlineData(6, 8)]
    public void InterlacedIsTheSamePicture(int colorType, int bitDepth)
    {
        for (int width = 1; width <= 9; width++)
            for (int height = 1; height <= 9; height++)
            {
                int[] samples = Random(width * height * 4, 1 << bitDepth);

                Assert.Equal(
                    Decode(PngContent.File(width, height, colorType, bitDepth, samples)).Pixels,
                    Decode(PngContent.File(width, height, colorType, bitDepth, samples, interlaced: true)).Pixels);
            }
    }

    [Theory]
    [InlineData(8, 255)]
    [InlineData(16, 65535)]
    public void ColorsBecomeTheirLuma(int bitDepth, int full)
    {
        int[] redGreenBlueWhite = [full, 0, 0, 0, full, 0, 0, 0, full, full, full, full];

        // Rec. 601: 0.299, 0.587 and 0.114 of 255.
        Assert.Equal([76, 150, 29, 255], Decode(PngContent.File(4, 1, 2, bitDepth, redGreenBlueWhite)).Pixels);
    }

    [Theory]
    [InlineData(8, 255)]
    [InlineData(16, 65535)]
    public void AlphaIsLaidOverWhite(int bitDepth, int full)
    {
        int fifth = full / 5;

        Assert.Equal([0, 204, 255], Decode(PngContent.File(3, 1, 4, bitDepth, [0, full, 0, fifth, 0, 0])).Pixels);
        Assert.Equal(
            [76, 219, 255],
            Decode(PngContent.File(3, 1, 6, bitDepth, [full, 0, 0, full, full, 0, 0, fifth, 0, 0, 0, 0])).Pixels);
    }

    [Fact]
    public void WhatVanishesOnWhiteIsLaidOverBlack()
    {
        Assert.Equal([255, 51, 0], Decode(PngContent.File(3, 1, 4, 8, [255, 255, 255, 51, 255, 0])).Pixels);
        Assert.Equal([250, 0], Decode(PngContent.File(2, 1, 6, 8, [250, 250, 250, 255, 0, 0, 0, 0])).Pixels);
        Assert.Equal([255, 0], Decode(PngContent.File(2, 1, 0, 8, [255, 3], before: PngContent.Chunk("tRNS", 0, 3))).Pixels);
        // Faint on both papers: black ink on white is what a picture usually is.
        Assert.Equal([245, 255], Decode(PngContent.File(2, 1, 4, 8, [0, 10, 0, 0])).Pixels);
        // Nothing is transparent: nothing changes.
        Assert.Equal([250, 255], Decode(PngContent.File(2, 1, 0, 8, [250, 255])).Pixels);
    }

    [Fact]
    public void TheTransparentColorIsWhite()
    {
        byte[] gray = PngContent.Chunk("tRNS", 0, 3);
        byte[] color = PngContent.Chunk("tRNS", 0, 1, 0, 2, 0, 3);

        Assert.Equal([0, 255, 2], Decode(PngContent.File(3, 1, 0, 8, [0, 3, 2], before: gray)).Pixels);
        Assert.Equal([255, 1], Decode(PngContent.File(2, 1, 2, 8, [1, 2, 3, 1, 1, 1], before: color)).Pixels);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void PaletteColorsHaveTheirLumaAndTransparency(int bitDepth)
    {
        byte[] before =
        [
            .. PngContent.Chunk("PLTE", 255, 0, 0, 0, 255, 0, 0, 0, 255),
            .. PngContent.Chunk("tRNS", 255, 0),
        ];

        byte[] file = PngContent.File(5, 1, 3, bitDepth, [2, 0, 1, 2, 0], before: before);

        Assert.Equal([29, 76, 255, 29, 76], Decode(file).Pixels);
    }

    [Fact]
    public void SeveralDataChunksAreOneAndUnknownSmallLetteredOnesArePassedOver()
    {
        int[] gray = Random(30 * 30, 256);

        byte[] file = PngContent.File(30, 30, 0, 8, gray, parts: 7, before: PngContent.Chunk("teXt", 1, 2, 3));

        Assert.Equal(gray.Select(v => (byte)v), Decode(file).Pixels);
    }

    [Fact]
    public void ACutFileIsRefusedWhereverItEnds()
    {
        byte[] file = PngContent.File(5, 5, 0, 8, Random(25, 256));

        for (int length = 0; length < file.Length; length++)
            Assert.Throws<InvalidDataException>(() => Decode(file[..length]));
    }

    [Fact]
    public void AChangedByteIsRefusedWhereverItIs()
    {
        byte[] file = PngContent.File(5, 5, 0, 8, Random(25, 256));

        for (int i = 0; i < file.Length; i++)
        {
            byte[] damaged = (byte[])file.Clone();
            damaged[i] ^= 0x20;
            Assert.Throws<InvalidDataException>(() => Decode(damaged));
        }
    }

    [Fact]
    public void WhatIsWrongIsSaid()
    {
        byte[] end = PngContent.Chunk("IEND");
        byte[] data = PngContent.Chunk("IDAT", PngContent.Zlib([0, 1, 0, 2]));
        byte[] header = PngContent.Header(1, 2, 0, 8);
        byte[] wrongSum = [.. header[..^1], (byte)~header[^1]];

        AssertRefused("check sum of its chunk IHDR", wrongSum, data, end);
        AssertRefused("first chunk", data, end);
        AssertRefused("no IDAT", header, end);
        AssertRefused("cut short", header, data);
        AssertRefused("0×2", PngContent.Header(0, 2, 0, 8), data, end);
        AssertRefused("1×0", PngContent.Header(1, 0, 0, 8), data, end);
        AssertRefused("more than", PngContent.Header(60_000, 60_000, 0, 8), data, end);
        AssertRefused("more than", PngContent.Header(-1, -1, 0, 8), data, end);
        AssertRefused("colour type 1 with 8 bits", PngContent.Header(1, 2, 1, 8), data, end);
        AssertRefused("colour type 2 with 4 bits", PngContent.Header(1, 2, 2, 4), data, end);
        AssertRefused("interlace", PngContent.Header(1, 2, 0, 8, interlace: 2), data, end);
        AssertRefused("IHDR chunk has 1", PngContent.Chunk("IHDR", 1), data, end);
        AssertRefused("ABCD is not known", header, PngContent.Chunk("ABCD"), data, end);
        AssertRefused("palette is missing", PngContent.Header(1, 2, 3, 8), data, end);
        AssertRefused("palette has 4 bytes", PngContent.Header(1, 2, 3, 8), PngContent.Chunk("PLTE", 1, 2, 3, 4), end);
        AssertRefused("colour 1, but", PngContent.Header(1, 2, 3, 8), PngContent.Chunk("PLTE", 1, 2, 3), data, end);
        AssertRefused("tRNS", header, PngContent.Chunk("tRNS", 1), data, end);
        AssertRefused("ends early", PngContent.Header(1, 3, 0, 8), data, end);
        AssertRefused("filter 5", header, PngContent.Chunk("IDAT", PngContent.Zlib([0, 1, 5, 2])), end);
        AssertRefused("compressed image data is damaged", header, PngContent.Chunk("IDAT", 1, 2, 3, 4, 5, 6), end);
    }

    private static void AssertRefused(string reason, params byte[][] chunks)
    {
        byte[] file = [.. PngContent.Signature, .. chunks.SelectMany(chunk => chunk)];
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Decode(file)).Message);
    }

    private static GrayImage Decode(byte[] file) => PngFile.Decode(file);

    private static int[] Random(int count, int below)
    {
        var random = new Random(count);
        return Enumerable.Range(0, count).Select(_ => random.Next(below)).ToArray();
    }
}
