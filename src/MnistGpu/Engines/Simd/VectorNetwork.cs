using System.Runtime.CompilerServices;
using MnistGpu.Network;

namespace MnistGpu.Engines.Simd;

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
    private const int Chunks = SparseImages.Chunks;
    private const int ChunkPixels = SparseImages.ChunkPixels;
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
            Parameters weights = share.Weights;
            foreach (Tile tile in share.Tiles)
                for (int p = 0; p < Inputs; p++)
                    Row(parameters.W1, p, share, tile).CopyTo(new Span<float>(weights.Row(tile, p), tile.Units));
            for (int j = 0; j < share.RealUnits; j++)
            {
                weights.B1.Pointer[j] = parameters.B1[share.First + j];
                for (int k = 0; k < OutputUnits; k++)
                    weights.W2.Pointer[k * share.Units + j] = parameters.W2[(share.First + j) * OutputUnits + k];
            }
            parameters.B2.CopyTo(weights.B2.Span);
            for (int half = 0; half < Halves; half++)
                share.TransposeW2(half);
        }
    }

    /// <inheritdoc/>
    public override NetworkParameters Get()
    {
        var parameters = new NetworkParameters(_hidden);
        foreach (Share share in _shares)
        {
            Parameters weights = share.Weights;
            foreach (Tile tile in share.Tiles)
                for (int p = 0; p < Inputs; p++)
                {
                    Span<float> row = Row(parameters.W1, p, share, tile);
                    new Span<float>(weights.Row(tile, p), row.Length).CopyTo(row);
                }
            for (int j = 0; j < share.RealUnits; j++)
            {
                parameters.B1[share.First + j] = weights.B1.Pointer[j];
                for (int k = 0; k < OutputUnits; k++)
                    parameters.W2[(share.First + j) * OutputUnits + k] = weights.W2.Pointer[k * share.Units + j];
            }
        }
        _shares[0].Weights.B2.Span[..OutputUnits].CopyTo(parameters.B2);
        return parameters;
    }

    /// <inheritdoc/>
    public override void PrepareLargeBatches()
    {
        foreach (Share share in _shares)
            share.ClearStep();
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
            Weights = new Parameters(Units);
            // Outputs that only fill a vector: σ(−∞) is 0, so they have no loss and no delta.
            Weights.B2.Span[OutputUnits..].Fill(float.NegativeInfinity);
            W2Rows = new AlignedBuffer<float>(Units * OutputStride);
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

        public Parameters Weights { get; }

        /// <summary>W2 once more, a row of 10 outputs (16 with what fills it) for each hidden unit.</summary>
        public AlignedBuffer<float> W2Rows { get; }

        /// <summary>The step of a large batch so far.</summary>
        public Parameters? Step { get; private set; }

        /// <summary>An image's row of this share in an array of 64 images × hidden units, share by share.</summary>
        public float* Row(float* array, int image) =>
            array + (nint)First * BatchPixels.MaxImages + (nint)image * Units;

        public void ClearStep()
        {
            if (Step is null)
                Step = new Parameters(Units);
            else
                Step.Clear();
        }

        /// <summary>Where a half of the hidden units begins and ends: whole vectors.</summary>
        public (int First, int End) UnitsOf(int half)
        {
            int middle = (Units / TSimd.Lanes + 1) / 2 * TSimd.Lanes;
            return half == 0 ? (0, middle) : (middle, Units);
        }

        /// <summary>Copies W2 of half of the hidden units to its rows.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void TransposeW2(int half)
        {
            (int first, int end) = UnitsOf(half);
            for (int j = first; j < Math.Min(end, RealUnits); j++)
                for (int k = 0; k < OutputUnits; k++)
                    W2Rows.Pointer[j * OutputStride + k] = Weights.W2.Pointer[k * Units + j];
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

    /// <summary>A share's weights and biases, or a step of theirs.</summary>
    private sealed class Parameters(int units)
    {
        /// <summary>W1, tile by tile, each 784 × its units.</summary>
        private readonly AlignedBuffer<float> _w1 = new((long)Inputs * units);

        public AlignedBuffer<float> B1 { get; } = new(units);

        /// <summary>W2 transposed, 10 × units.</summary>
        public AlignedBuffer<float> W2 { get; } = new(OutputUnits * units);

        /// <summary>b2: every share has all of it, and takes the same steps.</summary>
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

        /// <summary>Adds some pixels' weights in a tile to other parameters and leaves 0.</summary>
        public void MoveRows(Parameters target, Tile tile, int firstPixel, int endPixel) =>
            Move(Row(tile, firstPixel), target.Row(tile, firstPixel), (endPixel - firstPixel) * tile.Units);

        /// <summary>Adds b1 and W2 of some units to other parameters and leaves 0.</summary>
        public void MoveUnits(Parameters target, int first, int end)
        {
            Move(B1.Pointer + first, target.B1.Pointer + first, end - first);
            for (int k = 0; k < OutputUnits; k++)
                Move(W2.Pointer + k * units + first, target.W2.Pointer + k * units + first, end - first);
        }

        /// <summary>Adds b2 to other parameters and leaves 0.</summary>
        public void MoveB2(Parameters target) => Move(B2.Pointer, target.B2.Pointer, OutputStride);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Move(float* from, float* to, int count)
        {
            for (int j = 0; j < count; j += TSimd.Lanes)
            {
                TSimd.Store(to + j, TSimd.Add(TSimd.Load(to + j), TSimd.Load(from + j)));
                TSimd.Store(from + j, default);
            }
        }
    }
}
