namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Separates the ink of a drawn or photographed digit from its background, dark on light or light on dark, on grainy paper
/// and under uneven light.
/// </summary>
internal static class InkFinder
{
    /// <summary>What stands out less than this, in grey levels of 255, is not ink.</summary>
    public const double LeastContrast = 12;

    /// <summary>The faintest ink next to connected stronger ink, as a fraction of full ink.</summary>
    public const double Faintest = 0.06;

    /// <summary>The same if lines were removed, whose traces would be mistaken for ink.</summary>
    public const double FaintestBesideLines = 0.3;

    // Full ink stands out from the background's noise by at least this many standard deviations.
    private const double LeastSignal = 3;

    // A connected piece with less ink than this fraction of the largest one's is a speck.
    private const double LeastPiece = 0.02;

    /// <summary>How much ink is on each pixel.</summary>
    /// <param name="picture">Brightness.</param>
    /// <param name="faintest">The faintest ink, as a fraction of full ink.</param>
    /// <param name="paper">Whether each pixel may be paper; null if any may.</param>
    /// <returns>0 (background) to 1 (full ink), of the picture's size; all 0 if nothing stands out.</returns>
    public static Plane Find(Plane picture, double faintest = Faintest, bool[]? paper = null)
    {
        BackgroundSurface background = BackgroundSurface.Of(picture, paper);
        double noise = background.Deviation;
        var strength = new Plane(picture.Width, picture.Height);
        for (int i = 0; i < strength.Values.Length; i++)
            strength.Values[i] = background.Difference(i);
        // The background deviates up as often as down; ink deviates far in one direction, which cubing brings out.
        int direction = Math.Sign(strength.Values.Sum(value => value * value * value));
        for (int i = 0; i < strength.Values.Length; i++)
            strength.Values[i] = Math.Max(0, direction * strength.Values[i]);

        double threshold = OtsuThreshold.Of(strength.Values);
        double fullInk = FullInk(strength.Values, threshold);
        var ink = new Plane(picture.Width, picture.Height);
        if (fullInk < Math.Max(LeastContrast, LeastSignal * noise))
            return ink;
        double least = Math.Max(3 * noise, faintest * fullInk);
        foreach (List<int> piece in LargePieces(strength, least, threshold))
            foreach (int pixel in piece)
                ink.Values[pixel] = Math.Min(1, strength.Values[pixel] / fullInk);
        return ink;
    }

    /// <summary>
    /// The strength of ink that covers a whole pixel: that of the strongest tenth of what is above the threshold, so that a
    /// shadow, which is weaker, may cover more area than the ink.
    /// </summary>
    private static double FullInk(double[] strength, double threshold)
    {
        double[] ink = Array.FindAll(strength, value => value >= threshold);
        Array.Sort(ink);
        return ink[(int)(ink.Length * 0.9)];
    }

    /// <summary>
    /// The connected pieces of pixels with at least the faintest ink that contain some strong ink and are not specks.
    /// </summary>
    private static IEnumerable<List<int>> LargePieces(Plane strength, double faintest, double strong)
    {
        double[] values = strength.Values;
        (List<int> Pixels, double Ink)[] pieces = [.. Pieces(strength, faintest)
            .Where(piece => piece.Exists(pixel => values[pixel] >= strong))
            .Select(piece => (piece, piece.Sum(pixel => values[pixel])))];
        double least = LeastPiece * pieces.Select(piece => piece.Ink).DefaultIfEmpty().Max();
        return pieces.Where(piece => piece.Ink >= least).Select(piece => piece.Pixels);
    }

    /// <summary>The pixels with at least some strength, in one list per piece connected through the eight neighbours.</summary>
    public static IEnumerable<List<int>> Pieces(Plane strength, double faintest)
    {
        var seen = new bool[strength.Values.Length];
        for (int start = 0; start < seen.Length; start++)
            if (!seen[start] && strength.Values[start] >= faintest)
                yield return PieceAt(start, strength, faintest, seen);
    }

    private static List<int> PieceAt(int start, Plane strength, double faintest, bool[] seen)
    {
        var pixels = new List<int> { start };
        seen[start] = true;
        // The list is also the queue: the neighbours of pixels after i still need to be visited.
        for (int i = 0; i < pixels.Count; i++)
        {
            int x = pixels[i] % strength.Width;
            int y = pixels[i] / strength.Width;
            for (int ny = Math.Max(0, y - 1); ny <= Math.Min(strength.Height - 1, y + 1); ny++)
                for (int nx = Math.Max(0, x - 1); nx <= Math.Min(strength.Width - 1, x + 1); nx++)
                {
                    int neighbour = ny * strength.Width + nx;
                    if (seen[neighbour] || strength.Values[neighbour] < faintest)
                        continue;
                    seen[neighbour] = true;
                    pixels.Add(neighbour);
                }
        }
        return pixels;
    }
}
