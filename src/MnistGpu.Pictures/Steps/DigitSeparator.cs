namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Separates digits that are side by side with clear gaps between them, and rejects ink that is neither that nor one digit.
/// </summary>
internal static class DigitSeparator
{
    private const int MostDigits = 16;

    // A gap, as a fraction of the ink's extent across it. The pieces of a broken digit are closer together, or not as large.
    private const double ClearGap = 0.05;
    private const double LeastHeight = 0.4;

    // A thousand of MNIST's digits, drawn and photographed, reached at most 2.0, 3 pieces, and 3.0 strokes per line.
    private const double MostWidth = 2.1;
    private const int MostPieces = 6;

    // The longer side of the ink when marks are counted, so that chalk's grain does not count.
    private const int SideOfMarks = 40;

    private const double MostStrokes = 4;

    // A blot; only a 1 fills its box as fully, and is narrow.
    private const double MostCover = 0.95;
    private const double NarrowDigit = 0.5;

    /// <param name="ink">How much ink is on each pixel, 0 to 1; somewhere there is some.</param>
    /// <param name="name">The picture's name, for the message.</param>
    /// <returns>The ink of each digit from left to right, at its place in the picture.</returns>
    /// <exception cref="InvalidDataException">This is neither one digit nor several with gaps.</exception>
    public static IReadOnlyList<Plane> Separate(Plane ink, string name)
    {
        List<Plane> parts = SideBySide(ink);
        double least = LeastHeight * parts.Max(Height);
        int tall = parts.Count(part => Height(part) >= least);
        if (tall == 1)
            parts = [ink];
        else if (tall < parts.Count)
            throw Refusal("there are several, and marks beside them; cut out one");
        foreach (Plane part in parts)
        {
            if (part.Box() is var (left, top, right, bottom) && right - left > MostWidth * (bottom - top))
                throw Refusal("the ink is too wide for a digit; leave gaps between several");
            if (parts.Count > MostDigits || IsFullOfMarks(part))
                throw Refusal("it is full of marks; cut out the digit");
            Plane turned = part.Transpose();
            if (SideBySide(turned).Count(lines => Height(lines.Transpose()) >= LeastHeight * Height(part)) > 1)
                throw Refusal("there are marks above one another; cut out one digit");
        }
        return parts;

        InvalidDataException Refusal(string reason) => new($"No digit found in {name}: {reason}.");
    }

    private static int Height(Plane ink) => ink.Box() is var (_, top, _, bottom) ? bottom - top : 0;

    /// <summary>Cuts at columns without ink, if there are enough of them side by side.</summary>
    private static List<Plane> SideBySide(Plane ink)
    {
        (int left, int top, int right, int bottom) = ink.Box();
        double gap = Math.Max(2, ClearGap * (bottom - top));
        List<Plane> parts = [];
        int last = left - (int)gap - 1;
        for (int x = left; x < right; x++)
        {
            if (!Column(x).Any(value => value > 0))
                continue;
            if (x - last > gap)
                parts.Add(new Plane(ink.Width, ink.Height));
            last = x;
            for (int y = top; y < bottom; y++)
                parts[^1].Values[y * ink.Width + x] = ink.Values[y * ink.Width + x];
        }
        return parts;

        IEnumerable<double> Column(int x) => Enumerable.Range(top, bottom - top).Select(y => ink.Values[y * ink.Width + x]);
    }

    private static bool IsFullOfMarks(Plane ink)
    {
        ink = ink.ShrinkTo(SideOfMarks);
        int pieces = InkFinder.Pieces(ink, double.Epsilon).Count();
        (double strokes, double cover) = Lines(ink);
        return pieces > MostPieces || Math.Max(strokes, Lines(ink.Transpose()).Strokes) > MostStrokes || cover > MostCover;
    }

    /// <summary>How many strokes a line across the ink's box crosses on average, and how much of the box is covered with ink.</summary>
    private static (double Strokes, double Cover) Lines(Plane ink)
    {
        const double stroke = 0.3;
        (int left, int top, int right, int bottom) = ink.Box();
        int strokes = 0, covered = 0;
        for (int y = top; y < bottom; y++)
            for (int x = left; x < right; x++)
                if (ink.Values[y * ink.Width + x] > stroke)
                {
                    covered++;
                    strokes += x == left || ink.Values[y * ink.Width + x - 1] <= stroke ? 1 : 0;
                }
        double width = right - left, height = bottom - top;
        return (strokes / height, width < NarrowDigit * height ? 0 : covered / (width * height));
    }
}
