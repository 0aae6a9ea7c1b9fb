namespace MnistGpu.Kernels;

/// <summary>The sizes that MNIST determines.</summary>
public static class Mnist
{
    /// <summary>Pixels per image, 28×28: inputs of the network.</summary>
    public const int Inputs = 784;

    /// <summary>Digits 0 to 9: outputs of the network.</summary>
    public const int Outputs = 10;

    /// <summary>A pixel's byte times this is from 0 to 1.</summary>
    public const float PixelScale = 1 / 255f;

    /// <summary>
    /// The error of <see cref="PixelScale"/>, which is almost as far from 1/255 as a float32 can be: half a unit in the last place.
    /// </summary>
    internal const float PixelScaleRest = (float)(1 / 255.0 - PixelScale);

    /// <summary>
    /// Divides a sum over bytes by 255, for pixels from 0 to 1, more exactly than <see cref="PixelScale"/> alone: for sums so
    /// exact that the scale would be their largest error.
    /// </summary>
    internal static Float4 Scale(Float4 sum) => PixelScale * sum + PixelScaleRest * sum;
}
