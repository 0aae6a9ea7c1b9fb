namespace MnistGpu.Core.Simd;

/// <summary>
/// Adds up rows of a matrix, each times the pixel that it belongs to, and touches no row whose pixel is 0. Forward,
/// it adds to an image's hidden units the rows of W1 under its lit pixels; in the update it adds to a pixel's row of W1
/// the deltas of the images that light it. <see cref="LitRowsKernel{TVector, TSimd, TWidth}"/> says why that is fast.
/// </summary>
internal abstract unsafe class LitRows
{
    /// <summary>The most vectors in a row: they must fit in the 16 registers of AVX2 beside the factor.</summary>
    public const int MaxVectors = 13;

    private static readonly AlignedBuffer<float> s_intensity = Intensities();

    /// <summary>byte / 255 for every byte.</summary>
    protected static float* Intensity => s_intensity.Pointer;

    /// <summary>The kernel for rows of so many vectors.</summary>
    public static LitRows Create<TVector, TSimd>(int vectors)
        where TVector : struct
        where TSimd : ISimd<TVector> => vectors switch
        {
            1 => new LitRowsKernel<TVector, TSimd, Width1>(),
            2 => new LitRowsKernel<TVector, TSimd, Width2>(),
            3 => new LitRowsKernel<TVector, TSimd, Width3>(),
            4 => new LitRowsKernel<TVector, TSimd, Width4>(),
            5 => new LitRowsKernel<TVector, TSimd, Width5>(),
            6 => new LitRowsKernel<TVector, TSimd, Width6>(),
            7 => new LitRowsKernel<TVector, TSimd, Width7>(),
            8 => new LitRowsKernel<TVector, TSimd, Width8>(),
            9 => new LitRowsKernel<TVector, TSimd, Width9>(),
            10 => new LitRowsKernel<TVector, TSimd, Width10>(),
            11 => new LitRowsKernel<TVector, TSimd, Width11>(),
            12 => new LitRowsKernel<TVector, TSimd, Width12>(),
            13 => new LitRowsKernel<TVector, TSimd, Width13>(),
            _ => throw new ArgumentOutOfRangeException(nameof(vectors), vectors, $"1 to {MaxVectors}"),
        };

    /// <summary>For one chunk: adds to each image's hidden units the rows of W1 under its lit pixels.</summary>
    /// <param name="hidden">images × row.</param>
    /// <param name="stride">From one image's row to the next, in floats.</param>
    /// <param name="masks">The masks of lit pixels of each image, and of one more.</param>
    /// <param name="chunk">Which of them. At the first the sums begin, at 0, whatever stands in their place.</param>
    /// <param name="bytesOfImages">Where the bytes of each image's lit pixels are, one after another.</param>
    /// <param name="bytesOfNext">Where those of the next chunk are; written.</param>
    /// <param name="pixels">images × chunk of pixels: the lit ones are left there, each in its place.</param>
    /// <param name="images">Images.</param>
    /// <param name="rows">The chunk's rows of W1.</param>
    public abstract void Forward(
        float* hidden, nint stride, ulong** masks, int chunk, byte** bytesOfImages, byte** bytesOfNext, byte* pixels,
        int images, float* rows);

    /// <summary>For one chunk: adds to each row of W1 the deltas of the images that light its pixel.</summary>
    /// <param name="rows">The chunk's rows of W1.</param>
    /// <param name="lit">The images that light each pixel.</param>
    /// <param name="pixels">images × chunk of pixels, 0 where they are not lit.</param>
    /// <param name="count">Pixels of the chunk, an even number.</param>
    /// <param name="deltas">images × row.</param>
    /// <param name="stride">From one image's row to the next, in floats.</param>
    public abstract void Update(float* rows, ulong* lit, byte* pixels, int count, float* deltas, nint stride);

    private static AlignedBuffer<float> Intensities()
    {
        var intensities = new AlignedBuffer<float>(256);
        for (int b = 0; b < 256; b++)
            intensities.Pointer[b] = b / 255f;
        return intensities;
    }
}
