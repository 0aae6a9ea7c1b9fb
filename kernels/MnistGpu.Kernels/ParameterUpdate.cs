using ILGPU;

namespace MnistGpu.Kernels;

/// <summary>
/// The third launch of a training step: gradient descent on all parameters, with sums over the images of the batch.
/// <code>
///   W1 −= η·Xᵀ·δh    b1 −= η·Σδh         W2 −= η·hᵀ·δo    b2 −= η·Σδo
/// </code>
/// X is gathered as in <see cref="HiddenLayer"/>; h and δh are B×H, δo is B×10, W1 is 784×H, W2 is H×10. Each parameter
/// belongs to one thread, which adds the images in their order and subtracts once. No atomic additions: the weights
/// come out the same, bit for bit, in every run.
/// </summary>
public static class ParameterUpdate
{
    /// <summary>Threads that share the units of a pixel; as many as run in lockstep on most GPUs.</summary>
    private const int Lanes = 32;

    /// <summary>Pixels that a group updates the weights of.</summary>
    private const int PixelsPerGroup = 8;

    /// <summary>Hidden units that a group updates the weights of, 4 a thread.</summary>
    private const int UnitsPerGroup = 4 * Lanes;

    private const int GroupSize = Lanes * PixelsPerGroup;

    /// <summary>Images whose pixels are in shared memory at a time: one pixel a thread.</summary>
    private const int TileImages = GroupSize / PixelsPerGroup;

    /// <summary>
    /// Floats from a pixel's images to the next pixel's; one more than there are, against bank conflicts.
    /// </summary>
    private const int TileStride = TileImages + 1;

    private const int PixelGroups = Mnist.Pixels / PixelsPerGroup;

    /// <summary>One thread a parameter: it runs through the images of the batch.</summary>
    /// <param name="index">W1, b1, W2 and b2 one after the other: see <see cref="NaiveLaunch"/>.</param>
    /// <param name="pixels">All training images, 784 bytes each.</param>
    /// <param name="order">The order of the images in the epoch.</param>
    /// <param name="start">Where in the order the batch begins.</param>
    /// <param name="images">Images of the batch B.</param>
    /// <param name="hidden">h, B×H.</param>
    /// <param name="hiddenDelta">δh, B×H.</param>
    /// <param name="outputDelta">δo, B×10.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="units">Hidden units H.</param>
    /// <param name="w1">Weights, 784×H; updated.</param>
    /// <param name="b1">Biases, H; updated.</param>
    /// <param name="w2">Weights, H×10; updated.</param>
    /// <param name="b2">Biases, 10; updated.</param>
    public static void Naive(
        Index1D index, ArrayView<byte> pixels, ArrayView<int> order, int start, int images,
        ArrayView<float> hidden, ArrayView<float> hiddenDelta, ArrayView<float> outputDelta,
        float learningRate, int units,
        ArrayView<float> w1, ArrayView<float> b1, ArrayView<float> w2, ArrayView<float> b2)
    {
        if (index >= Mnist.Pixels * units)
        {
            UpdateBiasOrOutputWeight(
                index - Mnist.Pixels * units,
                images, hidden, hiddenDelta, outputDelta, learningRate, units, b1, w2, b2);
            return;
        }
        int pixel = index / units;
        int unit = index % units;
        float gradient = 0;
        for (int i = 0; i < images; i++)
        {
            int x = pixels[order[start + i] * Mnist.Pixels + pixel];
            if (x != 0)
                gradient += x * Mnist.PixelScale * hiddenDelta[i * units + unit];
        }
        w1[index] -= learningRate * gradient;
    }

    /// <summary>The range of a launch of <see cref="Naive"/>: the number of parameters.</summary>
    /// <param name="units">Hidden units H.</param>
    public static Index1D NaiveLaunch(int units) => Mnist.Pixels * units + OtherParameters(units);

    /// <summary>
    /// A group updates the weights from 8 pixels to 128 units: 32 threads a pixel, 4 weights a thread in registers. The
    /// pixels of 32 images at a time are in shared memory: 784 apart in the device's memory, they are the expensive
    /// loads, and here each is fetched once for all units. A pixel that is 0 in an image is skipped by the 32 threads
    /// together, and a row of weights whose pixel is 0 in the whole batch is neither read nor written. The few other
    /// parameters have groups of their own at the end of the grid, one thread a parameter.
    /// </summary>
    /// <param name="pixels">All training images, 784 bytes each.</param>
    /// <param name="order">The order of the images in the epoch.</param>
    /// <param name="start">Where in the order the batch begins.</param>
    /// <param name="images">Images of the batch B.</param>
    /// <param name="hidden">h, B×H.</param>
    /// <param name="hiddenDelta">δh, B×H.</param>
    /// <param name="outputDelta">δo, B×10.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="units">Hidden units H.</param>
    /// <param name="w1">Weights, 784×H; updated.</param>
    /// <param name="b1">Biases, H; updated.</param>
    /// <param name="w2">Weights, H×10; updated.</param>
    /// <param name="b2">Biases, 10; updated.</param>
    public static void Tuned(
        ArrayView<byte> pixels, ArrayView<int> order, int start, int images,
        ArrayView<float> hidden, ArrayView<float> hiddenDelta, ArrayView<float> outputDelta,
        float learningRate, int units,
        ArrayView<float> w1, ArrayView<float> b1, ArrayView<float> w2, ArrayView<float> b2)
    {
        ArrayView<float> tile = SharedMemory.Allocate<float>(PixelsPerGroup * TileStride);
        int thread = Group.IdxX;
        int group = Grid.IdxX;
        int weightGroups = PixelGroups * UnitGroups(units);
        // The group of a thread decides, so its threads take one way together, and all or none reach the barriers.
        if (group >= weightGroups)
        {
            UpdateBiasOrOutputWeight(
                (group - weightGroups) * GroupSize + thread,
                images, hidden, hiddenDelta, outputDelta, learningRate, units, b1, w2, b2);
            return;
        }

        int firstPixel = group % PixelGroups * PixelsPerGroup;
        int row = thread / Lanes;
        int unit0 = group / PixelGroups * UnitsPerGroup + thread % Lanes;
        int unit1 = unit0 + Lanes;
        int unit2 = unit1 + Lanes;
        int unit3 = unit2 + Lanes;
        // A thread beyond the last unit works on the last one, for nothing: cheaper than a test in the loop.
        int delta0 = AtMost(unit0, units - 1);
        int delta1 = AtMost(unit1, units - 1);
        int delta2 = AtMost(unit2, units - 1);
        int delta3 = AtMost(unit3, units - 1);
        float gradient0 = 0, gradient1 = 0, gradient2 = 0, gradient3 = 0;
        bool lit = false;
        for (int first = 0; first < images; first += TileImages)
        {
            // Neighbouring threads fetch neighbouring pixels of one image.
            int image = first + thread / PixelsPerGroup;
            float value = 0;
            if (image < images)
                value = pixels[order[start + image] * Mnist.Pixels + firstPixel + thread % PixelsPerGroup]
                    * Mnist.PixelScale;
            tile[thread % PixelsPerGroup * TileStride + thread / PixelsPerGroup] = value;
            Group.Barrier();
            for (int i = 0; i < TileImages; i++)
            {
                float x = tile[row * TileStride + i];
                if (x != 0)
                {
                    lit = true;
                    int deltas = (first + i) * units;
                    gradient0 += x * hiddenDelta[deltas + delta0];
                    gradient1 += x * hiddenDelta[deltas + delta1];
                    gradient2 += x * hiddenDelta[deltas + delta2];
                    gradient3 += x * hiddenDelta[deltas + delta3];
                }
            }
            // Nobody loads the next tile while somebody still reads this one.
            Group.Barrier();
        }
        if (!lit)
            return;

        int weights = (firstPixel + row) * units;
        if (unit0 < units)
            w1[weights + unit0] -= learningRate * gradient0;
        if (unit1 < units)
            w1[weights + unit1] -= learningRate * gradient1;
        if (unit2 < units)
            w1[weights + unit2] -= learningRate * gradient2;
        if (unit3 < units)
            w1[weights + unit3] -= learningRate * gradient3;
    }

    /// <summary>
    /// The launch of <see cref="Tuned"/>: a group 8 pixels and 128 units of W1, then a group 256 of the other
    /// parameters.
    /// </summary>
    /// <param name="units">Hidden units H.</param>
    public static KernelConfig TunedLaunch(int units)
    {
        int otherGroups = (OtherParameters(units) + GroupSize - 1) / GroupSize;
        return new KernelConfig(new Index1D(PixelGroups * UnitGroups(units) + otherGroups), new Index1D(GroupSize));
    }

    private static int UnitGroups(int units) => (units + UnitsPerGroup - 1) / UnitsPerGroup;

    /// <summary>Parameters that are not in W1: b1, W2 and b2.</summary>
    private static int OtherParameters(int units) => units + units * Mnist.Digits + Mnist.Digits;

    /// <summary>Updates one parameter of b1 (index 0 to H − 1), W2 (the next H·10) or b2 (the next 10).</summary>
    private static void UpdateBiasOrOutputWeight(
        int index, int images,
        ArrayView<float> hidden, ArrayView<float> hiddenDelta, ArrayView<float> outputDelta,
        float learningRate, int units,
        ArrayView<float> b1, ArrayView<float> w2, ArrayView<float> b2)
    {
        float gradient = 0;
        if (index < units)
        {
            for (int i = 0; i < images; i++)
                gradient += hiddenDelta[i * units + index];
            b1[index] -= learningRate * gradient;
            return;
        }
        int weight = index - units;
        int digit = weight % Mnist.Digits;
        int unit = weight / Mnist.Digits;
        if (unit < units)
        {
            for (int i = 0; i < images; i++)
                gradient += hidden[i * units + unit] * outputDelta[i * Mnist.Digits + digit];
            w2[weight] -= learningRate * gradient;
        }
        else if (unit == units)
        {
            for (int i = 0; i < images; i++)
                gradient += outputDelta[i * Mnist.Digits + digit];
            b2[digit] -= learningRate * gradient;
        }
    }

    private static int AtMost(int value, int limit) => value < limit ? value : limit;
}
