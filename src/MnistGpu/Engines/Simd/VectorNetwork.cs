using MnistGpu.Network;

namespace MnistGpu.Engines.Simd;

/// <summary>The network in vectors of one width. Here: its layout and parameters.</summary>
/// <remarks>
/// Hidden units are padded with units of weight 0 to whole vectors and cut into tiles whose rows fit in the registers.
/// A tile's rows of W1 lie one after another, and W2 is transposed (10 × H): all is read in vectors and in order.
/// </remarks>
internal sealed unsafe partial class VectorNetwork<TVector, TSimd> : SimdNetwork
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

    public VectorNetwork(int hidden)
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
