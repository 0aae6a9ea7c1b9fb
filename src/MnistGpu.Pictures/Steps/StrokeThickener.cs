namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Makes thin strokes as thick as a network reads best: a fine pen's are less than a pixel wide at MNIST's size, and a network
/// trained on MNIST has seen none like that. (A morphological dilation by a disc. J. Serra: Image Analysis and Mathematical
/// Morphology, 1982.)
/// </summary>
internal static class StrokeThickener
{
    // As a fraction of the digit's longer side: 2.8 pixels of 20. Most of MNIST's strokes are thinner, with a median of 2.1
    // pixels, but more of the digits drawn with a fine pen are read correctly with these.
    private const double LeastWidth = 0.14;

    /// <param name="ink">How much ink is on each pixel, 0 to 1; somewhere there is some.</param>
    /// <returns>The ink itself if it is thick enough; otherwise a plane that fits the thickened ink.</returns>
    public static Plane Thicken(Plane ink)
    {
        (int left, int top, int right, int bottom) = ink.Box();
        // The disc also enlarges the digit, by two radii.
        double missing = LeastWidth * Math.Max(right - left, bottom - top) - StrokeWidth(ink);
        int radius = (int)(missing / (2 * (1 - LeastWidth)));
        if (radius <= 0)
            return ink;
        var thick = new Plane(right - left + 2 * radius, bottom - top + 2 * radius);
        for (int y = top; y < bottom; y++)
            for (int x = left; x < right; x++)
                if (ink.Values[y * ink.Width + x] is > 0 and var value)
                    Stamp(thick, x - left + radius, y - top + radius, radius, value);
        return thick;
    }

    private static void Stamp(Plane plane, int x, int y, int radius, double value)
    {
        for (int dy = -radius; dy <= radius; dy++)
        {
            int reach = (int)Math.Sqrt(radius * radius - dy * dy);
            int middle = (y + dy) * plane.Width + x;
            for (int i = middle - reach; i <= middle + reach; i++)
                plane.Values[i] = Math.Max(plane.Values[i], value);
        }
    }

    /// <summary>
    /// The strokes' mean width in pixels: the ink's area divided by half the length of its edge, which passes straight through
    /// each square between the centres of four pixels or cuts off one or two corners (marching squares). A gap within the ink
    /// that is narrower than a stroke should be is the grain of chalk or pencil, and has no edge.
    /// </summary>
    private static double StrokeWidth(Plane ink)
    {
        bool[] isInk = Array.ConvertAll(ink.Values, value => value > 0.5);
        (int left, int top, int right, int bottom) = ink.Box();
        double largestGap = Math.Pow(LeastWidth / 2 * Math.Max(right - left, bottom - top), 2);
        var gaps = new Plane(ink.Width, ink.Height);
        for (int i = 0; i < isInk.Length; i++)
            gaps.Values[i] = isInk[i] ? 0 : 1;
        foreach (List<int> gap in InkFinder.Pieces(gaps, 1))
            if (gap.Count < largestGap)
                gap.ForEach(pixel => isInk[pixel] = true);

        double area = 0, edge = 0;
        for (int y = 0; y < ink.Height - 1; y++)
            for (int i = y * ink.Width; i < (y + 1) * ink.Width - 1; i++)
            {
                int first = IsInk(i) + IsInk(i + ink.Width + 1), second = IsInk(i + 1) + IsInk(i + ink.Width);
                area += (first + second) / 4.0;
                edge += (first + second, first) switch
                {
                    (1 or 3, _) => Math.Sqrt(0.5),
                    (2, 1) => 1,
                    (2, _) => Math.Sqrt(2),
                    _ => 0,
                };
            }
        return edge == 0 ? area : 2 * area / edge;

        int IsInk(int pixel) => isInk[pixel] ? 1 : 0;
    }
}
