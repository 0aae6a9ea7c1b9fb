using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Simd;

/// <content>The hidden layer: forward, and the update of W1.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SumHidden(int share, int half, BatchPixels pixels, int images, float* sums)
    {
        Share own = _shares[share];
        // Chunk by chunk: a chunk's rows of W1 stay in the L1 cache while all images of the batch select from them.
        int first = PixelChunks.FirstOf(half), end = PixelChunks.FirstOf(half + 1);
        pixels.Begin(half, images);
        for (int chunk = first; chunk < end; chunk++)
        {
            pixels.FetchUpcoming(half, chunk - first, end - first);
            foreach (Tile tile in own.Tiles)
                tile.Kernel.Forward(
                    own.Row(sums, 0) + tile.First, own.Units, pixels.Masks(half), chunk - first,
                    pixels.Bytes(half, chunk), pixels.Bytes(half, chunk + 1), pixels.Pixels(chunk), images,
                    own.W1.Row(tile, PixelChunks.FirstPixel(chunk)));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void JoinHalves(
        int share, int replica, int first, int images, float* sums, float* otherSums, float* hidden)
    {
        Share own = _shares[share];
        float* z = own.Row(hidden, first), bias = own.Replicas[replica].Parameters.B1;
        sums = own.Row(sums, first);
        otherSums = own.Row(otherSums, first);
        for (int i = 0; i < images; i++, z += own.Units, sums += own.Units, otherSums += own.Units)
            for (nint j = 0; j < own.Units; j += TSimd.Lanes)
            {
                TVector sum = TSimd.Add(TSimd.Load(sums + j), TSimd.Load(otherSums + j));
                TSimd.Store(z + j, TSimd.Add(sum, TSimd.Load(bias + j)));
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

    /// <summary>
    /// W1 −= η·Xᵀ·δh, in the opposite order of the forward pass: the rows that were used last are still in the cache,
    /// and those that are updated last are what the next step begins with.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void UpdateHiddenLayer(
        int share, int half, BatchPixels pixels, int images, float* deltas, BatchPart part, bool isLast)
    {
        Share own = _shares[share];
        HiddenWeights target = part == BatchPart.Whole ? own.W1 : own.Step!;
        for (int chunk = PixelChunks.FirstOf(half + 1) - 1; chunk >= PixelChunks.FirstOf(half); chunk--)
        {
            int firstPixel = PixelChunks.FirstPixel(chunk), count = PixelChunks.PixelsOf(chunk);
            foreach (Tile tile in own.Tiles)
            {
                tile.Kernel.Update(
                    target.Row(tile, firstPixel), pixels.LitImages(chunk), pixels.Pixels(chunk), count,
                    own.Row(deltas, 0) + tile.First, own.Units);
                if (part == BatchPart.Last)
                    target.MoveRows(own.W1, tile, firstPixel, firstPixel + count);
            }
            if (isLast)
                pixels.Clear(chunk, images);
        }
    }
}
