namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Removes thin straight lines across a picture: ruled and squared paper, frames, the cells of a table. A line is found where,
/// along a row that may slope a little, most pixels are darker, or lighter, than the ones above and below.
/// </summary>
internal static class LineRemover
{
    // As fractions of a picture's side: the thickest line, and how far one rises or falls from one edge to the other.
    private const double ThickestLine = 1.0 / 60;
    private const double LargestRise = 0.12;

    // The fraction of a line's pixels that must stand out, minus those that stand out the other way; and the same for a line
    // parallel to such a one, since the digit may be on it.
    private const double LeastVisible = 0.6;
    private const double LeastVisibleParallel = 0.4;

    // A line reaches almost both edges of the picture, unlike the bar of a 7: to within this fraction of a side. If there are
    // three of them, they may end earlier, because paper is ruled between margins.
    private static readonly (double Margin, int LeastLines)[] s_kinds = [(0.09, 1), (0.2, 3)];

    // The fraction of a side within which a line's end is searched for.
    private const double End = 0.11;

    // In a smaller picture, strokes are as thin as lines.
    private const int LeastSide = 96;

    // How far a line's edges are blurred, in pixels.
    private const int Blur = 2;

    // Ink on a line stands out more than the line itself, by at least this factor.
    private const double InkOverLine = 1.8;

    /// <summary>The picture without lines, which are filled in from both sides.</summary>
    /// <param name="picture">Brightness.</param>
    /// <param name="found">Whether there were any.</param>
    public static Plane Remove(Plane picture, out bool found)
    {
        Plane withoutUpright = RemoveLevel(picture.Transpose(), out bool upright).Transpose();
        Plane cleaned = RemoveLevel(withoutUpright, out bool level);
        found = upright || level;
        return cleaned;
    }

    private static Plane RemoveLevel(Plane picture, out bool found)
    {
        found = false;
        if (Math.Min(picture.Width, picture.Height) < LeastSide)
            return picture;
        int reach = 2 + (int)(Math.Min(picture.Width, picture.Height) * ThickestLine);
        double noise = Noise(picture);
        if (LineContrast(picture, reach, noise) is not { } contrast)
            return picture;
        found = true;

        var cleaned = new Plane(picture.Width, picture.Height);
        picture.Values.CopyTo(cleaned.Values, 0);
        for (int x = 0; x < picture.Width; x++)
            for (int y = 0; y < picture.Height; y++)
            {
                int start = y;
                while (y < picture.Height && contrast[y * picture.Width + x] > 0)
                    y++;
                if (y > start)
                    Bridge(picture, cleaned, contrast, x, start, y, noise);
            }
        // At the edges, a line does not have two sides to be found by.
        for (int y = 0; y < reach; y++)
        {
            CopyRow(cleaned, reach, y);
            CopyRow(cleaned, picture.Height - 1 - reach, picture.Height - 1 - y);
        }
        return cleaned;
    }

    /// <summary>How much a line stands out at each of its pixels, 0 elsewhere; null if there are no lines.</summary>
    private static double[]? LineContrast(Plane picture, int reach, double noise)
    {
        int[] distances = [2, 3, reach];
        int largestRise = (int)(picture.Width * LargestRise);
        foreach ((double margin, int leastLines) in s_kinds)
        {
            var contrast = new double[picture.Values.Length];
            (int Middle, int Rise)[] lines = [.. distances.SelectMany(distance =>
                FindLines(picture, distance, noise, -largestRise, largestRise, LeastVisible, margin, contrast))];
            // A blurred line is found in several rows.
            int[] middles = [.. lines.Select(line => line.Middle).Order()];
            if (middles.Where((middle, i) => i == 0 || middle - middles[i - 1] > reach).Count() < leastLines)
                continue;
            foreach (int distance in distances)
                FindLines(picture, distance, noise, lines.Min(line => line.Rise), lines.Max(line => line.Rise),
                    LeastVisibleParallel, margin, contrast);
            return contrast;
        }
        return null;
    }

    private static void CopyRow(Plane plane, int from, int to) =>
        Array.Copy(plane.Values, from * plane.Width, plane.Values, to * plane.Width, plane.Width);

    /// <summary>Records how much each line stands out, at its pixels.</summary>
    /// <returns>The row in the middle of each line, and how far it rises or falls.</returns>
    private static List<(int Middle, int Rise)> FindLines(
        Plane picture, int distance, double noise, int lowestRise, int highestRise, double leastVisible, double margin,
        double[] contrast)
    {
        (int width, int height) = (picture.Width, picture.Height);
        var signs = new sbyte[width * height];
        for (int i = 0; i < signs.Length; i++)
            if (Difference(picture, i % width, i / width, distance) is var difference && Math.Abs(difference) > noise)
                signs[i] = (sbyte)Math.Sign(difference);

        List<(int Middle, int Rise)> lines = [];
        for (int middle = distance; middle < height - distance; middle++)
        {
            (double Visible, int Rise) best = (0, 0);
            for (int rise = lowestRise; rise <= highestRise; rise++)
                if (Part(middle, rise, margin, 1 - margin) is var visible && visible > best.Visible)
                    best = (visible, rise);
            if (best.Visible < leastVisible
                || Part(middle, best.Rise, margin, margin + End) < LeastVisible
                || Part(middle, best.Rise, 1 - margin - End, 1 - margin) < LeastVisible)
                continue;
            lines.Add((middle, best.Rise));
            double strength = Strength(picture, middle, best.Rise, distance, noise);
            for (int x = 0; x < width; x++)
            {
                int row = Row(middle, best.Rise, x, width);
                for (int y = Math.Max(0, row - Blur); y <= Math.Min(height - 1, row + Blur); y++)
                    contrast[y * width + x] = Math.Max(contrast[y * width + x], strength);
            }
        }
        return lines;

        // The fraction of a line's pixels that are lighter than above and below, minus those that are darker, or the reverse.
        double Part(int middle, int rise, double from, double to)
        {
            const int step = 3;
            int visible = 0, count = 0;
            for (int x = (int)(from * width); x < to * width; x += step, count++)
                if (Row(middle, rise, x, width) is var y && (uint)y < (uint)height)
                    visible += signs[y * width + x];
            return Math.Abs((double)visible) / count;
        }
    }

    private static int Row(int middle, int rise, int x, int width) => middle + (2 * rise * x - rise * width) / (2 * width);

    /// <summary>The median of how much a line's pixels stand out, over those that do.</summary>
    private static double Strength(Plane picture, int middle, int rise, int distance, double noise)
    {
        double[] differences = [.. Enumerable.Range(0, picture.Width)
            .Select(x => Math.Abs(Difference(picture, x, Row(middle, rise, x, picture.Width), distance)))
            .Where(difference => difference > noise).Order()];
        return differences[differences.Length / 2];
    }

    /// <summary>How much a pixel differs from the closer in value of the two above and below it; 0 if it is between them.</summary>
    private static double Difference(Plane picture, int x, int y, int distance)
    {
        if (y < distance || y >= picture.Height - distance)
            return 0;
        double value = picture.Values[y * picture.Width + x];
        double above = value - picture.Values[(y - distance) * picture.Width + x];
        double below = value - picture.Values[(y + distance) * picture.Width + x];
        return above * below <= 0 ? 0 : Math.Sign(above) * Math.Min(Math.Abs(above), Math.Abs(below));
    }

    /// <summary>Fills in a column's pixels, from start up to but not including end, from both sides; ink is kept.</summary>
    private static void Bridge(Plane picture, Plane cleaned, double[] contrast, int x, int start, int end, double noise)
    {
        double above = At(start > 0 ? start - 1 : end);
        double below = At(end < picture.Height ? end : start - 1);
        for (int y = start; y < end; y++)
        {
            double bridged = above + (below - above) * (y - start + 1) / (end - start + 1);
            if (Math.Abs(At(y) - bridged) <= InkOverLine * contrast[y * picture.Width + x] + 3 * noise)
                cleaned.Values[y * picture.Width + x] = bridged;
        }

        double At(int row) => picture.Values[Math.Clamp(row, 0, picture.Height - 1) * picture.Width + x];
    }

    /// <summary>A typical difference between neighbours, in grey levels.</summary>
    private static double Noise(Plane picture)
    {
        var differences = new double[picture.Values.Length - 1];
        for (int i = 0; i < differences.Length; i++)
            differences[i] = Math.Abs(picture.Values[i + 1] - picture.Values[i]);
        Array.Sort(differences);
        return 2 + (differences.Length == 0 ? 0 : differences[differences.Length / 2]);
    }
}
