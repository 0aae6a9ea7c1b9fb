namespace MnistGpu.Core.Data.Generated;

/// <summary>
/// Draws a written line into a 28×28 image as MNIST's makers did with scanned digits: the ink just fits a box of 20×20
/// pixels with its proportions kept, and the box is placed so that the ink's centre of mass is in the middle of the image.
/// (Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits.)
/// </summary>
internal static class Rasterizer
{
    private const int Side = ImageSet.Side;
    private const int Box = 20;

    /// <summary>The pixel that the centre of mass falls on, give or take half a pixel; MNIST's own.</summary>
    private const int Centre = 14;

    /// <summary>Pixels over which the edge of a line fades from ink to paper.</summary>
    private const double Fade = 1.1;

    /// <summary>Draws.</summary>
    /// <param name="line">The line, at any place and size; moved and scaled to the pixels of the box.</param>
    /// <param name="penWidth">Width of the pen, in pixels.</param>
    /// <param name="image">784 pixels; overwritten.</param>
    public static void Draw(List<PenPoint> line, double penWidth, Span<byte> image)
    {
        FitIntoBox(line, penWidth / 2);
        Span<byte> box = stackalloc byte[Box * Box];
        box.Clear();
        for (int i = 1; i < line.Count; i++)
            if (line[i].PenDown)
                InkSegment(line[i - 1], line[i], penWidth / 2, box);
        CentreByMass(box, image);
    }

    /// <summary>Puts the line into the middle of the box, as large as possible without cutting off ink.</summary>
    private static void FitIntoBox(List<PenPoint> line, double radius)
    {
        double left = line[0].X, right = left, top = line[0].Y, bottom = top;
        double pressure = 0;
        foreach (PenPoint point in line)
        {
            left = Math.Min(left, point.X);
            right = Math.Max(right, point.X);
            top = Math.Min(top, point.Y);
            bottom = Math.Max(bottom, point.Y);
            pressure = Math.Max(pressure, point.Pressure);
        }
        // A pixel gets ink if its middle, half a pixel inside its edge, is nearer to the line than this.
        double reach = radius * pressure + Fade / 2;
        double scale = (Box + 1 - 2 * reach) / Math.Max(right - left, bottom - top);
        for (int i = 0; i < line.Count; i++)
            line[i] = line[i] with
            {
                X = Box / 2 + (line[i].X - (left + right) / 2) * scale,
                Y = Box / 2 + (line[i].Y - (top + bottom) / 2) * scale,
            };
    }

    /// <summary>
    /// Darkens the pixels near one straight segment: full ink within the pen's radius, fading out beyond. Where segments
    /// overlap, the darker ink stays.
    /// </summary>
    private static void InkSegment(PenPoint from, PenPoint to, double radius, Span<byte> box)
    {
        radius *= (from.Pressure + to.Pressure) / 2;
        double reach = radius + Fade / 2;
        double dx = to.X - from.X, dy = to.Y - from.Y;
        double squaredLength = dx * dx + dy * dy;
        double perSquaredLength = squaredLength > 0 ? 1 / squaredLength : 0;
        // Pixel i covers i to i + 1, so its middle is at i + ½.
        int firstX = Math.Max(0, (int)(Math.Min(from.X, to.X) - reach));
        int lastX = Math.Min(Box - 1, (int)(Math.Max(from.X, to.X) + reach));
        int firstY = Math.Max(0, (int)(Math.Min(from.Y, to.Y) - reach));
        int lastY = Math.Min(Box - 1, (int)(Math.Max(from.Y, to.Y) + reach));
        for (int y = firstY; y <= lastY; y++)
        {
            for (int x = firstX; x <= lastX; x++)
            {
                ref byte pixel = ref box[y * Box + x];
                if (pixel == 255)
                    continue;
                double px = x + 0.5 - from.X, py = y + 0.5 - from.Y;
                // Where on the segment the nearest point is, 0 to 1.
                double t = Math.Clamp((px * dx + py * dy) * perSquaredLength, 0, 1);
                px -= t * dx;
                py -= t * dy;
                double squaredDistance = px * px + py * py;
                if (squaredDistance >= reach * reach)
                    continue;
                double ink = Math.Min((reach - Math.Sqrt(squaredDistance)) / Fade, 1);
                pixel = Math.Max(pixel, (byte)(255 * ink + 0.5));
            }
        }
    }

    /// <summary>Copies the box into the image, so that the ink's centre of mass is in the middle.</summary>
    private static void CentreByMass(ReadOnlySpan<byte> box, Span<byte> image)
    {
        int mass = 0, momentX = 0, momentY = 0;
        for (int i = 0; i < box.Length; i++)
        {
            mass += box[i];
            momentX += box[i] * (i % Box);
            momentY += box[i] * (i / Box);
        }
        int left = Offset(momentX, mass), top = Offset(momentY, mass);
        image.Clear();
        for (int y = 0; y < Box; y++)
            box.Slice(y * Box, Box).CopyTo(image[((top + y) * Side + left)..]);
    }

    /// <summary>Where the box begins. However lopsided the ink, the box stays inside the image.</summary>
    private static int Offset(int moment, int mass) =>
        Math.Clamp((int)(Centre + 0.5 - (double)moment / mass), 0, Side - Box);
}
