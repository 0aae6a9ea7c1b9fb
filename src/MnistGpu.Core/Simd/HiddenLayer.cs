using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Simd;

/// <summary>The hidden layer: forward, and the update of W1.</summary>
internal static unsafe class HiddenLayer<TVector>
    where TVector : struct, ISimd<TVector>
{
    /// <summary>X·W1 over one half of the pixels, for up to 64 images. Prefetches the next.</summary>
    /// <param name="sums">Images × all units.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumHalf(
        SimdNetwork network, int half, Images images, Images next, PixelChunks pixels, float* sums)
    {
        new Span<float>(sums, images.Count * network.Units).Clear();
        // Chunk by chunk: a chunk's rows of W1 stay in the L1 cache while all images select from them.
        for (int chunk = PixelChunks.FirstChunk(half); chunk < PixelChunks.FirstChunk(half + 1); chunk++)
        {
            pixels.Load(chunk, images, next);
            foreach (Strip strip in network.Strips)
                SumChunk(network, strip, chunk, pixels, images.Count, sums + strip.First, network.Units);
        }
    }

    /// <summary>Initialises the sums of a strip with b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Begin(float* biases, Strip strip, int images, float* sums)
    {
        for (int i = 0; i < images; i++, sums += strip.Units)
            for (nint j = 0; j < strip.Units; j += TVector.Lanes)
                TVector.Store(sums + j, TVector.Load(biases + j));
    }

    /// <summary>Adds the contribution of a chunk's pixels to the sums of a strip.</summary>
    public static void SumChunk(
        SimdNetwork network, Strip strip, int chunk, PixelChunks pixels, int images, float* sums, nint stride) =>
        new MaskedRowSum(
            targets: sums, targetStride: stride, targetCount: images,
            rows: network.W1(strip, PixelChunks.FirstPixel(chunk)), rowStride: strip.Units,
            masks: pixels.Masks(chunk), pixels: pixels.Pixels(chunk))
            .Add<TVector>(strip.Vectors, isUpdate: false);

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
    /// W1 −= η·Xᵀ·δh in the rows under one half of the pixels. Backwards through the chunks: the rows used last are still in
    /// the cache, and those updated last are the ones the next pass begins with.
    /// </summary>
    /// <param name="deltas">−η·δh of all images of the pass: images × all units.</param>
    /// <param name="addsUp">Whether the step is accumulated over passes or steps before W1 is moved by it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UpdateHalf(
        SimdNetwork network, int half, PixelChunks pixels, float* deltas, bool addsUp, bool endsBatch, float momentum)
    {
        for (int chunk = PixelChunks.FirstChunk(half + 1) - 1; chunk >= PixelChunks.FirstChunk(half); chunk--)
            foreach (Strip strip in network.Strips)
            {
                UpdateChunk(network, strip, chunk, pixels, deltas + strip.First, network.Units, addsUp);
                if (addsUp && endsBatch)
                    TakeStep(network, strip, chunk, momentum);
            }
    }

    /// <summary>Adds −η·Xᵀ·δh of up to 64 images to a strip's rows under a chunk's pixels, or to their step.</summary>
    public static void UpdateChunk(
        SimdNetwork network, Strip strip, int chunk, PixelChunks pixels, float* deltas, nint stride, bool addsUp)
    {
        int first = PixelChunks.FirstPixel(chunk);
        new MaskedRowSum(
            targets: addsUp ? network.W1Step(strip, first) : network.W1(strip, first),
            targetStride: strip.Units, targetCount: PixelChunks.PixelCount(chunk),
            rows: deltas, rowStride: stride,
            masks: pixels.ImageMasks(chunk), pixels: pixels.Pixels(chunk))
            .Add<TVector>(strip.Vectors, isUpdate: true);
    }

    /// <summary>Moves a strip's weights under a chunk's pixels by their step.</summary>
    public static void TakeStep(SimdNetwork network, Strip strip, int chunk, float momentum)
    {
        int first = PixelChunks.FirstPixel(chunk);
        TakeStep(
            network.W1(strip, first), network.W1Step(strip, first), PixelChunks.PixelCount(chunk) * strip.Units, momentum);
    }

    /// <summary>Moves parameters by their step, and leaves their velocity in its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TakeStep(float* parameters, float* steps, nint count, float momentum)
    {
        TVector factor = TVector.Broadcast(momentum);
        for (nint j = 0; j < count; j += TVector.Lanes)
        {
            TVector step = TVector.Load(steps + j);
            TVector.Store(parameters + j, TVector.Load(parameters + j) + step);
            TVector.Store(steps + j, factor * step);
        }
    }
}
