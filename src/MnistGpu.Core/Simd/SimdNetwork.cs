using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>The network's parameters, laid out for vectors, and the memory that each thread works in.</summary>
/// <remarks>
/// Hidden units are padded with units of weight 0 to whole vectors. W1 is cut into strips of hidden units, so narrow
/// that a row of one fits in the registers, and a strip's rows lie one after another. W1 is there once: a thread has
/// the rows under its half of the pixels. The other parameters are small, and each thread has a copy.
/// </remarks>
internal sealed unsafe class SimdNetwork : IDisposable
{
    private const int Inputs = NetworkParameters.Inputs, OutputUnits = NetworkParameters.Outputs;

    private readonly int _hidden;
    private readonly AlignedBuffer<float> _w1;
    private AlignedBuffer<float>? _w1Step;

    public SimdNetwork(int hidden, int lanes)
    {
        _hidden = hidden;
        int vectors = (hidden - 1) / lanes + 1, strips = (vectors - 1) / LitRows.MaxVectors(lanes) + 1;
        Units = vectors * lanes;
        Strips = new Strip[strips];
        for (int s = 0; s < strips; s++)
        {
            int first = vectors * s / strips, end = vectors * (s + 1) / strips;
            Strips[s] = new Strip(first * lanes, end - first, (end - first) * lanes);
        }
        _w1 = new AlignedBuffer<float>((long)Inputs * Units);
        Workspaces = [new Workspace(hidden, Units), new Workspace(hidden, Units)];
    }

    /// <summary>Hidden units, with those that fill the last vector.</summary>
    public int Units { get; }
    public Strip[] Strips { get; }

    /// <summary>One a thread; a thread that works alone uses the first, and of the second only its step.</summary>
    public Workspace[] Workspaces { get; }

    /// <summary>A pixel's row of W1 in a strip.</summary>
    public float* W1(Strip strip, int pixel) => _w1.Pointer + RowOffset(strip, pixel);

    /// <summary>
    /// The same row of the step, where it is added up before it is taken: a batch begins with the velocity there.
    /// </summary>
    public float* W1Step(Strip strip, int pixel) => _w1Step!.Pointer + RowOffset(strip, pixel);

    public void Set(NetworkParameters parameters)
    {
        Copy(parameters, _w1, Workspaces[0].Parameters, (from, to) => from.CopyTo(to));
        EqualizeCopies();
        ClearSteps();
    }

    public NetworkParameters Get()
    {
        var parameters = new NetworkParameters(_hidden);
        Copy(parameters, _w1, Workspaces[0].Parameters, (to, from) => from.CopyTo(to));
        return parameters;
    }

    public void SetVelocity(NetworkParameters velocity)
    {
        ClearSteps();
        Copy(velocity, EnsureW1Step(), Workspaces[0].Step, (from, to) => from.CopyTo(to));
    }

    /// <summary>Between two epochs: what their last step has left in the place of the steps.</summary>
    public NetworkParameters GetVelocity()
    {
        var velocity = new NetworkParameters(_hidden);
        Copy(velocity, EnsureW1Step(), Workspaces[0].Step, (to, from) => from.CopyTo(to));
        return velocity;
    }

    /// <summary>Makes room for the step of W1, which is 0 at first.</summary>
    public AlignedBuffer<float> EnsureW1Step() => _w1Step ??= new AlignedBuffer<float>((long)Inputs * Units);

    /// <summary>Nothing is left of any step.</summary>
    public void ClearSteps()
    {
        _w1Step?.Span.Clear();
        foreach (Workspace workspace in Workspaces)
            workspace.Step.Span.Clear();
    }

    /// <summary>Puts what the halves of the images have left of the small parameters' step into the first one.</summary>
    public void JoinSteps()
    {
        Span<float> step = Workspaces[0].Step.Span, other = Workspaces[1].Step.Span;
        for (int i = 0; i < step.Length; i++)
            step[i] += other[i];
        other.Clear();
    }

    /// <summary>Has the second thread's copy of the small parameters follow the first one's.</summary>
    public void EqualizeCopies() => Workspaces[0].Parameters.Span.CopyTo(Workspaces[1].Parameters.Span);

    /// <summary>Pairs each stretch of parameters with its place here, and copies one to the other.</summary>
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
        foreach (Workspace workspace in Workspaces)
            workspace.Dispose();
    }

    private static nint RowOffset(Strip strip, int pixel) => (nint)Inputs * strip.First + (nint)pixel * strip.Units;
}

/// <summary>Neighbouring hidden units, whose rows of W1 fit in the registers.</summary>
internal readonly record struct Strip(int First, int Vectors, int Units);

/// <summary>W2, b1 and b2, or a step of theirs; hidden units are padded.</summary>
internal sealed unsafe class SmallParameters(int hidden, int units) : IDisposable
{
    /// <summary>From one image's outputs to the next: ten, and what fills the last vector.</summary>
    public const int OutputStride = 16;

    private readonly AlignedBuffer<float> _values = new((NetworkParameters.Outputs + 1L) * units + OutputStride);

    public int Hidden => hidden;
    public int Units => units;

    /// <summary>W2 transposed, 10 × units, so that hidden units are read in vectors.</summary>
    public float* W2 => _values.Pointer;

    public float* B1 => W2 + NetworkParameters.Outputs * (nint)units;
    public float* B2 => B1 + units;
    public Span<float> Span => _values.Span;

    public void Dispose() => _values.Dispose();
}

/// <summary>What a thread has for itself. The other one writes there only to hand something over.</summary>
internal sealed unsafe class Workspace : IDisposable
{
    private readonly AlignedBuffer<float>[] _sums;

    public Workspace(int hidden, int units)
    {
        long size = (long)PassPixels.MaxImages * units;
        (_sums, Hidden, Deltas) = ([new(size), new(size)], new(size), new(size));
        (Parameters, Step, OtherStep) = (new(hidden, units), new(hidden, units), new(hidden, units));
        // Outputs that only fill a vector: σ(−∞) is 0, so they have no loss and no delta.
        new Span<float>(Parameters.B2, SmallParameters.OutputStride)[NetworkParameters.Outputs..]
            .Fill(float.NegativeInfinity);
    }

    public PassPixels Pixels { get; } = new();

    /// <summary>h of the thread's half of the images; before that, z. 64 × units, like the sums and deltas.</summary>
    public AlignedBuffer<float> Hidden { get; }

    /// <summary>−η·δh of all images; those of the other thread's images are handed over.</summary>
    public AlignedBuffer<float> Deltas { get; }

    /// <summary>o of the thread's images, and then −η·δo, from the first on: 64 × 16.</summary>
    public AlignedBuffer<float> Outputs { get; } = new(PassPixels.MaxImages * SmallParameters.OutputStride);

    public SmallParameters Parameters { get; }

    /// <summary>
    /// The batch's step of these parameters, as far as it comes from this half of the images; it begins with the velocity.
    /// </summary>
    public SmallParameters Step { get; }

    /// <summary>The other thread's, handed over.</summary>
    public SmallParameters OtherStep { get; }

    /// <summary>The losses of this half of the images since the epoch began.</summary>
    public double Loss { get; set; }
    public int Hits { get; set; }

    /// <summary>
    /// X·W1 over one half of the pixels. The thread's own half is there for all images; of the other one, those of the
    /// thread's own images are handed over.
    /// </summary>
    public float* Sums(int half) => _sums[half].Pointer;

    public void Dispose()
    {
        foreach (IDisposable memory in (IDisposable[])[.. _sums, Pixels, Hidden, Deltas, Outputs, Parameters, Step, OtherStep])
            memory.Dispose();
    }
}
