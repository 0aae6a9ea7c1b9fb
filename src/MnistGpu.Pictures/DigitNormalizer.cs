using MnistGpu.Core.Data;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;

namespace MnistGpu.Pictures;

/// <summary>
/// Brings a drawn or photographed digit of any size, dark on light or light on dark, into MNIST's form: 28×28 pixels,
/// 0 is background and 255 full ink, the digit fitted into 20×20 and its centre of mass in the middle. (The form:
/// Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits.)
/// </summary>
public static class DigitNormalizer
{
    /// <summary>
    /// If the largest output of a network is below this, it is unsure about a picture that <see cref="ToMnist"/> has changed.
    /// </summary>
    public const float LeastOutput = 0.4f;

    private const int Side = ImageSet.Side;

    // The longer side of a digit's box in MNIST.
    private const int DigitSide = 20;

    // Centre of mass in MNIST: 14 if pixels are counted from 0, off by at most half a pixel.
    private const double Center = 14;

    // The longer side of the picture to work on; a larger one is scaled down first.
    private const int WorkingSide = 280;

    /// <summary>Finds the digit in a picture and brings it into MNIST's form.</summary>
    /// <param name="image">
    /// One digit, with some background around it. A picture that already <see cref="IsMnistForm"/> is left unchanged.
    /// </param>
    /// <param name="name">The picture's name for the message if there is no digit, such as its path.</param>
    /// <returns>784 bytes, row by row; 0 is background, 255 full ink.</returns>
    /// <exception cref="InvalidDataException">Nothing stands out from the background, or it is not one digit.</exception>
    public static byte[] ToMnist(GrayImage image, string name = "the picture")
    {
        IReadOnlyList<byte[]> digits = EachToMnist(image, name);
        return digits is [byte[] only]
            ? only
            : throw new InvalidDataException($"There are {digits.Count} digits in {name}; cut it into single digits.");
    }

    /// <summary>
    /// Finds the digits in a picture that are side by side, with clear gaps between them, and brings each into MNIST's form.
    /// </summary>
    /// <inheritdoc cref="ToMnist"/>
    /// <returns>From left to right, 784 bytes each.</returns>
    public static IReadOnlyList<byte[]> EachToMnist(GrayImage image, string name = "the picture")
    {
        if (IsMnistForm(image))
            return [(byte[])image.Pixels.Clone()];
        Plane ink = FindInk(image, name);
        return
        [
            .. DigitSeparator.Separate(ink, name)
                .Select(StrokeThickener.Thicken)
                .Select(FitIntoBox)
                .Select(Stretch)
                .Select(MoveToCenter),
        ];
    }

    /// <summary>How strong the ink is at each point of a picture, from 0 to 1. Each step is a file in Steps/.</summary>
    internal static Plane FindInk(GrayImage image, string name)
    {
        Plane picture = Plane.FromImage(image, WorkingSide);
        // The desk around a sheet of paper.
        picture = SurroundingsRemover.Remove(picture, leastSides: 4);
        // Ruled and squared paper, and then what only the ruling connected with the sheet.
        picture = LineRemover.Remove(picture, out bool hadLines);
        picture = SurroundingsRemover.Remove(picture, leastSides: 1);
        double faintest = hadLines ? InkFinder.FaintestBesideLines : InkFinder.Faintest;
        // If a digit is cropped tightly, its strokes reach the edges, as shadows and frames do otherwise.
        bool[]? paper = TightCrop.PaperOf(picture);
        Plane ink = InkFinder.Find(picture, faintest, paper);
        if (paper is null)
            ink = HoleRemover.Remove(CircleRemover.Remove(FrameRemover.Remove(WithoutShadow(ink, picture, faintest, name))));
        if (!ink.Values.Any(value => value > 0))
            throw new InvalidDataException(
                $"No digit found in {name}: nothing stands out from the background; leave some background around the digit.");
        return GrainFiller.Fill(ink);
    }

    private static Plane WithoutShadow(Plane ink, Plane picture, double faintest, string name)
    {
        if (StrengthAtTheEdge(ink) is > 0 and < 0.7 and var shadow)
            ink = InkFinder.Find(picture, 0.5 * (1 + shadow));
        if (PartAlongAnEdge(ink) >= 0.25)
            ink = InkFinder.Find(ShadowRemover.Remove(picture), faintest);
        if (PartAlongAnEdge(ink) >= 0.6)
            throw new InvalidDataException(
                $"No digit found in {name}: there is something along the edge of the picture, such as a shadow; crop it off.");
        return ink;
    }

    /// <summary>
    /// Whether a picture is like MNIST's own: 28×28, at least half of the pixels exactly 0, full ink (200 or more) somewhere,
    /// the longer side of the box around everything that is not 0 from 18 to 20 pixels, the centre of mass within a pixel of
    /// 14, 14 in each direction. Or like those of Fashion-MNIST and similar sets: the box as high or as wide as the picture,
    /// the corners 0, and more levels of grey (64) than a drawing has.
    /// </summary>
    public static bool IsMnistForm(GrayImage image)
    {
        const int manyLevels = 64;
        byte[] pixels = image.Pixels;
        if (image.Width != Side || image.Height != Side || pixels.Max() < 200)
            return false;
        var plane = new Plane(Side, Side);
        for (int i = 0; i < pixels.Length; i++)
            plane.Values[i] = pixels[i];
        (int left, int top, int right, int bottom) = plane.Box();
        int longer = Math.Max(right - left, bottom - top);
        if (longer == Side)
            return (pixels[0], pixels[Side - 1], pixels[^Side], pixels[^1]) is (0, 0, 0, 0)
                && pixels.Distinct().Count() >= manyLevels;
        (double x, double y) = CenterOfMass(plane);
        return pixels.AsSpan().Count((byte)0) >= pixels.Length / 2 && longer is >= 18 and <= DigitSide
            && Math.Abs(x - Center) <= 1 && Math.Abs(y - Center) <= 1;
    }

    /// <summary>
    /// The largest fraction of a side of the picture that is covered with ink without a break, as by a shadow; 0 if there is
    /// ink at all four sides, because then the digit is cropped tightly.
    /// </summary>
    private static double PartAlongAnEdge(Plane ink)
    {
        double[] sides =
        [
            Part(ink.Width, i => i), Part(ink.Width, i => (ink.Height - 1) * ink.Width + i),
            Part(ink.Height, i => i * ink.Width), Part(ink.Height, i => (i + 1) * ink.Width - 1),
        ];
        return sides.Min() > 0 ? 0 : sides.Max();

        double Part(int length, Func<int, int> pixelAt) =>
            Enumerable.Range(0, length).Count(i => ink.Values[pixelAt(i)] > 0) / (double)length;
    }

    /// <summary>The median strength of the ink at the edges of the picture; 0 if there is none.</summary>
    private static double StrengthAtTheEdge(Plane ink)
    {
        double[] atEdge = [.. Enumerable.Range(0, ink.Values.Length)
            .Where(ink.IsAtEdge)
            .Select(i => ink.Values[i]).Where(value => value > 0).Order()];
        return atEdge.Length == 0 ? 0 : atEdge[atEdge.Length / 2];
    }

    private static (double X, double Y) CenterOfMass(Plane ink)
    {
        double mass = 0, x = 0, y = 0;
        for (int i = 0; i < ink.Values.Length; i++)
        {
            mass += ink.Values[i];
            x += ink.Values[i] * (i % ink.Width);
            y += ink.Values[i] * (i / ink.Width);
        }
        return (x / mass, y / mass);
    }

    /// <summary>Scales the box around the ink, keeping its proportions, until its longer side has 20 pixels.</summary>
    private static Plane FitIntoBox(Plane ink)
    {
        (int left, int top, int right, int bottom) = ink.Box();
        int longer = Math.Max(right - left, bottom - top);
        // Averaging alone would turn the pixels of a tiny digit into blocks.
        int enlarge = (2 * DigitSide - 1) / longer + 1;
        if (enlarge > 1)
            ink = ink.Enlarge(enlarge);
        double pixel = (double)longer * enlarge / DigitSide;
        double centerX = (left + right) * enlarge / 2.0;
        double centerY = (top + bottom) * enlarge / 2.0;
        var box = new Plane(DigitSide, DigitSide);
        for (int y = 0; y < DigitSide; y++)
            for (int x = 0; x < DigitSide; x++)
            {
                double x0 = centerX + (x - DigitSide / 2) * pixel;
                double y0 = centerY + (y - DigitSide / 2) * pixel;
                box.Values[y * DigitSide + x] = ink.MeanOver(x0, y0, x0 + pixel, y0 + pixel);
            }
        return box;
    }

    /// <summary>
    /// Makes strong ink full ink: strokes thinner than a pixel would otherwise be faint. A tenth of the pixels with ink are at
    /// full ink afterwards; in MNIST, four tenths are.
    /// </summary>
    private static Plane Stretch(Plane box)
    {
        const double trace = 0.02;
        double[] ink = Array.FindAll(box.Values, value => value > trace);
        Array.Sort(ink);
        double full = ink.Length == 0 ? box.Values.Max() : ink[(int)(ink.Length * 0.9)];
        for (int i = 0; i < box.Values.Length; i++)
            box.Values[i] = Math.Min(1, box.Values[i] / full);
        return box;
    }

    /// <summary>Places the box so that the ink's centre of mass is in the middle, as nearly as whole pixels allow.</summary>
    private static byte[] MoveToCenter(Plane box)
    {
        (double x, double y) = CenterOfMass(box);
        int left = Math.Clamp((int)Math.Round(Center - x), 0, Side - DigitSide);
        int top = Math.Clamp((int)Math.Round(Center - y), 0, Side - DigitSide);
        var pixels = new byte[Side * Side];
        for (int row = 0; row < DigitSide; row++)
            for (int column = 0; column < DigitSide; column++)
                pixels[(top + row) * Side + left + column] =
                    (byte)Math.Round(255 * box.Values[row * DigitSide + column]);
        return pixels;
    }
}
