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

    /// <summary>
    /// What <see cref="PixelScale"/> lacks: it is as far from 1/255 as a float32 can be, almost half a unit of its last place.
    /// </summary>
    private const float PixelScaleRest = (float)(1 / 255.0 - PixelScale);

    /// <summary>
    /// A sum of bytes' products as one of pixels from 0 to 1: divided by 255, more exactly than <see cref="PixelScale"/> alone
    /// does it, for sums that are so exact themselves that it would be their largest error.
    /// </summary>
    internal static Float4 Scale(Float4 sum) => PixelScale * sum + PixelScaleRest * sum;
}
