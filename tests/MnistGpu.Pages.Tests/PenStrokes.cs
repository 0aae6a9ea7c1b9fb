using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Pages.Tests;

/// <summary>One person's writing of a digit, as points that a pen goes through on the page's drawing area.</summary>
/// <param name="Digit">What was meant.</param>
/// <param name="Strokes">From pen down to pen up; a point is x, y from 0 to 1.</param>
internal sealed record PenStrokes(int Digit, double[][][] Strokes)
{
    /// <summary>Draws from the stream of random numbers of one image: always the same for the same number.</summary>
    public static PenStrokes Draw(int index)
    {
        // A part of its own, so that no network was trained on it.
        var random = new RandomStream(seed: 1, part: 2, index);
        int digit = index % 10;
        ControlPoint[][][] shapes = StrokeShapes.Of(digit);
        var line = new List<PenPoint>();
        Handwriting.Write(shapes[random.Below(shapes.Length)], ref random, line);
        double left = line.Min(point => point.X), right = line.Max(point => point.X);
        double top = line.Min(point => point.Y), bottom = line.Max(point => point.Y);
        // People write at various sizes and places; a quarter to all of the area, away from its edge.
        double size = 0.25 + 0.15 * random.Below(5), room = 0.9 - size;
        double scale = size / Math.Max(right - left, bottom - top);
        double x0 = 0.05 + room * random.Below(100) / 100, y0 = 0.05 + room * random.Below(100) / 100;
        var strokes = new List<List<double[]>>();
        foreach (PenPoint point in line)
        {
            if (!point.PenDown)
                strokes.Add([]);
            strokes[^1].Add([x0 + (point.X - left) * scale, y0 + (point.Y - top) * scale]);
        }
        return new PenStrokes(digit, [.. strokes.Select(stroke => stroke.ToArray())]);
    }
}
