namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Finds the paper of a tightly cropped digit, which may cover less area than the ink. There the digit is the piece that
/// reaches all four sides of the picture; the remaining paper is in pieces at its corners, and inside loops.
/// </summary>
internal static class TightCrop
{
    // How much of the brightness's variance is between ink and paper; for a gradient from light to dark it is three quarters.
    private const double LeastBetween = 0.85;

    // Only a 1 covers more of its box with ink, and is narrow.
    private const double MostInk = 0.6;
    private const double NarrowDigit = 0.5;

    // How close to a side the ink is if it was cropped with a different threshold, in pixels.
    private const int Near = 3;

    /// <returns>Whether each pixel is paper; null if the digit is not cropped tightly.</returns>
    public static bool[]? PaperOf(Plane picture)
    {
        (Plane light, Plane dark) = OtsuThreshold.Part(picture);
        double within = SquaredDistances(light.Values.Where(value => value > 0)) + SquaredDistances(dark.Values.Where(value => value >= 0));
        if (within > (1 - LeastBetween) * SquaredDistances(light.Values))
            return null;
        bool isNarrow = Math.Min(picture.Width, picture.Height) < NarrowDigit * Math.Max(picture.Width, picture.Height);
        foreach ((Plane ink, Plane paper) in new[] { (light, dark), (dark, light) })
        {
            List<int> paperPixels = [.. Enumerable.Range(0, paper.Values.Length).Where(pixel => paper.Values[pixel] > 0)];
            if ((isNarrow || paperPixels.Count >= (1 - MostInk) * paper.Values.Length)
                && ReachesAllSides(picture, paperPixels, near: 1)
                && InkFinder.Pieces(ink, 0).Any(piece => ReachesAllSides(picture, piece, Near)))
                return Array.ConvertAll(paper.Values, value => value > 0);
        }
        return null;
    }

    private static double SquaredDistances(IEnumerable<double> values)
    {
        double mean = values.DefaultIfEmpty().Average();
        return values.Sum(value => (value - mean) * (value - mean));
    }

    private static bool ReachesAllSides(Plane picture, List<int> pixels, int near) =>
        pixels.Exists(pixel => pixel % picture.Width < near)
        && pixels.Exists(pixel => pixel % picture.Width >= picture.Width - near)
        && pixels.Exists(pixel => pixel / picture.Width < near)
        && pixels.Exists(pixel => pixel / picture.Width >= picture.Height - near);
}
