using System.Runtime.CompilerServices;

namespace MnistGpu.Engines.Simd;

/// <content>The hidden layer: forward, and the update of W1.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    public override void Hidden(int share, BatchPixels pixels, int images, float* hidden)
    {
        Share own = _shares[share];
        hidden += own.Offset;
        // Chunk by chunk, because a chunk's rows of W1 fit in the L1 cache while all images of the batch select from them.
        for (int chunk = 0; chunk < Chunks; chunk++)
            foreach (Tile tile in own.Tiles)
                tile.Kernel.Forward(
                    hidden + tile.First, own.Units, pixels.LitPixels(chunk), pixels.Values(chunk),
                    pixels.Pixels(chunk), images, own.Weights.Row(tile, chunk * ChunkPixels), add: chunk != 0);
        Activate(hidden, own.Weights.B1.Pointer, images, own.Units);
    }

    /// <summary>h = σ(z + b1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Activate(float* hidden, float* bias, int images, int units)
    {
        for (int i = 0; i < images; i++, hidden += units)
            for (int j = 0; j < units; j += TSimd.Lanes)
            {
                TVector z = TSimd.Add(TSimd.Load(hidden + j), TSimd.Load(bias + j));
                TSimd.Store(hidden + j, Sigmoid<TVector, TSimd>.Of(z));
            }
    }

    /// <summary>
    /// W1 −= η·Xᵀ·δh, in the opposite order of the forward pass: the rows that were used last are still in the cache, and
    /// those that are updated last are what the next step begins with.
    /// </summary>
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
                        target.Row(tile, firstPixel), pixels.LitPixels(chunk)[i], bytes + i * ChunkPixels,
                        deltas + tile.First + i * share.Units);
        }
    }
}
