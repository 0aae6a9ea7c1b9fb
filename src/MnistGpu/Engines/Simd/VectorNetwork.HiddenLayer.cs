using System.Runtime.CompilerServices;

namespace MnistGpu.Engines.Simd;

/// <content>The hidden layer: forward, and the update of W1.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SumHidden(int share, BatchPixels pixels, int images, float* hidden)
    {
        Share own = _shares[share];
        for (int i = 0; i < images; i++)
            own.Weights.B1.Span.CopyTo(new Span<float>(own.Row(hidden, i), own.Units));
        // Chunk by chunk: a chunk's rows of W1 stay in the L1 cache while all images of the batch select from them.
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            pixels.FetchUpcoming(chunk);
            foreach (Tile tile in own.Tiles)
                tile.Kernel.Forward(
                    own.Row(hidden, 0) + tile.First, own.Units, pixels.LitPixels(chunk), pixels.Pixels(chunk), images,
                    own.Weights.Row(tile, chunk * ChunkPixels));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CatchUp(
        int share, int first, int images, Overlaps overlaps, float* deltas, float* hidden)
    {
        Share own = _shares[share];
        for (int i = first; i < first + images; i++)
        {
            float* overlap = overlaps.Row(i), z = own.Row(hidden, i), delta = own.Row(deltas, 0);
            for (nint j = 0; j < own.Units; j += TSimd.Lanes)
            {
                TVector sum = TSimd.Load(z + j);
                for (nint earlier = 0; earlier < first; earlier++)
                    sum = TSimd.MultiplyAdd(
                        TSimd.Broadcast(overlap[earlier]), TSimd.Load(delta + earlier * own.Units + j), sum);
                TSimd.Store(z + j, sum);
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Activate(int share, int first, int images, float* hidden)
    {
        Share own = _shares[share];
        float* z = own.Row(hidden, first);
        for (float* end = own.Row(hidden, first + images); z < end; z += TSimd.Lanes)
            TSimd.Store(z, Sigmoid<TVector, TSimd>.Of(TSimd.Load(z)));
    }

    /// <inheritdoc/>
    public override void UpdateHiddenLayer(int share, BatchPixels pixels, int images, float* deltas) =>
        UpdateHiddenLayer(_shares[share], pixels, images, deltas, _shares[share].Weights);

    /// <summary>
    /// W1 −= η·Xᵀ·δh, in the opposite order of the forward pass: the rows that were used last are still in the cache,
    /// and those that are updated last are what the next step begins with.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UpdateHiddenLayer(Share share, BatchPixels pixels, int images, float* deltas, Parameters target)
    {
        for (int chunk = Chunks - 1; chunk >= 0; chunk--)
        {
            int firstPixel = chunk * ChunkPixels, count = Math.Min(ChunkPixels, Inputs - firstPixel);
            pixels.Transpose(chunk, images);
            foreach (Tile tile in share.Tiles)
                tile.Kernel.Update(
                    target.Row(tile, firstPixel), pixels.LitImages(chunk), pixels.Pixels(chunk), count,
                    share.Row(deltas, 0) + tile.First, share.Units);
        }
    }
}
