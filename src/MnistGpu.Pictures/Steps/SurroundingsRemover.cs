namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Removes the surroundings of the sheet with the digit: a desk, a frame, the dark edge of a scan. A sheet is a filled
/// rectangle, possibly rotated a little, with ink on it; at least one side of the picture, or only corners, are not part
/// of it.
/// </summary>
internal static class SurroundingsRemover
{
    private const double LeastSheet = 0.25;
    private const double LeastRectangle = 0.9;
    private const double LeastSide = 0.7;

    // If a sheet fills nearly all of the picture, its corners may be cut off.
    private const double WithoutCorners = 0.85;

    // Ink covers little of a sheet; in a 0 drawn like a box, the inside is the larger part.
    private const double LeastInk = 0.002;
    private const double MostInk = 0.3;

    private const int LargestTurn = 12;

    // The width of the blur between the sheet and its surroundings, in pixels.
    private const int Blur = 2;

    /// <summary>The picture with the sheet's brightness extended to its edges; the picture itself if there is no such sheet.</summary>
    /// <param name="picture">Brightness.</param>
    /// <param name="leastSides">The minimum number of sides of the picture outside the sheet; four for a frame.</param>
    public static Plane Remove(Plane picture, int leastSides)
    {
        (Plane light, Plane dark) = OtsuThreshold.Part(picture);
        return (SheetIn(light, leastSides) ?? SheetIn(dark, leastSides)) is { } sheet ? Spread(picture, sheet) : picture;
    }

    /// <summary>The largest piece above 0, with its holes filled, if it is a sheet.</summary>
    private static bool[]? SheetIn(Plane strength, int leastSides)
    {
        (int width, int height) = (strength.Width, strength.Height);
        var around = new Plane(width, height);
        Array.Fill(around.Values, 1);
        InkFinder.Pieces(strength, 0).MaxBy(piece => piece.Count)?.ForEach(pixel => around.Values[pixel] = 0);
        List<List<int>> pieces = [.. InkFinder.Pieces(around, 1).Where(piece => piece.Exists(strength.IsAtEdge))];
        var outside = new bool[around.Values.Length];
        pieces.ForEach(piece => piece.ForEach(pixel => outside[pixel] = true));

        int sheetPixels = outside.Count(pixel => !pixel);
        double ink = Enumerable.Range(0, outside.Length).Count(i => !outside[i] && strength.Values[i] < 0) / (double)sheetPixels;
        if (sheetPixels < LeastSheet * outside.Length || ink is < LeastInk or > MostInk
            || !(IsSheet() || leastSides == 1 && sheetPixels > WithoutCorners * outside.Length && pieces.TrueForAll(HasACorner)))
            return null;
        return Array.ConvertAll(outside, pixel => !pixel);

        bool IsSheet() =>
            CoveredSides(outside, width, height) >= leastSides && IsRectangle(outside, sheetPixels, width, height);

        bool HasACorner(List<int> piece) =>
            piece.Exists(pixel => pixel % width is var x && (x == 0 || x == width - 1) && pixel / width is var y && (y == 0 || y == height - 1));
    }

    private static int CoveredSides(bool[] outside, int width, int height)
    {
        int[] columns = [.. Enumerable.Range(0, width)], rows = [.. Enumerable.Range(0, height)];
        return (columns.Count(x => outside[x]) >= LeastSide * width ? 1 : 0)
            + (columns.Count(x => outside[(height - 1) * width + x]) >= LeastSide * width ? 1 : 0)
            + (rows.Count(y => outside[y * width]) >= LeastSide * height ? 1 : 0)
            + (rows.Count(y => outside[y * width + width - 1]) >= LeastSide * height ? 1 : 0);
    }

    /// <summary>Whether the sheet, rotated by some angle, nearly fills the box around it.</summary>
    private static bool IsRectangle(bool[] outside, int sheetPixels, int width, int height)
    {
        for (int degrees = -LargestTurn; degrees <= LargestTurn; degrees++)
        {
            (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
            (double left, double right, double top, double bottom) =
                (double.MaxValue, double.MinValue, double.MaxValue, double.MinValue);
            for (int i = 0; i < outside.Length; i++)
            {
                if (outside[i])
                    continue;
                double x = cos * (i % width) + sin * (i / width);
                double y = cos * (i / width) - sin * (i % width);
                (left, right) = (Math.Min(left, x), Math.Max(right, x));
                (top, bottom) = (Math.Min(top, y), Math.Max(bottom, y));
            }
            if (sheetPixels >= LeastRectangle * (right - left + 1) * (bottom - top + 1))
                return true;
        }
        return false;
    }

    /// <summary>Gives each pixel outside the sheet the brightness of the nearest part of the sheet.</summary>
    private static Plane Spread(Plane picture, bool[] sheet)
    {
        (int width, int height) = (picture.Width, picture.Height);
        var spread = new Plane(width, height);
        picture.Values.CopyTo(spread.Values, 0);
        for (int round = 0; round < Blur; round++)
            sheet = Shrink(sheet, width, height);
        var queue = new Queue<int>(Enumerable.Range(0, sheet.Length).Where(pixel => sheet[pixel]));
        while (queue.TryDequeue(out int pixel))
            foreach (int neighbour in Neighbours(pixel, width, height))
                if (!sheet[neighbour])
                {
                    sheet[neighbour] = true;
                    spread.Values[neighbour] = spread.Values[pixel];
                    queue.Enqueue(neighbour);
                }
        return spread;
    }

    private static bool[] Shrink(bool[] sheet, int width, int height) =>
        [.. sheet.Select((isSheet, pixel) => isSheet && Neighbours(pixel, width, height).All(neighbour => sheet[neighbour]))];

    private static IEnumerable<int> Neighbours(int pixel, int width, int height)
    {
        if (pixel % width > 0)
            yield return pixel - 1;
        if (pixel % width < width - 1)
            yield return pixel + 1;
        if (pixel / width > 0)
            yield return pixel - width;
        if (pixel / width < height - 1)
            yield return pixel + width;
    }
}
