using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;

namespace MnistGpu.Pictures.Tests;

public class DigitNormalizerTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(200)]
    [InlineData(900)]
    public void TheDigitFillsTwentyPixelsAndItsMassIsInTheMiddle(int size)
    {
        byte[] digit = DigitNormalizer.ToMnist(Seven(size));

        (int width, int height) = Box(digit);
        Assert.Equal(20, Math.Max(width, height));
        Assert.Equal(255, digit.Max());
        double mass = digit.Sum(pixel => pixel);
        // Moved by whole pixels, so off by at most half a one; rounding to bytes moves it by less than a hundredth.
        Assert.InRange(digit.Select((pixel, i) => pixel * (i % 28)).Sum() / mass, 13.49, 14.51);
        Assert.InRange(digit.Select((pixel, i) => pixel * (i / 28)).Sum() / mass, 13.49, 14.51);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(100)]
    [InlineData(601)]
    public void APictureAndItsInverseGiveTheSame(int size)
    {
        GrayImage dark = Change(Seven(size), (value, x, y) => value * 0.6 + 20 + 9 * Math.Sin(x * 12.9 + y * 78.2));
        GrayImage light = Change(dark, (value, _, _) => 255 - value);

        Assert.Equal(DigitNormalizer.ToMnist(dark), DigitNormalizer.ToMnist(light));
    }

    [Fact]
    public void SizeAndPlaceDoNotMatter()
    {
        byte[] small = DigitNormalizer.ToMnist(Seven(100));
        byte[] large = DigitNormalizer.ToMnist(Seven(1000));
        byte[] aside = DigitNormalizer.ToMnist(Seven(250, canvas: 500, left: 20, top: 230));

        // At size 100 the digit is 68 pixels high and its box off by at most one at each edge: 2/68 of 20 pixels, so an
        // edge moves by up to 0.6 pixels at one end and less towards the other, 0.3 on average. The strokes' edges are
        // 80 pixels long: 0.3 × 80 × 255 / 784 = 8 grey levels on average over the picture.
        Assert.InRange(MeanDifference(small, large), 0, 8);
        Assert.InRange(MeanDifference(small, aside), 0, 8);
    }

    [Fact]
    public void UnevenLightIsTakenAway()
    {
        GrayImage even = Change(Seven(200), (value, _, _) => 100 + value * 100 / 255);
        GrayImage uneven = Change(even, (value, x, y) => value - 60 * x + 40 * y * y);

        // The ink stands out by 100 levels, each picture is rounded to whole ones, and so are their full ink and the
        // result: 2 × (0.5 + 0.5) / 100 × 255 + 1.
        byte[] expected = DigitNormalizer.ToMnist(even);
        byte[] actual = DigitNormalizer.ToMnist(uneven);
        Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max(), 0, 6.1);
    }

    [Fact]
    public void ALineThatTheDigitHidesHalfOfGoesWithTheOthers()
    {
        GrayImage plain = Seven(200);
        // The second of them is under the bar of the 7.
        GrayImage ruled = Change(plain, (value, _, y) => (int)Math.Round(200 * y) % 35 is 5 or 6 ? Math.Min(value, 160) : value);

        Assert.InRange(MeanDifference(DigitNormalizer.ToMnist(plain), DigitNormalizer.ToMnist(ruled)), 0, 8);
    }

    [Fact]
    public void SpecksAndGrainLeaveTheBackgroundBlack()
    {
        var random = new Random(1);
        GrayImage clean = Seven(200);
        GrayImage dirty = Change(clean, (value, _, _) => 20 + value * 0.8 + random.Next(-12, 13));
        foreach ((int x, int y) in new[] { (5, 5), (190, 12), (8, 180), (150, 190), (20, 100) })
            dirty.Pixels[y * 200 + x] = 0;

        byte[] expected = DigitNormalizer.ToMnist(clean);
        byte[] actual = DigitNormalizer.ToMnist(dirty);

        // A speck inside the box would shrink the digit and a grain beside it would leave some grey.
        Assert.Equal(Box(expected), Box(actual));
        Assert.InRange(MeanDifference(expected, actual), 0, 8);
    }

    [Fact]
    public void AThinStrokeBecomesFullInk()
    {
        Assert.Equal(255, DigitNormalizer.ToMnist(Seven(400, stroke: 0.012)).Max());
    }

    /// <summary>Thin strokes become 2.8 pixels thick, and thicker ones stay.</summary>
    [Theory]
    [InlineData(0.008, 2.8)]
    [InlineData(0.03, 2.8)]
    [InlineData(0.13, 3.8)]
    public void NoStrokeIsTooThin(double stroke, double pixels)
    {
        byte[] digit = DigitNormalizer.ToMnist(Seven(400, stroke));

        // The long stroke of the 7 goes one pixel aside in two rows, so a row crosses it at a slant.
        double across = Enumerable.Range(12, 8).Average(y => digit[(28 * y)..(28 * y + 28)].Sum(pixel => pixel)) / 255;
        Assert.InRange(across / Math.Sqrt(1 + 0.25), pixels - 0.4, pixels + 0.4);
    }

    [Fact]
    public void APictureInMnistsFormStaysAsItIs()
    {
        byte[] digit = DigitNormalizer.ToMnist(Seven(200));
        var picture = new GrayImage(28, 28, digit);

        Assert.True(DigitNormalizer.IsMnistForm(picture));
        Assert.Equal(digit, DigitNormalizer.ToMnist(picture));
    }

    [Fact]
    public void APictureAsHighAsFashionMnistsStaysAsItIs()
    {
        // A garment: as high as the picture, shaded, on black.
        var garment = new byte[784];
        for (int i = 0; i < garment.Length; i++)
            if (i % 28 is >= 6 and < 22)
                garment[i] = (byte)(100 + i % 28 * 5 + i / 28);
        garment[10] = 255;
        var picture = new GrayImage(28, 28, garment);

        Assert.Equal(garment, DigitNormalizer.ToMnist(picture));
        // With few levels it is a drawing, with light corners no picture on black.
        Assert.False(DigitNormalizer.IsMnistForm(Change(picture, (value, _, _) => value > 99 ? 255 : 0)));
        Assert.False(DigitNormalizer.IsMnistForm(Change(picture, (value, _, _) => 255 - value)));
    }

    [Fact]
    public void AnotherPictureOf28By28IsNotInMnistsForm()
    {
        byte[] digit = DigitNormalizer.ToMnist(Seven(200));
        byte[] moved = [.. digit[56..], .. new byte[56]];

        Assert.False(DigitNormalizer.IsMnistForm(Change(new(28, 28, digit), (value, _, _) => 255 - value)));
        Assert.False(DigitNormalizer.IsMnistForm(Change(new(28, 28, digit), (value, _, _) => Math.Max(value, 1))));
        Assert.False(DigitNormalizer.IsMnistForm(Change(new(28, 28, digit), (value, _, _) => value / 2)));
        Assert.False(DigitNormalizer.IsMnistForm(new GrayImage(28, 28, moved)));
        Assert.False(DigitNormalizer.IsMnistForm(new GrayImage(28, 28, new byte[784])));
        Assert.False(DigitNormalizer.IsMnistForm(Change(Seven(28), (value, _, _) => 255 - value)));
    }

    [Fact]
    public void ADigitCutOutWithoutAMarginIsFoundAllTheSame()
    {
        byte[] digit = DigitNormalizer.ToMnist(Seven(200));
        (int width, int height) = Box(digit);
        int left = Enumerable.Range(0, 28).First(x => Enumerable.Range(0, 28).Any(y => digit[y * 28 + x] > 0));
        int top = Enumerable.Range(0, 28).First(y => Enumerable.Range(0, 28).Any(x => digit[y * 28 + x] > 0));
        var cut = new GrayImage(width, height, new byte[width * height]);
        for (int i = 0; i < cut.Pixels.Length; i++)
            cut.Pixels[i] = digit[(top + i / width) * 28 + left + i % width];

        // The same pixels at the same places but for what enlarging and averaging blur.
        Assert.InRange(MeanDifference(digit, DigitNormalizer.ToMnist(cut)), 0, 8);
    }

    /// <summary>Of a 1 that is cut out tightly, there is more ink than paper.</summary>
    [Theory]
    [InlineData(40, 230)]
    [InlineData(230, 40)]
    public void AOneCutOutTightlyIsInkAndNotPaper(int ink, int paper)
    {
        // A bar that leans by half of its width.
        GrayImage one = Change(new GrayImage(30, 120, new byte[3600]), (_, x, y) =>
            30 * x - 10 * y is >= 0 and < 20 ? ink : paper);

        byte[] digit = DigitNormalizer.ToMnist(one);

        (int width, int height) = Box(digit);
        Assert.Equal(20, height);
        Assert.InRange(width, 5, 6);
        Assert.Equal(255, digit[14 * 28 + 14]);
    }

    /// <summary>What is inside of the stroke is not a sheet of paper on a desk.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(24)]
    public void AZeroLikeABoxKeepsItsStroke(int stroke)
    {
        GrayImage box = Change(new GrayImage(200, 200, new byte[40_000]), (_, x, y) =>
        {
            double toEdge = 200 * Math.Min(0.3 - Math.Abs(x - 0.5), 0.4 - Math.Abs(y - 0.5));
            return toEdge > 0 && toEdge <= stroke ? 0 : 255;
        });

        byte[] digit = DigitNormalizer.ToMnist(box);

        Assert.Equal(20, Box(digit).Height);
        byte[] row = digit[(14 * 28)..(15 * 28)];
        Assert.Equal((255, 0, 255), (row[..12].Max(), row[12..16].Max(), row[16..].Max()));
    }

    [Fact]
    public void APictureWithoutADigitIsRefusedByName()
    {
        var random = new Random(1);
        GrayImage flat = Change(Seven(100), (_, _, _) => 200);
        GrayImage shaded = Change(flat, (_, x, y) => 100 + 90 * x + 50 * y);
        // Nearly normal noise: some pixels are far out, as a digit's are.
        GrayImage grainy = Change(flat, (_, _, _) => 90 + 12 * Enumerable.Range(0, 12).Sum(_ => random.NextDouble()));
        var pixel = new GrayImage(1, 1, [9]);
        var black = new GrayImage(28, 28, new byte[784]);
        foreach (GrayImage picture in new[] { flat, shaded, grainy, pixel, black })
        {
            var exception = Assert.Throws<InvalidDataException>(() => DigitNormalizer.ToMnist(picture, "empty.png"));
            Assert.Contains("No digit found in empty.png", exception.Message);
        }
    }

    [Fact]
    public void NoShapeOfPictureIsTooOdd()
    {
        var random = new Random(1);
        foreach ((int width, int height) in new[] { (1, 1), (1, 40), (40, 1), (2, 3), (1, 3000), (5000, 3), (17, 23) })
            for (int trial = 0; trial < 5; trial++)
            {
                var pixels = new byte[width * height];
                random.NextBytes(pixels);
                try
                {
                    Assert.Equal(784, DigitNormalizer.ToMnist(new GrayImage(width, height, pixels)).Length);
                }
                catch (InvalidDataException)
                {
                    // Refused in order.
                }
            }
    }

    /// <summary>A black 7 on white, 68 % of the size high, with soft edges.</summary>
    private static GrayImage Seven(int size, double stroke = 0.08, int canvas = 0, int left = 0, int top = 0)
    {
        canvas = Math.Max(canvas, size);
        var image = new GrayImage(canvas, canvas, new byte[canvas * canvas]);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            double x = (i % canvas + 0.5 - left) / size;
            double y = (i / canvas + 0.5 - top) / size;
            double distance = Math.Min(
                Distance(x, y, 0.28, 0.2, 0.72, 0.2), Distance(x, y, 0.72, 0.2, 0.42, 0.8));
            double covered = Math.Clamp((stroke / 2 - distance) * size + 0.5, 0, 1);
            image.Pixels[i] = (byte)Math.Round(255 * (1 - covered));
        }
        return image;
    }

    private static double Distance(double x, double y, double x0, double y0, double x1, double y1)
    {
        (double dx, double dy) = (x1 - x0, y1 - y0);
        double part = Math.Clamp(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1);
        return Math.Sqrt(Math.Pow(x - x0 - part * dx, 2) + Math.Pow(y - y0 - part * dy, 2));
    }

    /// <summary>Another value at each pixel; x and y go from 0 to 1.</summary>
    private static GrayImage Change(GrayImage image, Func<double, double, double, double> value)
    {
        var changed = new byte[image.Pixels.Length];
        for (int i = 0; i < changed.Length; i++)
        {
            double x = (double)(i % image.Width) / image.Width;
            double y = (double)(i / image.Width) / image.Height;
            changed[i] = (byte)Math.Clamp(Math.Round(value(image.Pixels[i], x, y)), 0, 255);
        }
        return new GrayImage(image.Width, image.Height, changed);
    }

    private static (int Width, int Height) Box(byte[] digit)
    {
        int[] columns = Enumerable.Range(0, 784).Where(i => digit[i] > 0).Select(i => i % 28).ToArray();
        int[] rows = Enumerable.Range(0, 784).Where(i => digit[i] > 0).Select(i => i / 28).ToArray();
        return (columns.Max() - columns.Min() + 1, rows.Max() - rows.Min() + 1);
    }

    private static double MeanDifference(byte[] one, byte[] other) =>
        one.Zip(other, (a, b) => Math.Abs(a - b)).Average();
}
