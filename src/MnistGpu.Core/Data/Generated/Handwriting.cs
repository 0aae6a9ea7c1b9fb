namespace MnistGpu.Core.Data.Generated;

/// <summary>
/// Turns a stroke shape into a pen line as somebody might write it: points wander, the curve is warped elastically, and the
/// whole is stretched, slanted and rotated.
/// </summary>
/// <remarks>
/// This class and <see cref="Rasterizer"/> use only + − × ÷ and √ of doubles. IEEE 754 defines their results to the last
/// bit, and .NET never fuses a multiplication with an addition by itself, so every machine draws the same bytes. Sines,
/// exponentials and logarithms come from the platform's C library and may differ in the last bit, so there are none.
/// </remarks>
internal static class Handwriting
{
    /// <summary>Straight segments per curve between two control points.</summary>
    private const int PiecesPerSpan = 4;

    // Standard deviations, and the mean slant. Fitted to MNIST's bounding boxes, slants, and the variance of pixels within a
    // digit.
    private const double PointWander = 2.5; // of a control point, in units of the shape
    private const double Warp = 13.0; // of a lattice point, likewise
    private const double PressureChange = 0.2; // of a lattice point, as a factor
    private const double Stretch = 0.18; // of the width, as a factor
    private const double MeanSlant = 0.12; // sideways by height; people lean to the right
    private const double Slant = 0.24;
    private const double HalfTurn = 0.06; // of the tangent of half the angle: about 7 degrees

    /// <summary>Replaces <paramref name="line"/> by one way of writing the shape, at an arbitrary place and size.</summary>
    public static void Write(ControlPoint[][] shape, ref RandomStream random, List<PenPoint> line)
    {
        line.Clear();
        foreach (ControlPoint[] stroke in shape)
            AddCurve(Wander(stroke, ref random), line);
        WarpElastically(line, ref random);
        StretchSlantAndTurn(line, ref random);
    }

    private static ControlPoint[] Wander(ControlPoint[] stroke, ref RandomStream random)
    {
        var moved = new ControlPoint[stroke.Length];
        for (int i = 0; i < stroke.Length; i++)
            moved[i] = stroke[i] with
            {
                X = stroke[i].X + PointWander * random.Bell(),
                Y = stroke[i].Y + PointWander * random.Bell(),
            };
        return moved;
    }

    /// <summary>
    /// A Catmull-Rom spline through the points (E. Catmull, R. Rom: A class of local interpolating splines, 1974). An
    /// end or a corner serves as its own neighbour, so that the curve does not depend on points beyond it.
    /// </summary>
    private static void AddCurve(ControlPoint[] points, List<PenPoint> line)
    {
        line.Add(new PenPoint(points[0].X, points[0].Y, 1, PenDown: false));
        for (int i = 1; i < points.Length; i++)
        {
            ControlPoint b = points[i - 1], c = points[i];
            ControlPoint a = i == 1 || b.Corner ? b : points[i - 2];
            ControlPoint d = i == points.Length - 1 || c.Corner ? c : points[i + 1];
            for (int piece = 1; piece <= PiecesPerSpan; piece++)
            {
                double t = (double)piece / PiecesPerSpan;
                line.Add(new PenPoint(CatmullRom(a.X, b.X, c.X, d.X, t), CatmullRom(a.Y, b.Y, c.Y, d.Y, t), 1, true));
            }
        }
    }

    private static double CatmullRom(double a, double b, double c, double d, double t) =>
        0.5 * (2 * b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));

    /// <summary>
    /// Free-form deformation (T. Sederberg, S. Parry, SIGGRAPH 1986): a lattice of 4×4 points is moved at random, and
    /// the plane follows as a bicubic Bézier patch. A third coordinate of the lattice changes the pen's pressure.
    /// </summary>
    private static void WarpElastically(List<PenPoint> line, ref RandomStream random)
    {
        Span<(double X, double Y, double Pressure)> lattice = stackalloc (double, double, double)[16];
        for (int i = 0; i < lattice.Length; i++)
            lattice[i] = (Warp * random.Bell(), Warp * random.Bell(), PressureChange * random.Bell());

        Span<double> across = stackalloc double[4];
        Span<double> down = stackalloc double[4];
        for (int i = 0; i < line.Count; i++)
        {
            PenPoint point = line[i];
            Bernstein(point.X / 100, across);
            Bernstein(point.Y / 100, down);
            double x = point.X, y = point.Y, pressure = point.Pressure;
            for (int j = 0; j < lattice.Length; j++)
            {
                double weight = down[j / 4] * across[j % 4];
                x += weight * lattice[j].X;
                y += weight * lattice[j].Y;
                pressure += weight * lattice[j].Pressure;
            }
            line[i] = point with { X = x, Y = y, Pressure = pressure };
        }
    }

    /// <summary>The four cubic Bernstein polynomials at t.</summary>
    private static void Bernstein(double t, Span<double> weights)
    {
        double s = 1 - t;
        weights[0] = s * s * s;
        weights[1] = 3 * s * s * t;
        weights[2] = 3 * s * t * t;
        weights[3] = t * t * t;
    }

    private static void StretchSlantAndTurn(List<PenPoint> line, ref RandomStream random)
    {
        double stretch = 1 + Stretch * random.Bell();
        double slant = MeanSlant + Slant * random.Bell();
        // The tangent of half an angle gives its sine and cosine without calling either.
        double halfTurn = HalfTurn * random.Bell();
        double cosine = (1 - halfTurn * halfTurn) / (1 + halfTurn * halfTurn);
        double sine = 2 * halfTurn / (1 + halfTurn * halfTurn);
        for (int i = 0; i < line.Count; i++)
        {
            PenPoint point = line[i];
            double x = stretch * point.X - slant * point.Y;
            line[i] = point with { X = cosine * x - sine * point.Y, Y = sine * x + cosine * point.Y };
        }
    }
}
