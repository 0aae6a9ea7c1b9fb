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
    /// <summary>
    /// Neighbouring hidden units that a thread of a tuned kernel computes: it reads their weights as one or two
    /// vectors. H is a multiple of it, so no thread has fewer.
    /// </summary>
    public const int UnitsPerThread = 8;

    /// <summary>Threads that share the units of an image, at most; as many as run in lockstep on most GPUs.</summary>
    private const int MaxLanes = 32;

    /// <summary>
    /// Parts that the 784 terms of a sum are split into; as many as the units of a thread, so that a group has a thread
    /// for each of its units when the parts are added.
    /// </summary>
    private const int Slices = UnitsPerThread;

    private const int PixelsPerSlice = Mnist.Pixels / Slices;

    private const int MaxUnitsPerGroup = MaxLanes * UnitsPerThread;

    /// <summary>The most threads of a group of a tuned kernel, this one or another of the project.</summary>
    public const int MaxGroupSize = MaxLanes * Slices;

    /// <summary>
    /// Shared memory of a group of <see cref="Tuned"/>, in bytes. No kernel of the project needs more.
    /// </summary>
    public const int SharedBytes =
        Mnist.Pixels * (sizeof(float) + sizeof(int)) + Slices * (sizeof(int) + MaxUnitsPerGroup * sizeof(float));

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
    /// A group computes up to 256 units of one image. It fetches the image once, keeps it in shared memory as floats,
    /// and lists the pixels that are not 0. The list is split into 8 slices that are gone through side by side, so a
    /// sum of 784 terms is 8 sums of about 19: a batch alone has too few outputs to fill a GPU, and the time of a launch
    /// is that of its longest sum. A thread keeps 8 sums in registers, so a pixel of the list serves 8 multiply-adds.
    /// The slices' sums meet in shared memory and are added in a fixed order: the result is the same in every run.
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
    /// <param name="units">Hidden units H, a multiple of 8.</param>
    /// <param name="hidden">h, B×H; written.</param>
    public static void Tuned(
        ArrayView<byte> pixels, ArrayView<int> order, int start,
        ArrayView<float> w1, ArrayView<float> b1, int units, ArrayView<float> hidden)
    {
        ArrayView<float> input = SharedMemory.Allocate<float>(Mnist.Pixels);
        ArrayView<int> lit = SharedMemory.Allocate<int>(Mnist.Pixels);
        ArrayView<int> litEnd = SharedMemory.Allocate<int>(Slices);
        ArrayView<float> partial = SharedMemory.Allocate<float>(Slices * MaxUnitsPerGroup);
        int thread = Group.IdxX;
        int lanes = Group.DimX / Slices;
        int lane = thread % lanes;
        int slice = thread / lanes;
        int image = Grid.IdxX;
        int firstUnit = Grid.IdxY * lanes * UnitsPerThread;

        int firstPixel = order[start + image] * Mnist.Pixels;
        for (int p = thread; p < Mnist.Pixels; p += Group.DimX)
            input[p] = pixels[firstPixel + p] * Mnist.PixelScale;
        Group.Barrier();

        // One thread lists the slice's pixels, every eighth, in their order. Whether a pixel is lit cannot be foretold,
        // so each is written, and the next one over it where it is 0.
        if (lane == 0)
        {
            int end = slice * PixelsPerSlice;
            for (int p = slice; p < Mnist.Pixels; p += Slices)
            {
                lit[end] = p;
                end += input[p] != 0 ? 1 : 0;
            }
            litEnd[slice] = end;
        }
        Group.Barrier();

        // A thread beyond the last unit works on the last ones, for nothing: cheaper than a test in the loop.
        int unit = AtMost(firstUnit + lane * UnitsPerThread, units - UnitsPerThread);
        float z0 = 0, z1 = 0, z2 = 0, z3 = 0, z4 = 0, z5 = 0, z6 = 0, z7 = 0;
        for (int i = slice * PixelsPerSlice; i < litEnd[slice]; i++)
        {
            int p = lit[i];
            float x = input[p];
            int weight = p * units + unit;
            z0 += x * w1[weight];
            z1 += x * w1[weight + 1];
            z2 += x * w1[weight + 2];
            z3 += x * w1[weight + 3];
            z4 += x * w1[weight + 4];
            z5 += x * w1[weight + 5];
            z6 += x * w1[weight + 6];
            z7 += x * w1[weight + 7];
        }
        int sum = slice * MaxUnitsPerGroup + lane * UnitsPerThread;
        partial[sum] = z0;
        partial[sum + 1] = z1;
        partial[sum + 2] = z2;
        partial[sum + 3] = z3;
        partial[sum + 4] = z4;
        partial[sum + 5] = z5;
        partial[sum + 6] = z6;
        partial[sum + 7] = z7;
        Group.Barrier();

        int finished = firstUnit + thread;
        if (finished < units)
        {
            float z = b1[finished];
            for (int s = 0; s < Slices; s++)
                z += partial[s * MaxUnitsPerGroup + thread];
            hidden[image * units + finished] = Sigmoid.Of(z);
        }
    }

    /// <summary>The launch of <see cref="Tuned"/>: a group an image and at most 256 hidden units.</summary>
    /// <param name="images">Images of the batch.</param>
    /// <param name="units">Hidden units H, a multiple of 8.</param>
    public static KernelConfig TunedLaunch(int images, int units) =>
        new(new Index2D(images, UnitGroups(units)), new Index2D(Lanes(units) * Slices, 1));

    /// <summary>Groups that the units of an image are split into.</summary>
    internal static int UnitGroups(int units) => (units + MaxUnitsPerGroup - 1) / MaxUnitsPerGroup;

    /// <summary>Threads that share the units of an image in a group, 8 units each.</summary>
    internal static int Lanes(int units)
    {
        int unitsOfAllLanes = UnitsPerThread * UnitGroups(units);
        return (units + unitsOfAllLanes - 1) / unitsOfAllLanes;
    }

    private static int AtMost(int value, int limit) => value < limit ? value : limit;
}
