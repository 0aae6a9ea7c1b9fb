namespace MnistGpu.Pictures.Steps;

/// <summary>Removes the holes that a punch has made for a binder: at least two equal discs in a row along one side of the picture.</summary>
internal static class HoleRemover
{
    // As fractions of the picture's shorter side: the smallest and largest hole across, and how far its middle is from the side.
    private const double LeastAcross = 0.02;
    private const double MostAcross = 0.12;
    private const double FromSide = 0.15;

    // How much of its box a disc fills at least and at most (a circle: π/4), and how much two holes may differ, in diameters.
    private const double LeastFilled = 0.65;
    private const double MostFilled = 0.92;
    private const double LargestDifference = 0.25;

    /// <summary>The ink without the holes.</summary>
    public static Plane Remove(Plane ink)
    {
        int side = Math.Min(ink.Width, ink.Height);
        List<Disc> discs = [.. InkFinder.Pieces(ink, double.Epsilon).Select(piece => Disc.Of(piece, ink.Width))
            .Where(disc => disc.IsRound && disc.Across >= LeastAcross * side && disc.Across <= MostAcross * side)];
        // A side at a time: how far the discs are from it.
        Func<Disc, double>[] distances = [disc => disc.X, disc => ink.Width - disc.X, disc => disc.Y, disc => ink.Height - disc.Y];
        foreach (Func<Disc, double> distance in distances)
        {
            List<Disc> row = discs.FindAll(disc => distance(disc) < FromSide * side);
            List<Disc> holes = row.FindAll(disc => row.Exists(other => other != disc && AreAlike(disc, other, distance)));
            if (holes.Count == 0)
                continue;
            var cleaned = new Plane(ink.Width, ink.Height);
            ink.Values.CopyTo(cleaned.Values, 0);
            holes.ForEach(hole => hole.Pixels.ForEach(pixel => cleaned.Values[pixel] = 0));
            return cleaned;
        }
        return ink;
    }

    private static bool AreAlike(Disc disc, Disc other, Func<Disc, double> distance)
    {
        double largest = LargestDifference * Math.Max(disc.Across, other.Across) + 1;
        return Math.Abs(disc.Across - other.Across) <= largest && Math.Abs(distance(disc) - distance(other)) <= 2 * largest;
    }

    private sealed record Disc(List<int> Pixels, double X, double Y, int Across, bool IsRound)
    {
        public static Disc Of(List<int> pixels, int width)
        {
            int left = pixels.Min(pixel => pixel % width), right = pixels.Max(pixel => pixel % width) + 1;
            int top = pixels.Min(pixel => pixel / width), bottom = pixels.Max(pixel => pixel / width) + 1;
            (int across, int down) = (right - left, bottom - top);
            double filled = pixels.Count / (double)(across * down);
            return new Disc(pixels, (left + right) / 2.0, (top + bottom) / 2.0, Math.Max(across, down),
                Math.Abs(across - down) <= LargestDifference * Math.Max(across, down) && filled is >= LeastFilled and <= MostFilled);
        }
    }
}
