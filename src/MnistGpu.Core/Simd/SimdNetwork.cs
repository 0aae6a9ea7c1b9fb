using MnistGpu.Core.Memory;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>The network's parameters and their velocity, laid out for vectors.</summary>
/// <remarks>
/// Hidden units are padded with units of weight 0 to whole vectors. W1 is cut into strips of hidden units, so narrow that
/// two of their rows fit in the registers and 64 in the L1 cache, and a strip's rows are contiguous.
/// </remarks>
internal sealed unsafe class SimdNetwork : IDisposable
{
    private const int Inputs = NetworkParameters.Inputs, OutputUnits = NetworkParameters.Outputs;

    public const int MostSmallUnits = 128;

    private readonly int _hidden;
    private readonly AlignedBuffer<float> _w1;
    private AlignedBuffer<float>? _w1Step;

    public SimdNetwork(int hidden, int lanes)
    {
        _hidden = hidden;
        int vectors = (hidden - 1) / lanes + 1, strips = (vectors - 1) / MaskedRowSum.MaxVectors(lanes) + 1;
        Units = vectors * lanes;
        // A multiple of four, so that two or four threads have equally many.
        if (!IsSmall)
            strips = (strips + 3) / 4 * 4;
        Strips = new Strip[strips];
        for (int s = 0; s < strips; s++)
        {
            int first = vectors * s / strips, end = vectors * (s + 1) / strips;
            Strips[s] = new Strip(first * lanes, end - first, (end - first) * lanes);
        }
        _w1 = new AlignedBuffer<float>((long)Inputs * Units);
        All = new Strip(0, vectors, Units);
        (Parameters, Step) = (NewSmallParameters(), NewSmallParameters());
        // Outputs that only pad a vector: σ(−∞) is 0, so they have no loss and no delta.
        new Span<float>(Parameters.B2, SmallParameters.OutputStride)[OutputUnits..].Fill(float.NegativeInfinity);
    }

    /// <summary>
    /// Whether it is trained in halves of the pixels, because it has too few strips of hidden units.
    /// </summary>
    public bool IsSmall => Units <= MostSmallUnits;

    /// <summary>Hidden units, including those that pad the last vector.</summary>
    public int Units { get; }
    public Strip[] Strips { get; }

    /// <summary>All units, for work that needs no strips.</summary>
    public Strip All { get; }

    public SmallParameters Parameters { get; }

    /// <summary>Their step, if it is accumulated before it is taken; it starts each batch with the velocity.</summary>
    public SmallParameters Step { get; }

    /// <summary>A pixel's row of W1 in a strip.</summary>
    public float* W1(Strip strip, int pixel) => _w1.Pointer + RowOffset(strip, pixel);

    /// <summary>
    /// The same row of the step, if it is accumulated before it is taken; it starts each batch with the velocity.
    /// </summary>
    public float* W1Step(Strip strip, int pixel) => _w1Step!.Pointer + RowOffset(strip, pixel);

    public void Set(NetworkParameters parameters)
    {
        Copy(parameters, _w1, Parameters, (from, to) => from.CopyTo(to));
        ClearSteps();
    }

    public NetworkParameters Get()
    {
        var parameters = new NetworkParameters(_hidden);
        Copy(parameters, _w1, Parameters, (to, from) => from.CopyTo(to));
        return parameters;
    }

    public void SetVelocity(NetworkParameters velocity)
    {
        ClearSteps();
        Copy(velocity, EnsureW1Step(), Step, (from, to) => from.CopyTo(to));
    }

    /// <summary>Between two epochs: what the last step left in place of the steps.</summary>
    public NetworkParameters GetVelocity()
    {
        var velocity = new NetworkParameters(_hidden);
        Copy(velocity, EnsureW1Step(), Step, (to, from) => from.CopyTo(to));
        return velocity;
    }

    /// <summary>Allocates the step of W1, which is 0 at first.</summary>
    public AlignedBuffer<float> EnsureW1Step() => _w1Step ??= new AlignedBuffer<float>((long)Inputs * Units);

    /// <summary>Resets all steps to 0.</summary>
    public void ClearSteps()
    {
        _w1Step?.Span.Clear();
        Step.Span.Clear();
    }

    /// <summary>Allocates W2 and the biases, or their step, which is 0 at first.</summary>
    public SmallParameters NewSmallParameters() => new(_hidden, Units);

    /// <summary>Pairs each contiguous range of parameters with its place here, and copies one to the other.</summary>
    private void Copy(
        NetworkParameters parameters, AlignedBuffer<float> w1, SmallParameters small,
        Action<Span<float>, Span<float>> copy)
    {
        foreach (Strip strip in Strips)
        {
            int units = Math.Min(strip.Units, _hidden - strip.First);
            for (int p = 0; p < Inputs; p++)
                copy(
                    parameters.W1.AsSpan(p * _hidden + strip.First, units),
                    new Span<float>(w1.Pointer + RowOffset(strip, p), units));
        }
        copy(parameters.B1, new Span<float>(small.B1, _hidden));
        copy(parameters.B2, new Span<float>(small.B2, OutputUnits));
        for (int j = 0; j < _hidden; j++)
            for (int k = 0; k < OutputUnits; k++)
                copy(parameters.W2.AsSpan(j * OutputUnits + k, 1), new Span<float>(small.W2 + k * (nint)Units + j, 1));
    }

    public void Dispose()
    {
        _w1.Dispose();
        _w1Step?.Dispose();
        Parameters.Dispose();
        Step.Dispose();
    }

    private static nint RowOffset(Strip strip, int pixel) => (nint)Inputs * strip.First + (nint)pixel * strip.Units;
}

/// <summary>Neighbouring hidden units.</summary>
internal readonly record struct Strip(int First, int Vectors, int Units);

/// <summary>W2, b1 and b2, or their step; hidden units are padded.</summary>
internal sealed unsafe class SmallParameters(int hidden, int units) : IDisposable
{
    /// <summary>Distance from one image's outputs to the next one's: ten, padded to whole vectors.</summary>
    public const int OutputStride = 16;

    private readonly AlignedBuffer<float> _values = new((NetworkParameters.Outputs + 1L) * units + OutputStride);

    public int Hidden => hidden;
    public int Units => units;

    /// <summary>W2 transposed, 10 × units, so that hidden units are read in vectors.</summary>
    public float* W2 => _values.Pointer;

    public float* B1 => W2 + NetworkParameters.Outputs * (nint)units;
    public float* B2 => B1 + units;
    public Span<float> Span => _values.Span;

    public void CopyTo(SmallParameters other) => Span.CopyTo(other.Span);

    public void Dispose() => _values.Dispose();
}
