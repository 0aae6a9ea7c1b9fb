using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistGpu.Network;

namespace MnistGpu.Engines.Simd;

/// <summary>
/// The network in the layout of the vectors, and what a thread does with it in a step. Hidden units are padded with
/// units of weight 0 to whole vectors and cut into tiles whose rows fit in the registers. A tile's rows of W1 lie one
/// after another, and W2 is transposed (10 × H), so that everything is read in vectors and in order.
/// </summary>
/// <remarks>
/// The sum over the pixels is split at fixed places whatever the number of threads: chunk c belongs to part c mod 8, and
/// the eight parts are added up in pairs, (0+4)+(2+6) and so on, so that 1, 2, 4 or 8 threads each own a whole subtree.
/// All other sums are taken by one thread, in the order of the images. So no result depends on the number of threads.
/// </remarks>
internal abstract unsafe class SimdNetwork
{
    /// <summary>Parts of the sum over the pixels, and threads that can share it, at most.</summary>
    public const int Parts = 8;

    /// <summary>From one image's outputs to the next: a cache line.</summary>
    protected const int OutputStride = 16;

    /// <summary>The network with the widest vectors that the CPU has.</summary>
    public static SimdNetwork Create(int hidden) =>
        Vector512.IsHardwareAccelerated ? new SimdNetwork<Vector512<float>, Simd512>(hidden)
        : Vector256.IsHardwareAccelerated ? new SimdNetwork<Vector256<float>, Simd256>(hidden)
        : Vector128.IsHardwareAccelerated ? new SimdNetwork<Vector128<float>, Simd128>(hidden)
        : new SimdNetwork<float, Scalar>(hidden);

    /// <summary>Floats in a vector on this CPU.</summary>
    public static int Lanes =>
        Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : Vector128.IsHardwareAccelerated ? 4 : 1;

    /// <summary>Hidden units, with those that fill the last vector.</summary>
    public abstract int PaddedHidden { get; }

    public abstract void Set(NetworkParameters parameters);

    public abstract NetworkParameters Get();

    /// <summary>Makes room for the gradient of batches that are larger than <see cref="BatchPixels.MaxImages"/>.</summary>
    public abstract void PrepareLargeBatches();

    /// <summary>X·W1 over a thread's share of the pixels.</summary>
    /// <param name="workspace">The thread's pixels; the sums are left in its first buffer.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="threads">Threads: 1, 2, 4 or 8.</param>
    public abstract void SumPixels(Workspace workspace, int images, int thread, int threads);

    /// <summary>h = σ(X·W1 + b1) for some images of the batch.</summary>
    /// <param name="sums">The first buffer of each thread.</param>
    /// <param name="threads">Threads: 1, 2, 4 or 8.</param>
    /// <param name="first">The first image.</param>
    /// <param name="end">The image after the last.</param>
    /// <param name="hidden">Where h goes.</param>
    public abstract void Hidden(float** sums, int threads, int first, int end, float* hidden);

    /// <summary>o = σ(h·W2 + b2) for some images of the batch.</summary>
    public abstract void Outputs(float* hidden, int first, int end, float* outputs);

    /// <summary>−η·δo, in the place of the outputs, and −η·δh for some images; and each image's loss.</summary>
    /// <returns>Images whose largest output is at their label.</returns>
    public abstract int Deltas(
        float* hidden, int first, int end, float* outputs, byte* labels, float learningRate, float* deltas, float* losses);

    /// <summary>A thread's share of the step: its rows of W1, its columns of W2 and b1, and b2 if it is the first.</summary>
    /// <param name="workspace">The thread's pixels.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="threads">Threads: 1, 2, 4 or 8.</param>
    /// <param name="hidden">h.</param>
    /// <param name="outputDeltas">−η·δo.</param>
    /// <param name="deltas">−η·δh.</param>
    /// <param name="part">Which part of its batch this is: whole batches go straight to the weights.</param>
    public abstract void Update(
        Workspace workspace, int images, int thread, int threads,
        float* hidden, float* outputDeltas, float* deltas, BatchPart part);

    /// <summary>What a thread needs for itself.</summary>
    public sealed class Workspace(int paddedHidden)
    {
        /// <summary>One buffer for each level of the tree of parts.</summary>
        private readonly AlignedBuffer<float> _sums = new(4L * BatchPixels.MaxImages * paddedHidden);

        public BatchPixels Pixels { get; } = new();

        /// <summary>images × outputs, for a thread that predicts by itself.</summary>
        public AlignedBuffer<float> Outputs { get; } = new(BatchPixels.MaxImages * OutputStride);

        /// <summary>images × hidden units, tile by tile.</summary>
        public float* Sums(int level) => _sums.Pointer + (long)level * BatchPixels.MaxImages * paddedHidden;
    }
}

/// <summary>A batch of more than 64 images is worked off in parts, whose gradients are added up first.</summary>
internal enum BatchPart
{
    /// <summary>The whole batch.</summary>
    Whole,

    /// <summary>A part after which others come.</summary>
    Inner,

    /// <summary>The part that ends the batch.</summary>
    Last,
}

/// <inheritdoc/>
internal sealed unsafe class SimdNetwork<TVector, TSimd> : SimdNetwork
    where TVector : struct
    where TSimd : ISimd<TVector>
{
    /// <summary>With no more images than this, the update goes image by image.</summary>
    private const int FewImages = 4;

    private const int Chunks = SparseImages.Chunks;
    private const int ChunkPixels = SparseImages.ChunkPixels;
    private const int Inputs = NetworkParameters.Inputs;
    private const int OutputUnits = NetworkParameters.Outputs;

    private readonly int _hidden;
    private readonly int _paddedHidden;
    private readonly Tile[] _tiles;
    private readonly Parameters _weights;
    private Parameters? _step;

    public SimdNetwork(int hidden)
    {
        _hidden = hidden;
        int vectors = (hidden - 1) / TSimd.Lanes + 1;
        _paddedHidden = vectors * TSimd.Lanes;
        int tiles = (vectors - 1) / LitRows.MaxVectors + 1;
        _tiles = new Tile[tiles];
        for (int t = 0; t < tiles; t++)
        {
            int first = vectors * t / tiles, end = vectors * (t + 1) / tiles;
            _tiles[t] = new Tile(
                first * TSimd.Lanes, (end - first) * TSimd.Lanes, LitRows.Create<TVector, TSimd>(end - first));
        }
        _weights = new Parameters(_paddedHidden);
        // Outputs that only fill a vector: σ(−∞) is 0, so they have no loss and no delta.
        _weights.B2.Span[OutputUnits..].Fill(float.NegativeInfinity);
    }

    /// <inheritdoc/>
    public override int PaddedHidden => _paddedHidden;

    /// <summary>Vectors that hold ten outputs.</summary>
    private static int OutputVectors => (OutputUnits - 1) / TSimd.Lanes + 1;

    /// <inheritdoc/>
    public override void Set(NetworkParameters parameters)
    {
        foreach (Tile tile in _tiles)
            for (int p = 0; p < Inputs; p++)
                Row(parameters.W1, p, tile).CopyTo(new Span<float>(_weights.Row(tile, p), tile.Units));
        parameters.B1.CopyTo(_weights.B1.Span);
        for (int j = 0; j < _hidden; j++)
            for (int k = 0; k < OutputUnits; k++)
                _weights.W2.Pointer[k * _paddedHidden + j] = parameters.W2[j * OutputUnits + k];
        parameters.B2.CopyTo(_weights.B2.Span);
    }

    /// <inheritdoc/>
    public override NetworkParameters Get()
    {
        var parameters = new NetworkParameters(_hidden);
        foreach (Tile tile in _tiles)
            for (int p = 0; p < Inputs; p++)
            {
                Span<float> row = Row(parameters.W1, p, tile);
                new Span<float>(_weights.Row(tile, p), row.Length).CopyTo(row);
            }
        _weights.B1.Span[.._hidden].CopyTo(parameters.B1);
        for (int j = 0; j < _hidden; j++)
            for (int k = 0; k < OutputUnits; k++)
                parameters.W2[j * OutputUnits + k] = _weights.W2.Pointer[k * _paddedHidden + j];
        _weights.B2.Span[..OutputUnits].CopyTo(parameters.B2);
        return parameters;
    }

    /// <summary>The units of a tile in a pixel's row of W1, without those that only fill the last vector.</summary>
    private Span<float> Row(float[] w1, int pixel, Tile tile) =>
        w1.AsSpan(pixel * _hidden + tile.First, Math.Min(tile.Units, _hidden - tile.First));

    /// <inheritdoc/>
    public override void PrepareLargeBatches()
    {
        if (_step is null)
            _step = new Parameters(_paddedHidden);
        else
            _step.Clear();
    }

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
                    workspace.Sums(level) + tile.Offset, workspace.Pixels.LitPixels(chunk), workspace.Pixels.Values(chunk),
                    workspace.Pixels.Pixels(chunk), images, _weights.Row(tile, chunk * ChunkPixels), add: chunk != part);
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

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Outputs(float* hidden, int first, int end, float* outputs)
    {
        nint stride = _paddedHidden;
        for (int i = first; i < end; i++)
        {
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default;
            TVector s5 = default, s6 = default, s7 = default, s8 = default, s9 = default;
            foreach (Tile tile in _tiles)
            {
                float* h = hidden + tile.Offset + (nint)i * tile.Units;
                float* w = _weights.W2.Pointer + tile.First;
                for (int j = 0; j < tile.Units; j += TSimd.Lanes, w += TSimd.Lanes)
                {
                    TVector x = TSimd.Load(h + j);
                    s0 = TSimd.MultiplyAdd(x, TSimd.Load(w), s0);
                    s1 = TSimd.MultiplyAdd(x, TSimd.Load(w + stride), s1);
                    s2 = TSimd.MultiplyAdd(x, TSimd.Load(w + 2 * stride), s2);
                    s3 = TSimd.MultiplyAdd(x, TSimd.Load(w + 3 * stride), s3);
                    s4 = TSimd.MultiplyAdd(x, TSimd.Load(w + 4 * stride), s4);
                    s5 = TSimd.MultiplyAdd(x, TSimd.Load(w + 5 * stride), s5);
                    s6 = TSimd.MultiplyAdd(x, TSimd.Load(w + 6 * stride), s6);
                    s7 = TSimd.MultiplyAdd(x, TSimd.Load(w + 7 * stride), s7);
                    s8 = TSimd.MultiplyAdd(x, TSimd.Load(w + 8 * stride), s8);
                    s9 = TSimd.MultiplyAdd(x, TSimd.Load(w + 9 * stride), s9);
                }
            }
            float* output = outputs + i * OutputStride;
            output[0] = TSimd.Sum(s0);
            output[1] = TSimd.Sum(s1);
            output[2] = TSimd.Sum(s2);
            output[3] = TSimd.Sum(s3);
            output[4] = TSimd.Sum(s4);
            output[5] = TSimd.Sum(s5);
            output[6] = TSimd.Sum(s6);
            output[7] = TSimd.Sum(s7);
            output[8] = TSimd.Sum(s8);
            output[9] = TSimd.Sum(s9);
        }
        float* bias = _weights.B2.Pointer;
        for (int i = first; i < end; i++)
            for (int k = 0; k < OutputVectors * TSimd.Lanes; k += TSimd.Lanes)
            {
                float* output = outputs + i * OutputStride + k;
                TSimd.Store(output, Sigmoid<TVector, TSimd>.Of(TSimd.Add(TSimd.Load(output), TSimd.Load(bias + k))));
            }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int Deltas(
        float* hidden, int first, int end, float* outputs, byte* labels, float learningRate, float* deltas, float* losses)
    {
        int hits = 0;
        TVector one = TSimd.Broadcast(1), rate = TSimd.Broadcast(-learningRate);
        for (int i = first; i < end; i++)
        {
            float* output = outputs + i * OutputStride;
            int label = labels[i];
            hits += IsLargest(output, label) ? 1 : 0;

            TVector loss = default;
            float right = output[label];
            for (int k = 0; k < OutputVectors * TSimd.Lanes; k += TSimd.Lanes)
            {
                TVector o = TSimd.Load(output + k);
                loss = TSimd.MultiplyAdd(o, o, loss);
                TVector slope = TSimd.Multiply(o, TSimd.Subtract(one, o));
                TSimd.Store(output + k, TSimd.Multiply(rate, TSimd.Multiply(o, slope)));
            }
            // That was for the target 0; at the label it is 1.
            losses[i] = 0.5f * (TSimd.Sum(loss) - right * right + (1 - right) * (1 - right));
            output[label] = -learningRate * ((right - 1) * (right * (1 - right)));
        }

        nint stride = _paddedHidden;
        for (int i = first; i < end; i++)
        {
            float* output = outputs + i * OutputStride;
            TVector d0 = TSimd.Broadcast(output[0]), d1 = TSimd.Broadcast(output[1]);
            TVector d2 = TSimd.Broadcast(output[2]), d3 = TSimd.Broadcast(output[3]);
            TVector d4 = TSimd.Broadcast(output[4]), d5 = TSimd.Broadcast(output[5]);
            TVector d6 = TSimd.Broadcast(output[6]), d7 = TSimd.Broadcast(output[7]);
            TVector d8 = TSimd.Broadcast(output[8]), d9 = TSimd.Broadcast(output[9]);
            foreach (Tile tile in _tiles)
            {
                float* h = hidden + tile.Offset + (nint)i * tile.Units;
                float* delta = deltas + tile.Offset + (nint)i * tile.Units;
                float* w = _weights.W2.Pointer + tile.First;
                for (int j = 0; j < tile.Units; j += TSimd.Lanes, w += TSimd.Lanes)
                {
                    TVector even = TSimd.Multiply(d0, TSimd.Load(w));
                    TVector odd = TSimd.Multiply(d1, TSimd.Load(w + stride));
                    even = TSimd.MultiplyAdd(d2, TSimd.Load(w + 2 * stride), even);
                    odd = TSimd.MultiplyAdd(d3, TSimd.Load(w + 3 * stride), odd);
                    even = TSimd.MultiplyAdd(d4, TSimd.Load(w + 4 * stride), even);
                    odd = TSimd.MultiplyAdd(d5, TSimd.Load(w + 5 * stride), odd);
                    even = TSimd.MultiplyAdd(d6, TSimd.Load(w + 6 * stride), even);
                    odd = TSimd.MultiplyAdd(d7, TSimd.Load(w + 7 * stride), odd);
                    even = TSimd.MultiplyAdd(d8, TSimd.Load(w + 8 * stride), even);
                    odd = TSimd.MultiplyAdd(d9, TSimd.Load(w + 9 * stride), odd);
                    TVector x = TSimd.Load(h + j);
                    TVector slope = TSimd.Multiply(x, TSimd.Subtract(one, x));
                    TSimd.Store(delta + j, TSimd.Multiply(TSimd.Add(even, odd), slope));
                }
            }
        }
        return hits;
    }

    /// <summary>Whether the output at the label is the first of the largest.</summary>
    private static bool IsLargest(float* output, int label)
    {
        bool largest = true;
        for (int k = 0; k < OutputUnits; k++)
            largest &= k < label ? output[k] < output[label] : output[k] <= output[label];
        return largest;
    }

    /// <inheritdoc/>
    public override void Update(
        Workspace workspace, int images, int thread, int threads,
        float* hidden, float* outputDeltas, float* deltas, BatchPart part)
    {
        Parameters target = part == BatchPart.Whole ? _weights : _step!;
        for (int chunk = thread; chunk < Chunks; chunk += threads)
            UpdateChunk(workspace.Pixels, chunk, images, deltas, target);

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

    /// <summary>W1 −= η·Xᵀ·δh for the rows of one chunk of pixels.</summary>
    private void UpdateChunk(BatchPixels pixels, int chunk, int images, float* deltas, Parameters target)
    {
        byte* bytes = pixels.Pixels(chunk);
        int firstPixel = chunk * ChunkPixels;
        if (images > FewImages)
        {
            pixels.Transpose(chunk, images);
            foreach (Tile tile in _tiles)
                tile.Kernel.Update(
                    target.Row(tile, firstPixel), pixels.LitImages(chunk), bytes, Math.Min(ChunkPixels, Inputs - firstPixel), deltas + tile.Offset);
            return;
        }
        foreach (Tile tile in _tiles)
            for (int i = 0; i < images; i++)
                tile.Kernel.UpdateByImage(
                    target.Row(tile, firstPixel), pixels.LitPixels(chunk)[i], bytes + i * ChunkPixels,
                    deltas + tile.Offset + (nint)i * tile.Units);
    }

    /// <summary>W2 −= η·hᵀ·δo and b1 −= η·Σδh for a range of hidden units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void UpdateOutputLayer(
        int images, int first, int end, float* hidden, float* outputDeltas, float* deltas, Parameters target)
    {
        nint stride = _paddedHidden;
        foreach (Tile tile in _tiles)
            for (int j = Math.Max(first, tile.First); j < Math.Min(end, tile.First + tile.Units); j += TSimd.Lanes)
            {
                float* w = target.W2.Pointer + j;
                nint at = tile.Offset + j - tile.First;
                TVector s0 = TSimd.Load(w), s1 = TSimd.Load(w + stride);
                TVector s2 = TSimd.Load(w + 2 * stride), s3 = TSimd.Load(w + 3 * stride);
                TVector s4 = TSimd.Load(w + 4 * stride), s5 = TSimd.Load(w + 5 * stride);
                TVector s6 = TSimd.Load(w + 6 * stride), s7 = TSimd.Load(w + 7 * stride);
                TVector s8 = TSimd.Load(w + 8 * stride), s9 = TSimd.Load(w + 9 * stride);
                TVector bias = TSimd.Load(target.B1.Pointer + j);
                for (int i = 0; i < images; i++, at += tile.Units)
                {
                    float* d = outputDeltas + i * OutputStride;
                    TVector h = TSimd.Load(hidden + at);
                    s0 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[0]), s0);
                    s1 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[1]), s1);
                    s2 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[2]), s2);
                    s3 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[3]), s3);
                    s4 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[4]), s4);
                    s5 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[5]), s5);
                    s6 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[6]), s6);
                    s7 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[7]), s7);
                    s8 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[8]), s8);
                    s9 = TSimd.MultiplyAdd(h, TSimd.Broadcast(d[9]), s9);
                    bias = TSimd.Add(bias, TSimd.Load(deltas + at));
                }
                TSimd.Store(w, s0);
                TSimd.Store(w + stride, s1);
                TSimd.Store(w + 2 * stride, s2);
                TSimd.Store(w + 3 * stride, s3);
                TSimd.Store(w + 4 * stride, s4);
                TSimd.Store(w + 5 * stride, s5);
                TSimd.Store(w + 6 * stride, s6);
                TSimd.Store(w + 7 * stride, s7);
                TSimd.Store(w + 8 * stride, s8);
                TSimd.Store(w + 9 * stride, s9);
                TSimd.Store(target.B1.Pointer + j, bias);
            }
        // The units that only fill the last vector stay without weight, or they would come to matter.
        for (int j = Math.Max(first, _hidden); j < end; j++)
            for (int k = 0; k < OutputUnits; k++)
                target.W2.Pointer[k * stride + j] = 0;
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
            Move(_step!.W2.Pointer + k * _paddedHidden + first, _weights.W2.Pointer + k * _paddedHidden + first, end - first);
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

    /// <summary>Hidden units whose rows are summed at once.</summary>
    private sealed class Tile(int first, int units, LitRows kernel)
    {
        /// <summary>The first hidden unit.</summary>
        public int First { get; } = first;

        /// <summary>Hidden units: whole vectors.</summary>
        public int Units { get; } = units;

        public LitRows Kernel { get; } = kernel;

        /// <summary>Where the tile begins in an array of images × hidden units.</summary>
        public nint Offset => (nint)First * BatchPixels.MaxImages;
    }

    /// <summary>Weights and biases, or a step of theirs.</summary>
    private sealed class Parameters(int paddedHidden)
    {
        /// <summary>W1, tile by tile, each 784 × its units.</summary>
        private readonly AlignedBuffer<float> _w1 = new((long)Inputs * paddedHidden);

        public AlignedBuffer<float> B1 { get; } = new(paddedHidden);

        /// <summary>W2 transposed, 10 × H.</summary>
        public AlignedBuffer<float> W2 { get; } = new(OutputUnits * paddedHidden);

        public AlignedBuffer<float> B2 { get; } = new(OutputStride);

        /// <summary>A pixel's weights in a tile.</summary>
        public float* Row(Tile tile, int pixel) => _w1.Pointer + (nint)Inputs * tile.First + (nint)pixel * tile.Units;

        public void Clear()
        {
            _w1.Span.Clear();
            B1.Span.Clear();
            W2.Span.Clear();
            B2.Span.Clear();
        }
    }
}
