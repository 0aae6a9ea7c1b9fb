using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Simd;

/// <summary>The hidden layer: forward, and the update of W1.</summary>
internal static unsafe class HiddenLayer<TVector>
    where TVector : struct, ISimd<TVector>
{
    /// <summary>X·W1 over one half of the pixels, for all images of a pass.</summary>
    /// <param name="next">The images of the pass to come, to be fetched meanwhile.</param>
    /// <param name="sums">Where the sums go: images × units.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(
        SimdNetwork network, int half, Images images, Images next, PassPixels pixels, float* sums)
    {
        new Span<float>(sums, images.Count * network.Units).Clear();
        // Chunk by chunk: its rows of W1 stay in the L1 cache while all images select from them.
        for (int chunk = PassPixels.FirstChunk(half); chunk < PassPixels.FirstChunk(half + 1); chunk++)
        {
            pixels.Load(chunk, images, next);
            foreach (Strip strip in network.Strips)
                new LitRows
                {
                    Targets = sums + strip.First,
                    TargetStride = network.Units,
                    TargetCount = images.Count,
                    Masks = pixels.Masks(chunk),
                    Pixels = pixels.Pixels(chunk),
                    PixelRowStride = 1,
                    PixelTargetStride = PassPixels.ImageStride,
                    Rows = network.W1(strip, PassPixels.FirstPixel(chunk)),
                    RowStride = strip.Units,
                }.Add<TVector>(strip.Vectors, inPairs: false);
        }
    }

    /// <summary>z = X·W1 + b1, from the sums over the two halves of the pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join(SmallParameters parameters, int images, float* sums, float* otherSums, float* z)
    {
        nint units = parameters.Units;
        for (int i = 0; i < images; i++, z += units, sums += units, otherSums += units)
            for (nint j = 0; j < units; j += TVector.Lanes)
            {
                TVector sum = TVector.Load(sums + j) + TVector.Load(otherSums + j);
                TVector.Store(z + j, sum + TVector.Load(parameters.B1 + j));
            }
    }

    /// <summary>h = σ(z), in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate(float* z, nint count)
    {
        for (float* end = z + count; z < end; z += TVector.Lanes)
            TVector.Store(z, Sigmoid.Of(TVector.Load(z)));
    }

    /// <summary>
    /// W1 −= η·Xᵀ·δh in the rows under one half of the pixels. Backwards through the chunks: the rows that were used last are
    /// still in the cache, and those that are updated last are what the next pass begins with.
    /// </summary>
    /// <param name="deltas">−η·δh of all images of the pass.</param>
    /// <param name="isWholeBatch">
    /// Whether the pass is all of its batch, or of several. Otherwise the steps of a batch's passes are added up first.
    /// </param>
    /// <param name="endsBatch">Whether that sum is then taken.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update(
        SimdNetwork network, int half, PassPixels pixels, float* deltas, bool isWholeBatch, bool endsBatch)
    {
        for (int chunk = PassPixels.FirstChunk(half + 1) - 1; chunk >= PassPixels.FirstChunk(half); chunk--)
            foreach (Strip strip in network.Strips)
            {
                int first = PassPixels.FirstPixel(chunk), count = PassPixels.PixelCount(chunk);
                float* target = isWholeBatch ? network.W1(strip, first) : network.W1Step(strip, first);
                new LitRows
                {
                    Targets = target,
                    TargetStride = strip.Units,
                    TargetCount = count,
                    Masks = pixels.Masks(chunk),
                    Pixels = pixels.Pixels(chunk),
                    PixelRowStride = PassPixels.ImageStride,
                    PixelTargetStride = 1,
                    Rows = deltas + strip.First,
                    RowStride = network.Units,
                }.Add<TVector>(strip.Vectors, inPairs: true);
                if (!isWholeBatch && endsBatch)
                    Move(target, network.W1(strip, first), count * strip.Units);
            }
    }

    /// <summary>Adds some floats to others and leaves 0.</summary>
    private static void Move(float* from, float* to, nint count)
    {
        for (nint j = 0; j < count; j += TVector.Lanes)
        {
            TVector.Store(to + j, TVector.Load(to + j) + TVector.Load(from + j));
            TVector.Store(from + j, default);
        }
    }
}
