namespace MnistGpu.Pictures.Steps;

/// <summary>
/// The brightness of the paper at each place in a picture, where the light may be uneven: a polynomial of the second degree in
/// x and y, fitted by least squares to the pixels that are paper. Those are found by starting at the border of the picture
/// and repeatedly leaving out what is far from the fit.
/// </summary>
internal sealed class BackgroundSurface
{
    // 1, x, y, x², xy, y².
    private const int SurfaceTerms = 6;

    // A picture with a shorter side is not a photograph, and has too little paper to tell shade from ink.
    private const int LeastShadedSide = 32;

    private const int Rounds = 6;

    // This many pixels determine the six coefficients well enough.
    private const int MaxPixels = 8192;

    // The deviation is estimated from the nearest three tenths of the pixels, since ink may cover more than half. In a normal
    // distribution these are within 0.3853 standard deviations.
    private const double NearPart = 0.3;
    private const double NearLimit = 0.3853;

    // A pixel this close to the fit, in grey levels, is paper whatever the deviation.
    private const double AlwaysPaper = 2;

    private readonly Plane _picture;
    private readonly bool[]? _paper;
    private readonly int _terms;
    private double[] _coefficients;

    private BackgroundSurface(Plane picture, bool[]? paper)
    {
        _picture = picture;
        _paper = paper;
        _terms = Math.Min(picture.Width, picture.Height) < LeastShadedSide ? 1 : SurfaceTerms;
        int frame = Math.Max(1, Math.Min(picture.Width, picture.Height) / 16);
        int step = (int)Math.Ceiling(Math.Sqrt((double)picture.Values.Length / MaxPixels));
        List<int> border = Pixels((x, y) =>
            x < frame || x >= picture.Width - frame || y < frame || y >= picture.Height - frame);
        List<int> grid = Pixels((x, y) => x % step == 0 && y % step == 0);

        // Two starts, of which the better one is kept: a fit to the border follows a vignette, while the border's mode is paper
        // even if a digit is cropped tightly, so that a fit would bend to its ink.
        double[] flat = new double[SurfaceTerms];
        flat[0] = Mode(border.ConvertAll(pixel => picture.Values[pixel]));
        _coefficients = new[] { flat, Fit(border) }.Select(Improve).MinBy(surface => surface.Deviation).Coefficients;
        Deviation = Quantile(Distances(PaperAmong(grid)), NearPart) / NearLimit;

        (double[] Coefficients, double Deviation) Improve(double[] start)
        {
            _coefficients = start;
            foreach (List<int> pixels in new[] { border, grid })
                for (int round = 0; round < Rounds; round++)
                {
                    Deviation = Quantile(Distances(pixels), NearPart) / NearLimit;
                    _coefficients = Fit(PaperAmong(pixels));
                }
            return (_coefficients, Deviation = Quantile(Distances(grid), NearPart) / NearLimit);
        }
    }

    /// <summary>The standard deviation of the paper's pixels from the surface: grain and the camera's noise.</summary>
    public double Deviation { get; private set; }

    /// <summary>Finds the paper of a picture.</summary>
    /// <param name="picture">Brightness.</param>
    /// <param name="paper">Whether each pixel may be paper; null if any may.</param>
    public static BackgroundSurface Of(Plane picture, bool[]? paper) => new(picture, paper);

    /// <summary>How much brighter than paper a pixel is.</summary>
    public double Difference(int pixel)
    {
        (double x, double y) = Place(pixel);
        double[] c = _coefficients;
        return _picture.Values[pixel] - (c[0] + c[1] * x + c[2] * y + c[3] * x * x + c[4] * x * y + c[5] * y * y);
    }

    private List<int> Pixels(Func<int, int, bool> chosen)
    {
        var pixels = new List<int>();
        for (int i = 0; i < _picture.Values.Length; i++)
            if (_paper?[i] != false && chosen(i % _picture.Width, i / _picture.Width))
                pixels.Add(i);
        return pixels;
    }

    private List<int> PaperAmong(List<int> pixels)
    {
        double limit = Math.Max(3 * Deviation, AlwaysPaper);
        return pixels.FindAll(pixel => Math.Abs(Difference(pixel)) <= limit);
    }

    private List<double> Distances(List<int> pixels) => pixels.ConvertAll(pixel => Math.Abs(Difference(pixel)));

    /// <summary>
    /// Where the numbers are densest: the middle of the shortest interval that contains the near part of them; of several the
    /// one nearest to the median, so that negating the numbers negates the mode.
    /// </summary>
    private static double Mode(List<double> values)
    {
        values.Sort();
        int span = (int)(NearPart * (values.Count - 1));
        double median = (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
        (double Length, double FromMedian, double Middle) best = (double.MaxValue, 0, median);
        for (int i = 0; i + span < values.Count; i++)
        {
            double middle = (values[i] + values[i + span]) / 2;
            (double, double, double) interval = (values[i + span] - values[i], Math.Abs(middle - median), middle);
            if (interval.CompareTo(best) < 0)
                best = interval;
        }
        return best.Middle;
    }

    private static double Quantile(List<double> values, double part)
    {
        values.Sort();
        return values.Count == 0 ? 0 : values[(int)(part * (values.Count - 1))];
    }

    /// <summary>A pixel's middle, from −1 to 1 in each direction.</summary>
    private (double X, double Y) Place(int pixel)
    {
        double x = (2.0 * (pixel % _picture.Width) + 1) / _picture.Width - 1;
        double y = (2.0 * (pixel / _picture.Width) + 1) / _picture.Height - 1;
        return (x, y);
    }

    /// <summary>The coefficients of 1, x, y, x², xy and y² by least squares, from the normal equations.</summary>
    private double[] Fit(List<int> pixels)
    {
        var matrix = new double[SurfaceTerms, SurfaceTerms];
        var right = new double[SurfaceTerms];
        Span<double> terms = stackalloc double[SurfaceTerms];
        foreach (int pixel in pixels)
        {
            (double x, double y) = Place(pixel);
            (terms[0], terms[1], terms[2], terms[3], terms[4], terms[5]) = (1, x, y, x * x, x * y, y * y);
            for (int i = 0; i < _terms; i++)
            {
                right[i] += terms[i] * _picture.Values[pixel];
                for (int j = 0; j < _terms; j++)
                    matrix[i, j] += terms[i] * terms[j];
            }
        }
        // This keeps terms that are left out, or determined by too few pixels, at 0 or near it.
        for (int i = 0; i < SurfaceTerms; i++)
            matrix[i, i] += 1e-9 * (pixels.Count + 1);
        return Solve(matrix, right);
    }

    /// <summary>Gaussian elimination; the matrix is positive definite, so no pivoting is needed.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        for (int pivot = 0; pivot < SurfaceTerms; pivot++)
            for (int row = pivot + 1; row < SurfaceTerms; row++)
            {
                double factor = matrix[row, pivot] / matrix[pivot, pivot];
                right[row] -= factor * right[pivot];
                for (int column = pivot; column < SurfaceTerms; column++)
                    matrix[row, column] -= factor * matrix[pivot, column];
            }
        for (int row = SurfaceTerms - 1; row >= 0; row--)
        {
            for (int column = row + 1; column < SurfaceTerms; column++)
                right[row] -= matrix[row, column] * right[column];
            right[row] /= matrix[row, row];
        }
        return right;
    }
}
