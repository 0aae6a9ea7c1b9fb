namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Removes a circle around the digit that touches or crosses it. (One that does not is a piece of its own, which
/// <see cref="FrameRemover"/> removes.)
/// </summary>
internal static class CircleRemover
{
    private const int Rays = 240;

    // How far the stroke of a circle drawn by hand is from a perfect circle, as a fraction of the radius.
    private const double Unroundness = 0.18;

    // The smallest circle, as a fraction of the picture's shorter side.
    private const double LeastRadius = 0.15;

    // The thickest stroke of a circle, as a fraction of the radius.
    private const double MostThickness = 0.2;

    // The part of the circle that must be there, and the part where the digit must not touch it.
    private const double LeastSeen = 0.93;
    private const double LeastFree = 0.6;

    // The size of what remains, as a fraction of the radius, and how much of it is inside the circle. Inside a 0 there is nothing;
    // outside the loop of a 6 or 9 there is the rest of it.
    private const double LeastDigit = 1;
    private const double LeastInside = 0.75;

    // How much wider than the circle's stroke a gap may be that is filled in a stroke of the digit, in pixels.
    private const double Gap = 4;

    /// <summary>The ink without the circle, if there is one and what remains can be a digit.</summary>
    public static Plane Remove(Plane ink)
    {
        if (!ink.Values.Any(value => value > 0) || Find(ink) is not var (x, y, radii, thickness))
            return ink;
        var inside = new bool[ink.Values.Length];
        var onCircle = new bool[ink.Values.Length];
        var digit = new Plane(ink.Width, ink.Height);
        for (int i = 0; i < ink.Values.Length; i++)
        {
            (double right, double down) = (i % ink.Width - x, i / ink.Width - y);
            double radius = radii[(int)Math.Round((Math.Atan2(down, right) / (2 * Math.PI) + 1) * Rays) % Rays];
            double outside = double.Hypot(right, down) - radius;
            inside[i] = outside < 0;
            onCircle[i] = Math.Abs(outside) <= thickness / 2 + 1;
            digit.Values[i] = onCircle[i] ? 0 : ink.Values[i];
        }
        // Strokes that cross the circle go on at both sides.
        Plane closed = digit.Closed((int)((thickness + Gap) / 2) * 2 + 1);
        double all = 0, within = 0;
        for (int i = 0; i < ink.Values.Length; i++)
        {
            if (onCircle[i])
                digit.Values[i] = Math.Min(ink.Values[i], closed.Values[i]);
            all += digit.Values[i];
            within += inside[i] ? digit.Values[i] : 0;
        }
        (int left, int top, int end, int bottom) = digit.Box();
        return within >= LeastInside * all && Math.Max(end - left, bottom - top) >= LeastDigit * radii.Average() ? digit : ink;
    }

    /// <summary>
    /// The centre of a circle, its radius along each ray, and how thick its stroke is; null if there is none around the ink.
    /// </summary>
    private static (double X, double Y, double[] Radii, double Thickness)? Find(Plane ink)
    {
        (int left, int top, int right, int bottom) = ink.Box();
        (double x, double y, double radius) = ((left + right - 1) / 2.0, (top + bottom - 1) / 2.0, 0);
        for (int round = 0; round < 6; round++)
        {
            double[] reach = [.. Enumerable.Range(0, Rays).Select(ray => Reach(ray))];
            radius = Median(reach);
            if (radius < LeastRadius * Math.Min(ink.Width, ink.Height))
                return null;
            // Rays from a point beside a circle's centre reach farther on the other side.
            double most = Unroundness * radius;
            for (int ray = 0; ray < Rays; ray++)
            {
                double off = 2.0 / Rays * Math.Clamp(reach[ray] - radius, -most, most);
                (x, y) = (x + off * Math.Cos(Angle(ray)), y + off * Math.Sin(Angle(ray)));
            }
        }

        (double Start, double End)?[] strokes = [.. Enumerable.Range(0, Rays).Select(ray => Stroke(ink, x, y, Angle(ray), radius))];
        double[] lengths = [.. strokes.OfType<(double Start, double End)>().Select(stroke => stroke.End - stroke.Start)];
        if (lengths.Length < LeastSeen * Rays)
            return null;
        double thickness = Median(lengths);
        if (thickness > MostThickness * radius)
            return null;
        double?[] middles = [.. strokes.Select(stroke =>
            stroke is var (start, end) && end - start <= 1.5 * thickness + 1 ? (start + end) / 2 : (double?)null)];
        if (middles.Count(middle => middle is not null) < LeastFree * Rays)
            return null;
        double[] radii = new double[Rays];
        for (int ray = 0; ray < Rays; ray++)
        {
            const int reach = Rays / 20;
            double[] near = [.. Enumerable.Range(ray + Rays - reach, 2 * reach + 1).Select(other => middles[other % Rays]).OfType<double>()];
            if (near.Length == 0)
                return null;
            radii[ray] = Median(near);
        }
        // The ends of many marks are now here, now there.
        int smooth = Enumerable.Range(0, Rays).Count(ray => middles[ray] is double middle && Math.Abs(middle - radii[ray]) <= thickness / 2 + 1);
        return smooth < LeastFree * Rays ? null : (x, y, radii, thickness);

        double Reach(int ray)
        {
            double at = double.Hypot(ink.Width, ink.Height);
            while (at > 0 && InkAt(ink, x, y, Angle(ray), at) <= 0)
                at--;
            return at;
        }
    }

    /// <summary>The outermost run of ink on a ray at about this radius: the distances from the centre at which it starts and ends.</summary>
    private static (double Start, double End)? Stroke(Plane ink, double x, double y, double angle, double radius)
    {
        const double step = 0.5;
        double end = (1 + Unroundness) * radius;
        while (end > (1 - Unroundness) * radius && InkAt(ink, x, y, angle, end) <= 0)
            end -= step;
        if (InkAt(ink, x, y, angle, end) <= 0)
            return null;
        double start = end;
        while (start > 0 && InkAt(ink, x, y, angle, start - step) > 0)
            start -= step;
        while (InkAt(ink, x, y, angle, end + step) > 0)
            end += step;
        return (start, end);
    }

    private static double InkAt(Plane ink, double x, double y, double angle, double radius)
    {
        (int column, int row) = ((int)Math.Round(x + radius * Math.Cos(angle)), (int)Math.Round(y + radius * Math.Sin(angle)));
        return column >= 0 && column < ink.Width && row >= 0 && row < ink.Height ? ink.Values[row * ink.Width + column] : 0;
    }

    private static double Angle(int ray) => 2 * Math.PI * ray / Rays;

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
