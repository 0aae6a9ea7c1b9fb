using MnistGpu.Core.Data;

namespace MnistGpu.Testing;

/// <summary>Images of noise for tests that care for arithmetic, not for digits.</summary>
public static class RandomImages
{
    /// <param name="count">Number of images.</param>
    /// <param name="density">Part of the pixels that are not 0; MNIST has 0.19.</param>
    /// <param name="seed">Seed of the noise.</param>
    public static ImageSet Draw(int count, double density = 0.19, int seed = 1)
    {
        var random = new Random(seed);
        var pixels = new byte[count * ImageSet.PixelsPerImage];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = random.NextDouble() < density ? (byte)random.Next(1, 256) : (byte)0;
        var labels = new byte[count];
        for (int i = 0; i < count; i++)
            labels[i] = (byte)random.Next(10);
        return new ImageSet(pixels, labels);
    }
}
