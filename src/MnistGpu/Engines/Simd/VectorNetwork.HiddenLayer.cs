using System.Runtime.CompilerServices;

namespace MnistGpu.Engines.Simd;

/// <content>The hidden layer: forward, and the update of W1.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Hidden(int share, BatchPixels pixels, int images, float* hidden)
    {
        Share own = _shares[share];
        hidden += own.Offset;
        for (int i = 0; i < images; i++)
            own.Weights.B1.Span.CopyTo(new Span<float>(hidden + i * own.Units, own.Units));
        // Chunk by chunk: a chunk's rows of W1 stay in the L1 cache while all images of the batch select from them.
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            pixels.FetchUpcoming(chunk);
            foreach (Tile tile in own.Tiles)
                tile.Kernel.Forward(
                    hidden + tile.First, own.Units, pixels.LitPixels(chunk), pixels.Pixels(chunk), images,
                    own.Weights.Row(tile, chunk * ChunkPixels));
        }
        Activate(hidden, (nint)images * own.Units);
    }

    /// <summary>h = σ(z), in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Activate(float* hidden, nint count)
    {
        for (float* end = hidden + count; hidden < end; hidden += TSimd.Lanes)
            TSimd.Store(hidden, Sigmoid<TVector, TSimd>.Of(TSimd.Load(hidden)));
    }

    /// <summary>
    /// W1 −= η·Xᵀ·δh, in the opposite order of the forward pass: the rows that were used last are still in the cache,
    /// and those that are updated last are what the next step begins with.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UpdateHiddenLayer(Share share, BatchPixels pixels, int images, float* deltas, Parameters target)
    {
        for (int chunk = Chunks - 1; chunk >= 0; chunk--)
        {
            byte* bytes = pixels.Pixels(chunk);
            int firstPixel = chunk * ChunkPixels, count = Math.Min(ChunkPixels, Inputs - firstPixel);
            if (images > FewImages)
            {
                pixels.Transpose(chunk, images);
                foreach (Tile tile in share.Tiles)
                    tile.Kernel.Update(
                        target.Row(tile, firstPixel), pixels.LitImages(chunk), bytes, count, deltas + tile.First,
                        share.Units);
                continue;
            }
            foreach (Tile tile in share.Tiles)
                for (int i = 0; i < images; i++)
                    tile.Kernel.UpdateByImage(
                        target.Row(tile, firstPixel), pixels.LitPixels(chunk)[i].Mask, bytes + i * ChunkPixels,
                        deltas + tile.First + i * share.Units);
        }
    }
}
