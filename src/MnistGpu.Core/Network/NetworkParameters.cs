namespace MnistGpu.Core.Network;

/// <summary>
/// The weights and biases of a 784-H-10 network, float32, row-major. W1 keeps a pixel's fan-out contiguous: row p holds
/// the H weights that lead from pixel p, so a pixel that is 0 lets a whole row be skipped.
/// </summary>
public sealed class NetworkParameters
{
    /// <summary>Inputs of the network: the 28×28 pixels of an image.</summary>
    public const int Inputs = 784;

    /// <summary>Outputs of the network: one per digit.</summary>
    public const int Outputs = 10;

    /// <summary>The maximum number of hidden units.</summary>
    public const int MaxHidden = 65_536;

    /// <summary>Creates a network whose weights and biases are all 0.</summary>
    /// <param name="hidden">Hidden units, 1 to <see cref="MaxHidden"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="hidden"/> is out of that range.</exception>
    public NetworkParameters(int hidden)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hidden, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hidden, MaxHidden);
        Hidden = hidden;
        W1 = new float[Inputs * hidden];
        B1 = new float[hidden];
        W2 = new float[hidden * Outputs];
        B2 = new float[Outputs];
    }

    /// <summary>Hidden units H.</summary>
    public int Hidden { get; }

    /// <summary>Weights from the pixels to the hidden layer, 784×H.</summary>
    public float[] W1 { get; }

    /// <summary>Biases of the hidden layer, H.</summary>
    public float[] B1 { get; }

    /// <summary>Weights from the hidden layer to the output layer, H×10.</summary>
    public float[] W2 { get; }

    /// <summary>Biases of the output layer, 10.</summary>
    public float[] B2 { get; }

    /// <summary>All four: W1, b1, W2 and b2, in this order.</summary>
    public IReadOnlyList<NetworkArray> Arrays =>
    [
        new("W1", [Inputs, Hidden], W1),
        new("b1", [Hidden], B1),
        new("W2", [Hidden, Outputs], W2),
        new("b2", [Outputs], B2),
    ];

    /// <summary>Whether no weight or bias is NaN or infinite.</summary>
    public bool IsFinite => Arrays.All(array => Array.TrueForAll(array.Values, float.IsFinite));

    /// <summary>A copy that shares no array with this one.</summary>
    public NetworkParameters Clone()
    {
        var copy = new NetworkParameters(Hidden);
        foreach ((NetworkArray from, NetworkArray to) in Arrays.Zip(copy.Arrays))
            from.Values.CopyTo(to.Values, 0);
        return copy;
    }
}
