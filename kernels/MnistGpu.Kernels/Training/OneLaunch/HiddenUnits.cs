using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>The first part of a step: h = σ(X·W1 + b1) of the group's four units.</summary>
internal static class HiddenUnits
{
    private const int MaxBatch = EpochInOneLaunch.MaxBatch;
    private const int Units = EpochInOneLaunch.UnitsPerGroup;

    /// <summary>
    /// Sixteen threads share an image and take turns at its lit pixels. Four of them then have a unit each: they keep its h and
    /// write it where all groups read it. The group's columns of W2ᵀ go there too.
    /// </summary>
    /// <param name="images">The training images.</param>
    /// <param name="image">The thread's image.</param>
    /// <param name="lit">The first of its lit pixels.</param>
    /// <param name="buffer">Which of the two buffers is written, 0 or 1.</param>
    /// <param name="exchange">Where all groups read.</param>
    /// <param name="shared">The group's memory.</param>
    public static void Compute(
        Images images, ThreadImage image, EightLitPixels lit, int buffer, EpochInOneLaunch.Exchange exchange,
        GroupMemory shared)
    {
        int i = Group.IdxX / EpochInOneLaunch.ThreadsPerImage;
        int unit = Group.IdxX & (EpochInOneLaunch.ThreadsPerImage - 1);
        int label = images.Labels[image.Index];

        int k = image.FirstLit;
        Float4 z = lit.Times(shared.W1, image.LitEnd - k);
        for (k += EightLitPixels.Span; k < image.LitEnd; k += EightLitPixels.Span)
            z += EightLitPixels.Load(images.Lit, k, image.LitEnd).Times(shared.W1, image.LitEnd - k);
        float sum = WarpSum.OfUnit(z);

        if (unit < Units)
        {
            float bias = shared.W2.Cast<float>()[Mnist.Outputs * Units + unit];
            float h = Sigmoid.Of(Mnist.PixelScale * sum + bias);
            shared.H[unit * MaxBatch + i] = h;
            exchange.H[buffer * exchange.Hidden + Units * Grid.IdxX + unit, i] = h;
        }
        if (unit == 0)
        {
            shared.Words[i] = image.Index * EpochInOneLaunch.WordsPerImage;
            shared.Labels[i] = label;
        }
        int row = Group.IdxX;
        if (row < Mnist.Outputs)
            Float4.Of(exchange.W2T)[(buffer * Mnist.Outputs + row) * (exchange.Hidden / 4) + Grid.IdxX] = shared.W2[row];
    }
}
