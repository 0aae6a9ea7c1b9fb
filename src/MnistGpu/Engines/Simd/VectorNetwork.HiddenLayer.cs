using System.Runtime.CompilerServices;

namespace MnistGpu.Engines.Simd;

/// <content>The hidden layer: X·W1 over a thread's pixels, σ, and the update of W1.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    public override void SumPixels(Workspace workspace, int images, int thread, int threads) =>
        SumPixels(workspace, images, part: thread, stride: threads, level: 0);

    /// <summary>Sums over the chunks c with c mod stride = part, into the buffer of the level.</summary>
    private void SumPixels(Workspace workspace, int images, int part, int stride, int level)
    {
        if (stride < Parts)
        {
            SumPixels(workspace, images, part, 2 * stride, level);
            SumPixels(workspace, images, part + stride, 2 * stride, level + 1);
            Add(workspace.Sums(level), workspace.Sums(level + 1), images);
            return;
        }
        for (int chunk = part; chunk < Chunks; chunk += Parts)
            foreach (Tile tile in _tiles)
                tile.Kernel.Forward(
                    workspace.Sums(level) + tile.Offset, workspace.Pixels.LitPixels(chunk),
                    workspace.Pixels.Values(chunk), workspace.Pixels.Pixels(chunk), images,
                    _weights.Row(tile, chunk * ChunkPixels), add: chunk != part);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(float* sums, float* others, int images)
    {
        foreach (Tile tile in _tiles)
            for (nint j = tile.Offset; j < tile.Offset + (nint)images * tile.Units; j += TSimd.Lanes)
                TSimd.Store(sums + j, TSimd.Add(TSimd.Load(sums + j), TSimd.Load(others + j)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Hidden(float** sums, int threads, int first, int end, float* hidden)
    {
        foreach (Tile tile in _tiles)
        {
            float* bias = _weights.B1.Pointer + tile.First;
            for (int i = first; i < end; i++)
                for (int j = 0; j < tile.Units; j += TSimd.Lanes)
                {
                    nint at = tile.Offset + (nint)i * tile.Units + j;
                    TVector z = TSimd.Load(sums[0] + at);
                    if (threads == 2)
                        z = TSimd.Add(z, TSimd.Load(sums[1] + at));
                    else if (threads == 4)
                        z = AddFour(sums, 0, 1, at);
                    else if (threads == 8)
                        z = TSimd.Add(AddFour(sums, 0, 2, at), AddFour(sums, 1, 2, at));
                    TSimd.Store(hidden + at, Sigmoid<TVector, TSimd>.Of(TSimd.Add(z, TSimd.Load(bias + j))));
                }
        }
    }

    /// <summary>(s₀ + s₂) + (s₁ + s₃) where s is every so manieth sum from the first: a subtree of the parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddFour(float** sums, int first, int stride, nint at) => TSimd.Add(
        TSimd.Add(TSimd.Load(sums[first] + at), TSimd.Load(sums[first + 2 * stride] + at)),
        TSimd.Add(TSimd.Load(sums[first + stride] + at), TSimd.Load(sums[first + 3 * stride] + at)));

    /// <summary>
    /// W1 −= η·Xᵀ·δh for a thread's chunks, in the opposite order of the forward pass: the rows that were used last are
    /// still in the cache, and those that are updated last are what the next step begins with.
    /// </summary>
    private void UpdatePixels(BatchPixels pixels, int images, int part, int stride, float* deltas, Parameters target)
    {
        if (stride < Parts)
        {
            UpdatePixels(pixels, images, part + stride, 2 * stride, deltas, target);
            UpdatePixels(pixels, images, part, 2 * stride, deltas, target);
            return;
        }
        for (int chunk = part + (Chunks - 1 - part) / Parts * Parts; chunk >= part; chunk -= Parts)
            UpdateChunk(pixels, chunk, images, deltas, target);
    }

    /// <summary>W1 −= η·Xᵀ·δh for the rows of one chunk of pixels.</summary>
    private void UpdateChunk(BatchPixels pixels, int chunk, int images, float* deltas, Parameters target)
    {
        byte* bytes = pixels.Pixels(chunk);
        int firstPixel = chunk * ChunkPixels, count = Math.Min(ChunkPixels, Inputs - firstPixel);
        if (images > FewImages)
        {
            pixels.Transpose(chunk, images);
            foreach (Tile tile in _tiles)
                tile.Kernel.Update(
                    target.Row(tile, firstPixel), pixels.LitImages(chunk), bytes, count, deltas + tile.Offset);
            return;
        }
        foreach (Tile tile in _tiles)
            for (int i = 0; i < images; i++)
                tile.Kernel.UpdateByImage(
                    target.Row(tile, firstPixel), pixels.LitPixels(chunk)[i], bytes + i * ChunkPixels,
                    deltas + tile.Offset + (nint)i * tile.Units);
    }
}
