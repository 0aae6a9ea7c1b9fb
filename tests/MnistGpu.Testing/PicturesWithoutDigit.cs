using System.Globalization;
using System.Numerics;

namespace MnistGpu.Testing;

/// <summary>
/// Drawings that show no digit: letters, signs, small pictures, scribbles and blots, varied in pen, size, place, slant, turn
/// and hand. Letters that are also a way to write a digit are left out (O, I, l, Z, S, B, b, g, q), and so are boxes and rings.
/// </summary>
public static class PicturesWithoutDigit
{
    /// <summary>Number of drawings: ten of each shape.</summary>
    public const int Count = 500;

    /// <summary>The longer side of a drawing in pixels.</summary>
    public const int Side = 280;

    // The strokes, separated by semicolons: x and y of each point, y downwards. A stroke after ~ is a curve through its points.
    private static readonly (string Name, string Strokes)[] s_shapes =
    [
        ("A", "0 10 4 0 8 10; 1.6 6 6.4 6"),
        ("C", "~8 2 5 0 2 1.5 0 5 2 8.5 5 10 8 8"),
        ("E", "7 0 0 0 0 10 7 10; 0 5 5 5"),
        ("F", "7 0 0 0 0 10; 0 5 5 5"),
        ("G", "~8 2 5 0 2 1.5 0 5 2 8.5 5 10 8 8; 8 10 8 6 5 6"),
        ("H", "0 0 0 10; 7 0 7 10; 0 5 7 5"),
        ("J", "~6 0 6 4 6 7.5 4.5 9.5 2 9.8 0 8"),
        ("K", "0 0 0 10; 7 0 0 5.5 7 10"),
        ("L", "0 0 0 10 6 10"),
        ("M", "0 10 0 0 4.5 6 9 0 9 10"),
        ("N", "0 10 0 0 7 10 7 0"),
        ("P", "0 10 0 0; ~0 0 4 0 6.5 2.5 4 5 0 5"),
        ("R", "0 10 0 0; ~0 0 4 0 6.5 2.5 4 5 0 5; 2 5 7 10"),
        ("T", "0 0 8 0; 4 0 4 10"),
        ("U", "~0 0 0 4 0.5 8 3.5 10 6.5 8 7 4 7 0"),
        ("V", "0 0 4 10 8 0"),
        ("W", "0 0 2.5 10 5 3 7.5 10 10 0"),
        ("X", "0 0 7 10; 7 0 0 10"),
        ("Y", "0 0 4 5 8 0; 4 5 4 10"),
        ("a", "~6 1.5 3 0 0.5 2 0.5 5 3 7 6 4.5; 6 0 6 7"),
        ("d", "~5 5 3 4 0.5 6 0.5 9 3 10 5 8; 5 0 5 10"),
        ("e", "~0.5 4 3 4 6 3.5 5 0.5 3 0 0.5 2 0.5 5 3 7 6 6"),
        ("f", "~6 1 4 0 2.5 2 2.5 6 2.5 10; 0 4 5 4"),
        ("h", "0 0 0 10; ~0 6.5 2.5 4.5 5 5.5 5 7.5 5 10"),
        ("m", "0 0 0 6; ~0 2.5 1.7 0.3 3.5 1.5 3.5 3.5 3.5 6; ~3.5 2.5 5.2 0.3 7 1.5 7 3.5 7 6"),
        ("n", "0 0 0 7; ~0 3 2.5 0.3 5 2 5 4.5 5 7"),
        ("r", "0 0 0 7; ~0 4 1.5 1 4 0.5"),
        ("t", "2.5 0 2.5 10; 0 3 5 3"),
        ("u", "~0 0 0 3 0.5 6 3 7 5 5; 5 0 5 7"),
        ("tick", "0 6 3 10 9 0"),
        ("plus", "4 0 4 8; 0 4 8 4"),
        ("heart", "~5 3 3.5 0.5 1 0.5 0 3 2 7 5 10 8 7 10 3 9 0.5 6.5 0.5 5 3"),
        ("star", "1.8 10 5 0 8.2 10 0 3.8 10 3.8 1.8 10"),
        ("arrow", "0 4 10 4; 6 0 10 4 6 8"),
        ("arrow down", "4 0 4 10; 0 6 4 10 8 6"),
        ("triangle", "0 8 5 0 10 8 0 8"),
        ("house", "0 10 0 4 5 0 10 4 10 10 0 10; 4 10 4 6 6.5 6 6.5 10"),
        ("lightning", "5 0 0 5.5 5 5.5 1 11"),
        ("question mark", "~0 2.5 1 0.5 3 0 5 1 5 3 3 5 2.5 7; 2.5 9.7 2.5 10"),
        ("ampersand", "~8 10 5 7 2 3 3 0.5 5 1.5 3 5 0.5 7.5 2 10 5 9 8 5"),
        ("spiral", "~5 5 6 5.3 5 6.5 3.5 5 5 3 7.3 4.5 6.5 8 3.5 8.5 1.5 5 4 1 8 1.5"),
        ("hash", "3 0 2 10; 7 0 6 10; 0 3 9 3; 0 7 9 7"),
        ("note", "~3 9 1.5 8 0 9 1.5 10 3 9; 3 9 3 0 7 3"),
        ("smiley", "~5 0 8.5 1.5 10 5 8.5 8.5 5 10 1.5 8.5 0 5 1.5 1.5 5 0; 3.3 3.5 3.3 4; 6.7 3.5 6.7 4; ~2.5 6 5 8 7.5 6"),
        ("pi", "0 0.5 9 0; 2.5 0.5 2 9; 6.5 0 7 9"),
        ("fish", "~10 2 6 6 2 7 0 4.5 2 2 6 3 10 7"),
        ("tree", "4 10 4 6; 0 6 4 0 8 6 0 6"),
        ("zigzag", "0 0 7 2 0 4 7 6 0 8 7 10"),
        ("scribble", ""),
        ("blot", ""),
    ];

    /// <summary>What a drawing is of.</summary>
    public static string Name(int index) => s_shapes[index % s_shapes.Length].Name;

    /// <summary>A drawing with black ink on white paper; always the same for the same number.</summary>
    /// <returns><see cref="Side"/> × <see cref="Side"/> bytes, row by row; 0 is black.</returns>
    public static byte[] Draw(int index)
    {
        (Vector2[][] strokes, float pen) = Strokes(index);
        var pixels = new byte[Side * Side];
        Array.Fill(pixels, byte.MaxValue);
        foreach (Vector2[] stroke in strokes)
            for (int i = 1; i < stroke.Length; i++)
                DrawLine(pixels, stroke[i - 1], stroke[i], pen);
        return pixels;
    }

    /// <summary>The strokes of a drawing, in its pixels, and the pen's radius.</summary>
    private static (Vector2[][] Strokes, float Pen) Strokes(int index)
    {
        var random = new Random(index);
        (string name, string shape) = s_shapes[index % s_shapes.Length];
        float width = Between(0.8f, 1.25f), slant = Between(-0.3f, 0.3f), turn = Between(-0.15f, 0.15f), wobble = Between(0, 0.35f);
        Matrix3x2 hand = Matrix3x2.CreateScale(width, 1) * new Matrix3x2(1, 0, -slant, 1, 0, 0) * Matrix3x2.CreateRotation(turn);
        Vector2[][] strokes = name switch
        {
            "scribble" => [Rounded(RandomPoints(random.Next(8, 20)))],
            "blot" => [RandomPoints(5)],
            _ => [.. shape.Split(';').Select(Stroke)],
        };
        strokes = [.. strokes.Select(stroke => stroke.Select(point => Vector2.Transform(point, hand)).ToArray())];

        Vector2 least = strokes.SelectMany(stroke => stroke).Aggregate(Vector2.Min);
        Vector2 box = strokes.SelectMany(stroke => stroke).Aggregate(Vector2.Max) - least;
        float size = Between(100, 200), scale = size / Math.Max(box.X, box.Y);
        float pen = size * (name == "blot" ? Between(0.15f, 0.3f) : Between(0.02f, 0.07f));
        Vector2 room = new Vector2(Side - 2 * pen) - scale * box;
        Vector2 start = new Vector2(pen) + room * new Vector2(Between(0.3f, 0.7f), Between(0.3f, 0.7f));
        return ([.. strokes.Select(stroke => stroke.Select(point => start + scale * (point - least)).ToArray())], pen);

        float Between(float low, float high) => low + random.NextSingle() * (high - low);

        Vector2[] RandomPoints(int count) => [.. Enumerable.Range(0, count).Select(_ => new Vector2(Between(0, 10), Between(0, 10)))];

        Vector2[] Stroke(string text)
        {
            float[] numbers = Array.ConvertAll(text.Trim(' ', '~').Split(' '), number => float.Parse(number, CultureInfo.InvariantCulture));
            Vector2[] points = [.. numbers.Chunk(2).Select(point =>
                new Vector2(point[0] + wobble * Between(-1, 1), point[1] + wobble * Between(-1, 1)))];
            return text.Contains('~') ? Rounded(points) : points;
        }
    }

    /// <summary>A smooth curve through the points (Catmull and Rom's spline).</summary>
    private static Vector2[] Rounded(Vector2[] points)
    {
        const int steps = 8;
        return [.. Enumerable.Range(0, (points.Length - 1) * steps + 1).Select(step =>
        {
            (int i, float t) = (step / steps, step % steps / (float)steps);
            Vector2 At(int point) => points[Math.Clamp(point, 0, points.Length - 1)];
            (Vector2 a, Vector2 b, Vector2 c, Vector2 d) = (At(i - 1), At(i), At(i + 1), At(i + 2));
            return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
        })];
    }

    /// <summary>Inks everything within the pen's radius of a straight line; the ink fades out over one pixel at the edge.</summary>
    private static void DrawLine(byte[] pixels, Vector2 from, Vector2 to, float pen)
    {
        Vector2 line = to - from, reach = new(pen + 1);
        Vector2 first = Vector2.Max(Vector2.Min(from, to) - reach, Vector2.Zero);
        Vector2 last = Vector2.Min(Vector2.Max(from, to) + reach, new Vector2(Side - 1));
        for (int y = (int)first.Y; y <= (int)last.Y; y++)
            for (int x = (int)first.X; x <= (int)last.X; x++)
            {
                var point = new Vector2(x + 0.5f, y + 0.5f);
                float along = line == Vector2.Zero ? 0 : Math.Clamp(Vector2.Dot(point - from, line) / line.LengthSquared(), 0, 1);
                float covered = Math.Clamp(pen + 0.5f - Vector2.Distance(point, from + along * line), 0, 1);
                pixels[y * Side + x] = Math.Min(pixels[y * Side + x], (byte)(255 - 255 * covered));
            }
    }
}
