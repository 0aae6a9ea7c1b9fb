using ILGPU;

namespace MnistGpu.Kernels.Augmentation;

/// <summary>
/// Lists the lit pixels of images that were drawn on the device, in the form of <see cref="Images"/>: first they are
/// counted, and once the host has added up where each list starts, written. One thread per image is fast enough for work
/// that is done once per epoch.
/// </summary>
public static class LitList
{
    /// <summary>Counts the lit pixels of an image.</summary>
    /// <param name="image">Which.</param>
    /// <param name="pixels">784 bytes per image.</param>
    /// <param name="counts">One per image; written.</param>
    public static void Count(Index1D image, ArrayView<byte> pixels, ArrayView<int> counts)
    {
        int count = 0;
        for (int p = 0; p < Mnist.Inputs; p++)
            count += pixels[image * Mnist.Inputs + p] != 0 ? 1 : 0;
        counts[image] = count;
    }

    /// <summary>Writes the list of an image.</summary>
    /// <param name="image">Which.</param>
    /// <param name="images">Pixels and starts are read, the lists written.</param>
    public static void Write(Index1D image, Images images)
    {
        int next = images.LitStarts[image];
        for (int p = 0; p < Mnist.Inputs; p++)
        {
            int pixel = images.Pixels[image * Mnist.Inputs + p];
            if (pixel != 0)
            {
                images.Lit[next] = new LitPixel(p, pixel);
                next++;
            }
        }
    }
}
