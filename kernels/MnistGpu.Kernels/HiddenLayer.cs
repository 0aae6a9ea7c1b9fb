using ILGPU;

namespace MnistGpu.Kernels;

/// <summary>
/// The first launch of a training step: h = σ(X·W1 + b1) for a batch. X (B×784) is never stored: image i of the batch
/// is image order[start + i] of the training images, and its bytes become floats (byte/255) where they are used. W1 is
/// 784×H, b1 is H, h is B×H, all row-major.
/// </summary>
/// <remarks>
/// MNIST's pixels are 81 % zeros, and a pixel that is 0 adds nothing to any sum. A GPU gains from skipping it when all
/// threads that run in lockstep skip it together, so in both versions neighbouring threads are neighbouring hidden
/// units of one image. They also read neighbouring weights then.
/// </remarks>
public static class HiddenLayer
{
    /// <summary>Threads that share the units of an image; as many as run in lockstep on most GPUs.</summary>
    private const int Lanes = 32;

    /// <summary>Parts that the 784 terms of a sum are split into.</summary>
    private const int Slices = 8;

    /// <summary>Hidden units that a group computes, 4 a thread.</summary>
    private const int UnitsPerGroup = 4 * Lanes;

    /// <summary>Threads of a group of <see cref="Tuned"/>. No kernel of the project has larger groups.</summary>
    public const int GroupSize = Lanes * Slices;

    /// <summary>
    /// Shared memory of a group of <see cref="Tuned"/>, in bytes. No kernel of the project needs more.
    /// </summary>
    public const int SharedBytes = (Mnist.Pixels + Slices * UnitsPerGroup) * sizeof(float);

    /// <summary>One thread a hidden unit of an image: it runs through the image's 784 pixels.</summary>
    /// <param name="index">image·H + unit: the range of the launch is B·H.</param>
    /// <param name="pixels">All training images, 784 bytes each.</param>
    /// <param name="order">The order of the images in the epoch.</param>
    /// <param name="start">Where in the order the batch begins.</param>
    /// <param name="w1">Weights, 784×H.</param>
    /// <param name="b1">Biases, H.</param>
    /// <param name="units">Hidden units H.</param>
    /// <param name="hidden">h, B×H; written.</param>
    public static void Naive(
        Index1D index, ArrayView<byte> pixels, ArrayView<int> order, int start,
        ArrayView<float> w1, ArrayView<float> b1, int units, ArrayView<float> hidden)
    {
        int unit = index % units;
        int firstPixel = order[start + index / units] * Mnist.Pixels;
        float z = b1[unit];
        for (int p = 0; p < Mnist.Pixels; p++)
        {
            int pixel = pixels[firstPixel + p];
            if (pixel != 0)
                z += pixel * Mnist.PixelScale * w1[p * units + unit];
        }
        hidden[index] = Sigmoid.Of(z);
    }

    /// <summary>
    /// A group computes 128 units of one image. It fetches the image once and keeps it in shared memory as floats. Its
    /// 8 slices of 32 threads take every eighth pixel each, so a sum of 784 terms is 8 sums of 98 that run side by
    /// side: a batch alone has too few outputs to fill a GPU, and the time of a launch is that of its longest sum. A
    /// thread keeps 4 sums in registers, so a pixel that is looked at serves 4 multiply-adds, and 4 loads are under way
    /// at once. The slices' sums meet in shared memory and are added in a fixed order: the result is the same in every
    /// run.
    /// </summary>
    /// <remarks>
    /// The usual tiled product was the alternative. It fetches W1 less often, but cannot skip zeros (some image of a
    /// tile always lights the pixel), does five times the multiply-adds for that and splits a batch of 64 into fewer
    /// groups.
    /// </remarks>
    /// <param name="pixels">All training images, 784 bytes each.</param>
    /// <param name="order">The order of the images in the epoch.</param>
    /// <param name="start">Where in the order the batch begins.</param>
    /// <param name="w1">Weights, 784×H.</param>
    /// <param name="b1">Biases, H.</param>
    /// <param name="units">Hidden units H.</param>
    /// <param name="hidden">h, B×H; written.</param>
    public static void Tuned(
        ArrayView<byte> pixels, ArrayView<int> order, int start,
        ArrayView<float> w1, ArrayView<float> b1, int units, ArrayView<float> hidden)
    {
        ArrayView<float> input = SharedMemory.Allocate<float>(Mnist.Pixels);
        ArrayView<float> partial = SharedMemory.Allocate<float>(Slices * UnitsPerGroup);
        int thread = Group.IdxX;
        int lane = thread % Lanes;
        int slice = thread / Lanes;
        int image = Grid.IdxX;
        int firstUnit = Grid.IdxY * UnitsPerGroup;

        int firstPixel = order[start + image] * Mnist.Pixels;
        for (int p = thread; p < Mnist.Pixels; p += GroupSize)
            input[p] = pixels[firstPixel + p] * Mnist.PixelScale;
        Group.Barrier();

        // A thread beyond the last unit works on the last one, for nothing: cheaper than a test in the loop.
        int unit0 = AtMost(firstUnit + lane, units - 1);
        int unit1 = AtMost(firstUnit + lane + Lanes, units - 1);
        int unit2 = AtMost(firstUnit + lane + 2 * Lanes, units - 1);
        int unit3 = AtMost(firstUnit + lane + 3 * Lanes, units - 1);
        float z0 = 0, z1 = 0, z2 = 0, z3 = 0;
        for (int p = slice; p < Mnist.Pixels; p += Slices)
        {
            float x = input[p];
            if (x != 0)
            {
                int row = p * units;
                z0 += x * w1[row + unit0];
                z1 += x * w1[row + unit1];
                z2 += x * w1[row + unit2];
                z3 += x * w1[row + unit3];
            }
        }
        int sum = slice * UnitsPerGroup + lane;
        partial[sum] = z0;
        partial[sum + Lanes] = z1;
        partial[sum + 2 * Lanes] = z2;
        partial[sum + 3 * Lanes] = z3;
        Group.Barrier();

        int unit = firstUnit + thread;
        if (thread < UnitsPerGroup && unit < units)
        {
            float z = b1[unit];
            for (int s = 0; s < Slices; s++)
                z += partial[s * UnitsPerGroup + thread];
            hidden[image * units + unit] = Sigmoid.Of(z);
        }
    }

    /// <summary>The launch of <see cref="Tuned"/>: a group an image and 128 hidden units.</summary>
    /// <param name="images">Images of the batch.</param>
    /// <param name="units">Hidden units H.</param>
    public static KernelConfig TunedLaunch(int images, int units) =>
        new(new Index2D(images, (units + UnitsPerGroup - 1) / UnitsPerGroup), new Index2D(GroupSize, 1));

    private static int AtMost(int value, int limit) => value < limit ? value : limit;
}
