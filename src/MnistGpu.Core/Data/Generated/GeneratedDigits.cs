namespace MnistGpu.Core.Data.Generated;

/// <summary>
/// Handwritten digits that the program draws itself, in MNIST's form, for use when MNIST cannot be downloaded. The same seed
/// gives the same bytes on every machine and for any number of threads.
/// </summary>
/// <remarks>
/// Trained with the default settings, a network of 100 hidden units reads 98.5 % of the test images, and 92 % of
/// MNIST's, none of which it has seen.
/// </remarks>
public static class GeneratedDigits
{
    /// <summary>The name of the data set.</summary>
    public const string Name = "generated digits";

    private const int MostImages = int.MaxValue / ImageSet.PixelsPerImage;

    // Mean and standard deviation of the square root of the pen's width in pixels; MNIST's widths are skewed like this.
    private const double MeanRootWidth = 1.6;
    private const double RootWidth = 0.205;

    /// <summary>
    /// Draws the images. Labels are uniformly random. Each image has its own random numbers, derived from the seed, the part
    /// and its index: a smaller set is the beginning of a larger one, and test images are independent of training images.
    /// </summary>
    /// <param name="seed">Any number; each gives different images.</param>
    /// <param name="train">Number of training images, 0 to 2,739,137, which fill a byte array.</param>
    /// <param name="test">Number of test images, in the same range.</param>
    /// <param name="threads">Maximum number of threads, at least 1; null for one per core.</param>
    /// <param name="cancellationToken">Stops the drawing.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of its range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static MnistDataset Draw(
        int seed,
        int train = 60_000,
        int test = 10_000,
        int? threads = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(train);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(train, MostImages);
        ArgumentOutOfRangeException.ThrowIfNegative(test);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(test, MostImages);
        if (threads < 1)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "At least one thread is needed.");
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = threads ?? Environment.ProcessorCount,
            CancellationToken = cancellationToken,
        };
        return new MnistDataset(Name, DrawPart(seed, part: 0, train, options), DrawPart(seed, part: 1, test, options));
    }

    private static ImageSet DrawPart(int seed, int part, int count, ParallelOptions options)
    {
        var pixels = new byte[count * ImageSet.PixelsPerImage];
        var labels = new byte[count];
        Parallel.For(0, count, options, () => new List<PenPoint>(), (i, _, line) =>
        {
            var random = new RandomStream(seed, part, i);
            int digit = random.Below(10);
            ControlPoint[][][] shapes = StrokeShapes.Of(digit);
            Handwriting.Write(shapes[random.Below(shapes.Length)], ref random, line);
            double rootWidth = MeanRootWidth + RootWidth * random.Bell();
            Rasterizer.Draw(
                line, rootWidth * rootWidth, pixels.AsSpan(i * ImageSet.PixelsPerImage, ImageSet.PixelsPerImage));
            labels[i] = (byte)digit;
            return line;
        }, _ => { });
        return new ImageSet(pixels, labels);
    }
}
