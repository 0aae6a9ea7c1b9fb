namespace MnistGpu.Kernels;

/// <summary>The sizes that MNIST gives the network.</summary>
public static class Mnist
{
    /// <summary>Pixels of an image, 28×28: inputs of the network.</summary>
    public const int Inputs = 784;

    /// <summary>Digits 0 to 9: outputs of the network.</summary>
    public const int Outputs = 10;

    /// <summary>A pixel's byte times this is 0 to 1.</summary>
    public const float PixelScale = 1 / 255f;
}
