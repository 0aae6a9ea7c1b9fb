using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// A word, four neighbouring pixels, of four images of the batch. Like <see cref="EightLitPixels"/>, they are requested
/// together, and before they are needed.
/// </summary>
/// <remarks>
/// The gradient by ordinary arithmetic: four neighbouring threads have the same four pixels, a word of every image, and each has
/// a quarter of the images. They exchange their sums, so that each ends up with the gradients of one pixel.
/// </remarks>
internal readonly record struct FourWords(int A, int B, int C, int D) : IHiddenGradient<FourWords>
{
    /// <summary>Threads that share a word and take turns at the images.</summary>
    public const int Stride = 4;

    /// <summary>Distance from the first of these images to the first of the next four.</summary>
    public const int Span = 4 * Stride;

    /// <summary>The first image whose pixels a thread looks at.</summary>
    public static int FirstImage => Group.IdxX & (Stride - 1);

    /// <inheritdoc/>
    public static void DeclareRegisters()
    {
    }

    /// <inheritdoc/>
    public static FourWords RequestBeforeOutputs(Images images, ArrayView<int> words) => Load(images, words, FirstImage);

    /// <inheritdoc/>
    public FourWords RequestBeforeDeltas(Images images, ArrayView<int> words) => this;

    /// <summary>The thread's word of the images i, i + 4, i + 8 and i + 12.</summary>
    public static FourWords Load(Images images, ArrayView<int> words, int i)
    {
        // The last threads have no word of their own, and repeat the last one.
        int word = IntrinsicMath.Min(Group.IdxX / Stride, EpochInOneLaunch.WordsPerImage - 1);
        ArrayView<int> pixels = images.Pixels.Cast<int>().SubView(word);
        return new FourWords(
            pixels[words[i]], pixels[words[i + Stride]], pixels[words[i + 2 * Stride]], pixels[words[i + 3 * Stride]]);
    }

    /// <inheritdoc/>
    public static void StoreDelta(float delta, int image, int unit, GroupMemory shared) =>
        shared.HiddenDelta.Cast<float>()[image * EpochInOneLaunch.UnitsPerGroup + unit] = delta;

    /// <inheritdoc/>
    public Float4 Change(Images images, int count, float rate, GroupMemory shared)
    {
        FourWords words = this;
        var gradient = new WordGradient();
        int last = (count - 1 & ~(Span - 1)) + FirstImage;
        for (int i = FirstImage; i < count; i += Span)
        {
            // The next words are loaded while these are multiplied; after the last ones, they are loaded again.
            var next = Load(images, shared.Words, IntrinsicMath.Min(i + Span, last));
            gradient.Add(words, shared.HiddenDelta.SubView(i));
            words = next;
        }
        return -rate * Mnist.PixelScale * gradient.OfThreadsPixel();
    }
}
