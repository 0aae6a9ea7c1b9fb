using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// A word, four neighbouring pixels, of four images of the batch. Like <see cref="EightLitPixels"/>, they are requested
/// together, and before they are needed.
/// </summary>
internal readonly record struct FourWords(int A, int B, int C, int D)
{
    /// <summary>Threads that share a word and take turns at the images.</summary>
    public const int Stride = 4;

    /// <summary>Distance from the first of these images to the first of the next four.</summary>
    public const int Span = 4 * Stride;

    /// <summary>The thread's word of the images i, i + 4, i + 8 and i + 12.</summary>
    public static FourWords Load(Images images, ArrayView<int> starts, int i)
    {
        // The last threads have no word of their own, and repeat the last one.
        int word = IntrinsicMath.Min(Group.IdxX / Stride, EpochInOneLaunch.WordsPerImage - 1);
        ArrayView<int> pixels = images.Pixels.Cast<int>().SubView(word);
        return new FourWords(
            pixels[starts[i]], pixels[starts[i + Stride]], pixels[starts[i + 2 * Stride]], pixels[starts[i + 3 * Stride]]);
    }
}
