namespace MnistGpu.Kernels;

/// <summary>
/// What the kernels of a training step know of the data: constants, so that tiles can be sized by them.
/// </summary>
internal static class Mnist
{
    /// <summary>Pixels of an image, the inputs of the network.</summary>
    public const int Pixels = 784;

    /// <summary>Digits, the outputs of the network.</summary>
    public const int Digits = 10;

    /// <summary>Turns a pixel's byte into the network's input, 0 to 1.</summary>
    public const float PixelScale = 1f / 255f;
}
