using System.Runtime.CompilerServices;

namespace MnistGpu.Engines.Simd;

/// <content>A thread's share of a step; a large batch's is taken when its last part is done.</content>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd>
{
    /// <inheritdoc/>
    public override void Update(
        Workspace workspace, int images, int thread, int threads,
        float* hidden, float* outputDeltas, float* deltas, BatchPart part)
    {
        Parameters target = part == BatchPart.Whole ? _weights : _step!;
        UpdatePixels(workspace.Pixels, images, part: thread, stride: threads, deltas, target);

        int vectors = _paddedHidden / TSimd.Lanes;
        int first = vectors * thread / threads, end = vectors * (thread + 1) / threads;
        UpdateOutputLayer(images, first * TSimd.Lanes, end * TSimd.Lanes, hidden, outputDeltas, deltas, target);
        if (thread == 0)
            for (int i = 0; i < images; i++)
                for (int k = 0; k < OutputUnits; k++)
                    target.B2.Pointer[k] += outputDeltas[i * OutputStride + k];

        if (part == BatchPart.Last)
            Descend(thread, threads, first * TSimd.Lanes, end * TSimd.Lanes);
    }

    /// <summary>Takes the step of a large batch in a thread's share of the weights, and sets it back to 0.</summary>
    private void Descend(int thread, int threads, int first, int end)
    {
        for (int chunk = thread; chunk < Chunks; chunk += threads)
            foreach (Tile tile in _tiles)
            {
                int firstPixel = chunk * ChunkPixels;
                Move(
                    _step!.Row(tile, firstPixel), _weights.Row(tile, firstPixel),
                    Math.Min(ChunkPixels, Inputs - firstPixel) * tile.Units);
            }
        for (int k = 0; k < OutputUnits; k++)
        {
            int at = k * _paddedHidden + first;
            Move(_step!.W2.Pointer + at, _weights.W2.Pointer + at, end - first);
        }
        Move(_step!.B1.Pointer + first, _weights.B1.Pointer + first, end - first);
        if (thread == 0)
            Move(_step.B2.Pointer, _weights.B2.Pointer, OutputVectors * TSimd.Lanes);
    }

    /// <summary>Adds to the target and leaves 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move(float* from, float* target, int count)
    {
        for (int j = 0; j < count; j += TSimd.Lanes)
        {
            TSimd.Store(target + j, TSimd.Add(TSimd.Load(target + j), TSimd.Load(from + j)));
            TSimd.Store(from + j, default);
        }
    }
}
