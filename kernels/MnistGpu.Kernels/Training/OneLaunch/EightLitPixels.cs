using ILGPU;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// Eight of a thread's lit pixels. They are requested together, so that all take as long as one load, and may be in flight
/// while the thread does something else. An image has about 150 lit pixels, some ten per thread: the first eight are
/// requested early, and the others in a second round.
/// </summary>
internal readonly record struct EightLitPixels(
    LitPixel A, LitPixel B, LitPixel C, LitPixel D, LitPixel E, LitPixel F, LitPixel G, LitPixel H)
{
    /// <summary>Distance from the first of these pixels to the first of the next eight.</summary>
    public const int Span = 8 * Stride;

    private const int Stride = EpochInOneLaunch.ThreadsPerImage;

    /// <summary>The pixels at k, k + 16, …; beyond the end of the list, its last one.</summary>
    public static EightLitPixels Load(ArrayView<LitPixel> lit, int k, int end)
    {
        int last = IntrinsicMath.Max(end - 1, 0);
        return new EightLitPixels(
            lit[IntrinsicMath.Min(k, last)], lit[IntrinsicMath.Min(k + Stride, last)],
            lit[IntrinsicMath.Min(k + 2 * Stride, last)], lit[IntrinsicMath.Min(k + 3 * Stride, last)],
            lit[IntrinsicMath.Min(k + 4 * Stride, last)], lit[IntrinsicMath.Min(k + 5 * Stride, last)],
            lit[IntrinsicMath.Min(k + 6 * Stride, last)], lit[IntrinsicMath.Min(k + 7 * Stride, last)]);
    }

    /// <summary>255 times the sum of these pixels times their rows of W1.</summary>
    /// <param name="w1">The group's columns.</param>
    /// <param name="left">The remaining length of the list from the first of these pixels on; those beyond its end count as 0.</param>
    public Float4 Times(ArrayView<Float4> w1, int left) =>
        Product(A, w1, left > 0) + Product(B, w1, left > Stride)
        + Product(C, w1, left > 2 * Stride) + Product(D, w1, left > 3 * Stride)
        + Product(E, w1, left > 4 * Stride) + Product(F, w1, left > 5 * Stride)
        + Product(G, w1, left > 6 * Stride) + Product(H, w1, left > 7 * Stride);

    private static Float4 Product(LitPixel pixel, ArrayView<Float4> w1, bool counts) =>
        (float)(counts ? pixel.Value : 0) * w1[pixel.Position];
}
