using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training;

/// <summary>
/// The first launch of a training step: h = σ(X·W1 + b1) for the images of a batch. 81 % of MNIST's pixels are 0 and add
/// nothing to any sum, so only the rows of W1 under lit pixels are read.
/// </summary>
public static class HiddenLayer
{
    /// <summary>Threads of a warp, which run in lockstep on most GPUs: neighbouring units of one image.</summary>
    private const int Lanes = 32;

    /// <summary>Parts into which the sum over an image's lit pixels is split, one per warp.</summary>
    private const int Slices = 8;

    /// <summary>Threads per group of <see cref="Tuned"/>; no kernel of a training step has more.</summary>
    public const int GroupSize = Lanes * Slices;

    private const int UnitsPerGroup = 4 * Lanes;

    /// <summary>One thread per hidden unit of an image.</summary>
    /// <param name="index">image·H + unit: the launch has B·H threads.</param>
    /// <param name="images">The training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="network">W1 and b1 are read.</param>
    /// <param name="h">Activations, B×H; written.</param>
    public static void Naive(Index1D index, Images images, Batch batch, Network network, Matrix h)
    {
        int i = index / network.Hidden;
        int unit = index % network.Hidden;
        int image = batch[i];
        float z = 0;
        for (int k = images.LitStarts[image]; k < images.LitStarts[image + 1]; k++)
        {
            LitPixel lit = images.Lit[k];
            z += lit.Value * network.W1[lit.Position, unit];
        }
        h[i, unit] = Sigmoid.Of(Mnist.PixelScale * z + network.B1[unit]);
    }

    /// <summary>
    /// A group computes 128 units of one image. Each lane of a warp has four neighbouring units, so a warp reads a row of W1
    /// in one request of 512 bytes. Its eight warps take turns at the lit pixels: a sum of 150 terms becomes eight sums of 19
    /// side by side, because a batch has too few outputs to fill a GPU, and a launch takes as long as its longest sum. The
    /// eight meet in shared memory and are added in a fixed order, so every run gives the same bits.
    /// </summary>
    /// <param name="images">The training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="network">W1 and b1 are read.</param>
    /// <param name="h">Activations, B×H; written.</param>
    public static void Tuned(Images images, Batch batch, Network network, Matrix h)
    {
        ArrayView<Float4> sums = SharedMemory.Allocate<Float4>(GroupSize).AsAligned(16);
        int lane = Group.IdxX % Lanes;
        int slice = Group.IdxX / Lanes;
        int i = Grid.IdxX;
        int image = batch[i];

        // A lane beyond the last unit repeats the last one's work, which is cheaper than a test in the loop.
        int vectorsPerRow = network.Hidden / 4;
        int vector = Grid.IdxY * Lanes + lane;
        ArrayView<Float4> w1 = Float4.Of(network.W1).SubView(XMath.Min(vector, vectorsPerRow - 1));
        Float4 z = default;
        int end = images.LitStarts[image + 1];
        int k = images.LitStarts[image] + slice;
        // Two at a time, so that the second load need not wait for the first addition.
        for (; k + Slices < end; k += 2 * Slices)
        {
            z += Product(images.Lit[k], w1, vectorsPerRow);
            z += Product(images.Lit[k + Slices], w1, vectorsPerRow);
        }
        if (k < end)
            z += Product(images.Lit[k], w1, vectorsPerRow);
        sums[Group.IdxX] = z;
        Group.Barrier();

        if (slice == 0 && vector < vectorsPerRow)
        {
            Float4 sum = default;
            for (int s = 0; s < Slices; s++)
                sum += sums[s * Lanes + lane];
            Float4.Of(h)[i * vectorsPerRow + vector] = Sigmoid.Of(Mnist.PixelScale * sum + Float4.Of(network.B1)[vector]);
        }
    }

    /// <summary>A lit pixel times its row of W1.</summary>
    private static Float4 Product(LitPixel lit, ArrayView<Float4> w1, int vectorsPerRow) =>
        (float)lit.Value * w1[lit.Position * vectorsPerRow];

    /// <summary>The launch of <see cref="Tuned"/>: one group per image and 128 hidden units.</summary>
    public static KernelConfig Launch(int images, int hidden) =>
        new(new Index2D(images, (hidden - 1) / UnitsPerGroup + 1), new Index2D(GroupSize, 1));
}
