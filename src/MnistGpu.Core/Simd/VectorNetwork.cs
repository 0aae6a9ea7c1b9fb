using System.Runtime.CompilerServices;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>The network in vectors of one width. Here: its layout and parameters.</summary>
/// <remarks>
/// Hidden units are padded with units of weight 0 to whole vectors. A share is cut into tiles whose rows of W1 fit in
/// the registers, and a tile's rows lie one after another; W2 is kept transposed as well (10 × H): everything is read in
/// vectors and in order, and no two threads write to the same array.
/// </remarks>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd> : SimdNetwork
    where TVector : struct
    where TSimd : ISimd<TVector>
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int OutputUnits = NetworkParameters.Outputs;

    /// <summary>Parts of the outputs' sums.</summary>
    private const int OutputParts = 8;

    private readonly int _hidden;
    private readonly Share[] _shares;

    public VectorNetwork(int hidden, int threads)
    {
        _hidden = hidden;
        int vectors = (hidden - 1) / TSimd.Lanes + 1;
        PaddedHidden = vectors * TSimd.Lanes;
        int[] bounds = [0, vectors];
        while (bounds.Length <= OutputParts)
            bounds = Halve(bounds);
        int shares = ThreadsFor(Math.Clamp(threads / Halves, 1, vectors));
        int partsOfShare = OutputParts / shares;
        _shares = new Share[shares];
        for (int s = 0; s < shares; s++)
            _shares[s] = new Share(hidden, bounds.AsSpan(s * partsOfShare, partsOfShare + 1));
        Threads = threads == 1 ? 1 : Halves * shares;
    }

    /// <inheritdoc/>
    public override int Threads { get; }

    /// <inheritdoc/>
    public override int Shares => _shares.Length;

    /// <inheritdoc/>
    public override int PaddedHidden { get; }

    /// <summary>Vectors that hold ten outputs.</summary>
    private static int OutputVectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (OutputUnits - 1) / TSimd.Lanes + 1;
    }

    /// <inheritdoc/>
    public override void Set(NetworkParameters parameters)
    {
        foreach (Share share in _shares)
        {
            foreach (Tile tile in share.Tiles)
                for (int p = 0; p < Inputs; p++)
                    Row(parameters.W1, p, share, tile).CopyTo(new Span<float>(share.W1.Row(tile, p), tile.Units));
            CommonParameters common = share.Replicas[0].Parameters;
            for (int j = 0; j < share.RealUnits; j++)
            {
                common.B1[j] = parameters.B1[share.First + j];
                for (int k = 0; k < OutputUnits; k++)
                    common.W2[k * share.Units + j] = parameters.W2[(share.First + j) * OutputUnits + k];
            }
            parameters.B2.CopyTo(new Span<float>(common.B2, OutputUnits));
        }
        EqualizeReplicas();
    }

    /// <inheritdoc/>
    public override NetworkParameters Get()
    {
        var parameters = new NetworkParameters(_hidden);
        foreach (Share share in _shares)
        {
            foreach (Tile tile in share.Tiles)
                for (int p = 0; p < Inputs; p++)
                {
                    Span<float> row = Row(parameters.W1, p, share, tile);
                    new Span<float>(share.W1.Row(tile, p), row.Length).CopyTo(row);
                }
            CommonParameters common = share.Replicas[0].Parameters;
            for (int j = 0; j < share.RealUnits; j++)
            {
                parameters.B1[share.First + j] = common.B1[j];
                for (int k = 0; k < OutputUnits; k++)
                    parameters.W2[(share.First + j) * OutputUnits + k] = common.W2[k * share.Units + j];
            }
        }
        new Span<float>(_shares[0].Replicas[0].Parameters.B2, OutputUnits).CopyTo(parameters.B2);
        return parameters;
    }

    /// <inheritdoc/>
    public override void PrepareLargeBatches()
    {
        foreach (Share share in _shares)
            share.ClearStep();
    }

    /// <inheritdoc/>
    public override void EqualizeReplicas()
    {
        foreach (Share share in _shares)
        {
            CommonParameters first = share.Replicas[0].Parameters;
            first.Span.CopyTo(share.Replicas[1].Parameters.Span);
            foreach (Replica replica in share.Replicas)
                replica.TransposeW2();
        }
    }

    /// <inheritdoc/>
    public override void SendRows(int share, int first, int images, float* from, float* to)
    {
        Share own = _shares[share];
        Send(own.Row(from, first), own.Row(to, first), images * own.Units);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Send(float* from, float* to, int count)
    {
        for (nint j = 0; j < count; j += TSimd.Lanes)
            TSimd.StorePastCaches(to + j, TSimd.Load(from + j));
    }

    /// <summary>The units of a tile in a pixel's row of W1, without those that only fill the last vector.</summary>
    private Span<float> Row(float[] w1, int pixel, Share share, Tile tile) => w1.AsSpan(
        pixel * _hidden + share.First + tile.First, Math.Min(tile.Units, share.RealUnits - tile.First));

    /// <summary>Cuts each range in two, the first at most 1 longer.</summary>
    private static int[] Halve(int[] bounds)
    {
        var halves = new int[2 * bounds.Length - 1];
        for (int i = 0; i < bounds.Length; i++)
            halves[2 * i] = bounds[i];
        for (int i = 1; i < halves.Length; i += 2)
            halves[i] = halves[i - 1] + (halves[i + 1] - halves[i - 1] + 1) / 2;
        return halves;
    }

    /// <summary>Hidden units that are worked on together.</summary>
    private sealed class Share
    {
        /// <param name="hidden">Hidden units of the network.</param>
        /// <param name="bounds">Where the parts of the share begin and end, in vectors.</param>
        public Share(int hidden, ReadOnlySpan<int> bounds)
        {
            int vectors = bounds[^1] - bounds[0];
            First = bounds[0] * TSimd.Lanes;
            Units = vectors * TSimd.Lanes;
            RealUnits = Math.Min(Units, hidden - First);
            Parts = new int[bounds.Length];
            for (int i = 0; i < bounds.Length; i++)
                Parts[i] = Math.Min((bounds[i] - bounds[0]) * TSimd.Lanes, RealUnits);

            int tiles = (vectors - 1) / LitRows.MaxVectors + 1;
            Tiles = new Tile[tiles];
            for (int t = 0; t < tiles; t++)
            {
                int first = vectors * t / tiles, end = vectors * (t + 1) / tiles;
                Tiles[t] = new Tile(
                    first * TSimd.Lanes, (end - first) * TSimd.Lanes, LitRows.Create<TVector, TSimd>(end - first));
            }
            W1 = new HiddenWeights(Units);
            Replicas = [new Replica(Units, RealUnits), new Replica(Units, RealUnits)];
        }

        /// <summary>The first hidden unit.</summary>
        public int First { get; }

        /// <summary>Hidden units: whole vectors.</summary>
        public int Units { get; }

        /// <summary>Hidden units without those that only fill the last vector.</summary>
        public int RealUnits { get; }

        /// <summary>Where the parts of the outputs' sums begin and end, in hidden units from the first.</summary>
        public int[] Parts { get; }

        public Tile[] Tiles { get; }

        public HiddenWeights W1 { get; }

        /// <summary>W1's step of a large batch so far.</summary>
        public HiddenWeights? Step { get; private set; }

        /// <summary>Of all other parameters, a replica for each half.</summary>
        public Replica[] Replicas { get; }

        /// <summary>An image's row of this share in an array of 64 images × hidden units, share by share.</summary>
        public float* Row(float* array, int image) =>
            array + (nint)First * BatchPixels.MaxImages + (nint)image * Units;

        public void ClearStep()
        {
            if (Step is null)
                Step = new HiddenWeights(Units);
            else
                Step.Clear();
        }
    }

    /// <summary>Hidden units of a share whose rows are summed at once.</summary>
    private sealed class Tile(int first, int units, LitRows kernel)
    {
        /// <summary>The first hidden unit, from the share's first.</summary>
        public int First { get; } = first;

        /// <summary>Hidden units: whole vectors.</summary>
        public int Units { get; } = units;

        public LitRows Kernel { get; } = kernel;
    }

    /// <summary>A share's W1, tile by tile, each 784 × its units; or a step of it.</summary>
    private sealed class HiddenWeights(int units)
    {
        private readonly AlignedBuffer<float> _weights = new((long)Inputs * units);

        /// <summary>A pixel's weights in a tile.</summary>
        public float* Row(Tile tile, int pixel) =>
            _weights.Pointer + (nint)Inputs * tile.First + (nint)pixel * tile.Units;

        public void Clear() => _weights.Span.Clear();

        /// <summary>Adds some pixels' weights in a tile to others and leaves 0.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void MoveRows(HiddenWeights target, Tile tile, int firstPixel, int endPixel)
        {
            float* from = Row(tile, firstPixel), to = target.Row(tile, firstPixel);
            int count = (endPixel - firstPixel) * tile.Units;
            for (int j = 0; j < count; j += TSimd.Lanes)
            {
                TSimd.Store(to + j, TSimd.Add(TSimd.Load(to + j), TSimd.Load(from + j)));
                TSimd.Store(from + j, default);
            }
        }
    }

    /// <summary>
    /// The parameters that each thread of a share needs whole, b1, W2 and b2, and so has a replica of; or a step of theirs.
    /// </summary>
    private sealed class CommonParameters(int units)
    {
        private readonly AlignedBuffer<float> _values = new((OutputUnits + 1) * units + OutputStride);

        /// <summary>All of them.</summary>
        public float* Pointer => _values.Pointer;

        public Span<float> Span => _values.Span;

        /// <summary>W2 transposed, 10 × units.</summary>
        public float* W2 => _values.Pointer;

        public float* B1 => W2 + OutputUnits * units;

        /// <summary>b2: every share has all of it, and takes the same steps.</summary>
        public float* B2 => B1 + units;

        /// <summary>How many they are, with what fills b2.</summary>
        public int Length => (OutputUnits + 1) * units + OutputStride;

        public void Clear() => _values.Span.Clear();
    }

    /// <summary>What a thread has for itself of the <see cref="CommonParameters"/>.</summary>
    private sealed class Replica
    {
        private readonly int _units;
        private readonly int _realUnits;

        public Replica(int units, int realUnits)
        {
            (_units, _realUnits) = (units, realUnits);
            Parameters = new CommonParameters(units);
            Step = new CommonParameters(units);
            SentStep = new CommonParameters(units);
            W2Rows = new AlignedBuffer<float>(units * OutputStride);
            // Outputs that only fill a vector: σ(−∞) is 0, so they have no loss and no delta.
            new Span<float>(Parameters.B2, OutputStride)[OutputUnits..].Fill(float.NegativeInfinity);
        }

        public CommonParameters Parameters { get; }

        /// <summary>The step of this half of the images.</summary>
        public CommonParameters Step { get; }

        /// <summary>The step of the other half, if another thread adds it up.</summary>
        public CommonParameters SentStep { get; }

        /// <summary>W2 once more, a row of 10 outputs (16 with what fills it) for each hidden unit.</summary>
        public AlignedBuffer<float> W2Rows { get; }

        /// <summary>Has the rows of W2 follow W2.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void TransposeW2()
        {
            float* row = W2Rows.Pointer, w = Parameters.W2;
            nint units = _units;
            for (float* end = w + _realUnits; w < end; w++, row += OutputStride)
            {
                row[0] = w[0];
                row[1] = w[units];
                row[2] = w[2 * units];
                row[3] = w[3 * units];
                row[4] = w[4 * units];
                row[5] = w[5 * units];
                row[6] = w[6 * units];
                row[7] = w[7 * units];
                row[8] = w[8 * units];
                row[9] = w[9 * units];
            }
        }
    }
}
