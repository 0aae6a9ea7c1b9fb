namespace MnistGpu.Kernels;

/// <summary>The parameters of the network, which kernels read and the update writes.</summary>
/// <param name="W1">784×H.</param>
/// <param name="B1">H.</param>
/// <param name="W2T">
/// 10×H: W2 transposed, so that the weights of neighbouring hidden units are neighbours in memory, as in every other array
/// over units.
/// </param>
/// <param name="B2">10.</param>
public readonly record struct Network(Matrix W1, Vector B1, Matrix W2T, Vector B2)
{
    /// <summary>
    /// H must be a multiple of this, because vector loads take this many units at a time. Padding units have a bias of −∞ and
    /// weights of 0, so their activations and gradients are exactly 0.
    /// </summary>
    public const int UnitMultiple = 4;

    /// <summary>Hidden units H.</summary>
    public int Hidden => B1.IntLength;
}

/// <summary>What the forward pass of a batch of B images leaves for the update, and for the epoch's loss and accuracy.</summary>
/// <param name="H">Hidden activations h, B×H.</param>
/// <param name="OutputDelta">δo, B×10.</param>
/// <param name="HiddenDelta">δh, B×H.</param>
/// <param name="Losses">The loss of each image of the epoch, in the epoch's order.</param>
/// <param name="Hits">One number: how many of the epoch's images were classified correctly.</param>
public readonly record struct Activations(
    Matrix H, Matrix OutputDelta, Matrix HiddenDelta, Vector Losses, ILGPU.ArrayView<int> Hits);
