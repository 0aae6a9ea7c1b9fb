namespace MnistGpu.Pictures.Steps;

/// <summary>
/// Fills in the strokes of chalk and pencil, which cover only the grain of a board or paper. Their ragged edges would be measured
/// as many thin strokes, and thickened.
/// </summary>
internal static class GrainFiller
{
    // The side of the square within which gaps are filled, as a fraction of the ink's height: a third of a stroke.
    private const double Square = 0.05;

    // Filling adds this fraction of the ink at least if it is grainy; to the corners of a pen's strokes it adds less than half of that.
    private const double LeastGrain = 0.15;

    /// <summary>The ink without gaps in its strokes; the ink itself if it is not grainy.</summary>
    public static Plane Fill(Plane ink)
    {
        (_, int top, _, int bottom) = ink.Box();
        Plane filled = ink.Closed((int)(Square * (bottom - top)) / 2 * 2 + 1);
        return filled.Values.Sum() >= (1 + LeastGrain) * ink.Values.Sum() ? filled : ink;
    }
}
