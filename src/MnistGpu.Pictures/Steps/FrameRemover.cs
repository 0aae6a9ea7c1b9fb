namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Removes a frame or circle around the digit that earlier steps have left: too faint to separate a sheet from its
/// surroundings, or too round to be found as lines.
/// </summary>
internal static class FrameRemover
{
    // The maximum distance of a frame from the edges of the picture, and the minimum from its middle, as a fraction of its sides.
    private const double Margin = 0.2;
    private const double LeastRadius = 0.3;

    // Inside a frame there is a digit and not a dot, as there may be in a 0.
    private const double LeastDigit = 0.25;

    /// <summary>The ink without the one piece that runs along all four edges, if what remains can be a digit.</summary>
    public static Plane Remove(Plane ink)
    {
        (int width, int height) = (ink.Width, ink.Height);
        if (InkFinder.Pieces(ink, double.Epsilon).FirstOrDefault(IsFrame) is not { } frame)
            return ink;
        var digit = new Plane(width, height);
        ink.Values.CopyTo(digit.Values, 0);
        frame.ForEach(pixel => digit.Values[pixel] = 0);
        (int left, int top, int right, int bottom) = digit.Box();
        return Math.Max(right - left, bottom - top) >= LeastDigit * Math.Min(width, height) ? digit : ink;

        bool IsFrame(List<int> piece) =>
            piece.TrueForAll(pixel => Radius((double)(pixel % width) / width, (double)(pixel / width) / height) >= LeastRadius)
            && Spans(piece, pixel => pixel % width, width) && Spans(piece, pixel => pixel / width, height);

        double Radius(double x, double y) => Math.Sqrt((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5));

        bool Spans(List<int> piece, Func<int, int> place, int size) =>
            piece.Min(place) < Margin * size && piece.Max(place) >= (1 - Margin) * size;
    }
}
