using MnistGpu.Pictures.Reading;

namespace MnistGpu.Pictures.Steps;

/// <summary>A grid of real numbers, for processing a picture between its bytes and the bytes of the result.</summary>
internal sealed class Plane(int width, int height)
{
    public int Width => width;

    public int Height => height;

    /// <summary>width × height numbers, row by row.</summary>
    public double[] Values { get; } = new double[width * height];

    /// <summary>
    /// A picture's brightness, −127.5 (black) to 127.5 (white), so that a picture and its inverse differ only in sign and give
    /// the same result to the last bit. A picture with a side longer than <paramref name="maxSide"/> is scaled down by averaging
    /// blocks.
    /// </summary>
    public static Plane FromImage(GrayImage image, int maxSide)
    {
        int block = (Math.Max(image.Width, image.Height) - 1) / maxSide + 1;
        // Incomplete blocks at the right and lower edges are dropped, unless the picture is narrower than a block.
        int blockWidth = Math.Min(block, image.Width);
        int blockHeight = Math.Min(block, image.Height);
        var plane = new Plane(image.Width / blockWidth, image.Height / blockHeight);
        for (int y = 0; y < plane.Height; y++)
            for (int x = 0; x < plane.Width; x++)
            {
                long sum = 0;
                for (int row = y * blockHeight; row < (y + 1) * blockHeight; row++)
                    foreach (byte pixel in image.Pixels.AsSpan(row * image.Width + x * blockWidth, blockWidth))
                        sum += 2 * pixel - 255;
                plane.Values[y * plane.Width + x] = sum / (2.0 * blockWidth * blockHeight);
            }
        return plane;
    }

    /// <summary>The box around everything above 0; right and bottom are the first column and row after it.</summary>
    public (int Left, int Top, int Right, int Bottom) Box()
    {
        (int left, int top, int right, int bottom) = (width, height, 0, 0);
        for (int i = 0; i < Values.Length; i++)
        {
            if (Values[i] <= 0)
                continue;
            left = Math.Min(left, i % width);
            right = Math.Max(right, i % width + 1);
            top = Math.Min(top, i / width);
            bottom = Math.Max(bottom, i / width + 1);
        }
        return (left, top, right, bottom);
    }

    /// <summary>Whether a pixel is in the first or last column or row.</summary>
    public bool IsAtEdge(int pixel) =>
        pixel % width == 0 || pixel % width == width - 1 || pixel / width == 0 || pixel / width == height - 1;

    /// <summary>This plane with rows and columns exchanged.</summary>
    public Plane Transpose()
    {
        var transposed = new Plane(height, width);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                transposed.Values[x * height + y] = Values[y * width + x];
        return transposed;
    }

    /// <summary>This plane, enlarged by a factor with bilinear interpolation.</summary>
    public Plane Enlarge(int factor)
    {
        var large = new Plane(width * factor, height * factor);
        for (int y = 0; y < large.Height; y++)
        {
            double sourceY = Math.Clamp((y + 0.5) / factor - 0.5, 0, height - 1);
            int top = (int)sourceY;
            int bottom = Math.Min(top + 1, height - 1);
            for (int x = 0; x < large.Width; x++)
            {
                double sourceX = Math.Clamp((x + 0.5) / factor - 0.5, 0, width - 1);
                int left = (int)sourceX;
                int right = Math.Min(left + 1, width - 1);
                double above = Mix(Values[top * width + left], Values[top * width + right], sourceX - left);
                double below = Mix(Values[bottom * width + left], Values[bottom * width + right], sourceX - left);
                large.Values[y * large.Width + x] = Mix(above, below, sourceY - top);
            }
        }
        return large;
    }

    /// <summary>The content of the box around everything above 0, scaled down by averaging until its longer side is at most this.</summary>
    public Plane ShrinkTo(int side)
    {
        (int left, int top, int right, int bottom) = Box();
        double pixel = Math.Max(1, Math.Max(right - left, bottom - top) / (double)side);
        var small = new Plane((int)Math.Ceiling((right - left) / pixel), (int)Math.Ceiling((bottom - top) / pixel));
        for (int i = 0; i < small.Values.Length; i++)
        {
            double x = left + i % small.Width * pixel, y = top + i / small.Width * pixel;
            small.Values[i] = MeanOver(x, y, x + pixel, y + pixel);
        }
        return small;
    }

    /// <summary>The mean over a rectangle whose edges may cut through pixels; outside the plane everything is 0.</summary>
    public double MeanOver(double left, double top, double right, double bottom)
    {
        double sum = 0;
        for (int y = Math.Max(0, (int)Math.Floor(top)); y < Math.Min(height, bottom); y++)
        {
            double rows = Math.Min(y + 1, bottom) - Math.Max(y, top);
            for (int x = Math.Max(0, (int)Math.Floor(left)); x < Math.Min(width, right); x++)
                sum += Values[y * width + x] * rows * (Math.Min(x + 1, right) - Math.Max(x, left));
        }
        return sum / ((right - left) * (bottom - top));
    }

    /// <summary>
    /// This plane, with each dark place that is narrower than a square filled in from around it: the largest value in the square
    /// around each pixel, then the smallest of those (a morphological closing).
    /// </summary>
    /// <param name="square">The square's side in pixels, odd.</param>
    public Plane Closed(int square) => Extremes(square, Math.Max).Extremes(square, Math.Min);

    private Plane Extremes(int square, Func<double, double, double> choose) =>
        AlongRows(square, choose).Transpose().AlongRows(square, choose).Transpose();

    private Plane AlongRows(int square, Func<double, double, double> choose)
    {
        var result = new Plane(width, height);
        for (int i = 0; i < Values.Length; i++)
        {
            int row = i / width * width;
            int first = Math.Max(row, i - square / 2), last = Math.Min(row + width - 1, i + square / 2);
            double extreme = Values[first];
            for (int j = first + 1; j <= last; j++)
                extreme = choose(extreme, Values[j]);
            result.Values[i] = extreme;
        }
        return result;
    }

    private static double Mix(double first, double second, double part) => first + (second - first) * part;
}
