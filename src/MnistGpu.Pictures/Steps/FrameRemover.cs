namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Takes away a frame or a circle around the digit that the steps before have left: too faint to part a sheet from its
/// surroundings, and too round to be found as lines.
/// </summary>
internal static class FrameRemover
{
    // How far from the edges of the picture a frame may be, and how far from its middle at least, as a part of its sides.
    private const double Margin = 0.2;
    private const double LeastRadius = 0.3;

    // What a frame is around is a digit and no dot, as a 0 may have one in it.
    private const double LeastDigit = 0.25;

    /// <summary>The ink without its one piece that goes along all four edges, if what is left can be a digit.</summary>
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
