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
    /// <summary>Pixels that a group updates the weights of.</summary>
    private const int PixelsPerGroup = 8;

    /// <summary>Images whose pixels are in shared memory at a time.</summary>
    private const int TileImages = 64;

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
    /// A group updates the weights from 8 pixels to at most 256 units, 8 neighbouring weights a thread, whose gradients
    /// are in registers. The pixels of 64 images at a time are in shared memory: 784 apart in the device's memory, they
    /// are the expensive loads, and here each is fetched once for all units. For each pixel, the images where it is not
    /// 0 are listed, and only they are gone through. A row of weights whose pixel is 0 in the whole batch is neither
    /// read nor written. The few other parameters have groups of their own at the end of the grid, one thread a
    /// parameter.
    /// </summary>
    /// <param name="pixels">All training images, 784 bytes each.</param>
    /// <param name="order">The order of the images in the epoch.</param>
    /// <param name="start">Where in the order the batch begins.</param>
    /// <param name="images">Images of the batch B.</param>
    /// <param name="hidden">h, B×H.</param>
    /// <param name="hiddenDelta">δh, B×H.</param>
    /// <param name="outputDelta">δo, B×10.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="units">Hidden units H, a multiple of 8.</param>
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
        ArrayView<float> tile = SharedMemory.Allocate<float>(TileImages * PixelsPerGroup);
        ArrayView<int> lit = SharedMemory.Allocate<int>(PixelsPerGroup * TileImages);
        ArrayView<int> litEnd = SharedMemory.Allocate<int>(PixelsPerGroup);
        int thread = Group.IdxX;
        int lanes = Group.DimX / PixelsPerGroup;
        int lane = thread % lanes;
        int row = thread / lanes;
        int group = Grid.IdxX;
        int weightGroups = PixelGroups * HiddenLayer.UnitGroups(units);
        // The group of a thread decides, so its threads take one way together, and all or none reach the barriers.
        if (group >= weightGroups)
        {
            UpdateBiasOrOutputWeight(
                (group - weightGroups) * Group.DimX + thread,
                images, hidden, hiddenDelta, outputDelta, learningRate, units, b1, w2, b2);
            return;
        }

        int firstPixel = group % PixelGroups * PixelsPerGroup;
        int unit = (group / PixelGroups * lanes + lane) * HiddenLayer.UnitsPerThread;
        // A thread beyond the last unit works on the last ones, for nothing: cheaper than a test in the loop.
        int deltaUnit = AtMost(unit, units - HiddenLayer.UnitsPerThread);
        float g0 = 0, g1 = 0, g2 = 0, g3 = 0, g4 = 0, g5 = 0, g6 = 0, g7 = 0;
        bool isLit = false;
        for (int first = 0; first < images; first += TileImages)
        {
            // Neighbouring threads fetch neighbouring pixels of one image.
            int tileImages = AtMost(TileImages, images - first);
            for (int i = thread; i < tileImages * PixelsPerGroup; i += Group.DimX)
                tile[i] = Mnist.PixelScale
                    * pixels[order[start + first + i / PixelsPerGroup] * Mnist.Pixels + firstPixel + i % PixelsPerGroup];
            Group.Barrier();

            // One thread lists the images of a pixel, as in the hidden layer.
            if (lane == 0)
            {
                int end = row * TileImages;
                for (int i = 0; i < tileImages; i++)
                {
                    lit[end] = i;
                    end += tile[i * PixelsPerGroup + row] != 0 ? 1 : 0;
                }
                litEnd[row] = end;
            }
            Group.Barrier();

            for (int i = row * TileImages; i < litEnd[row]; i++)
            {
                isLit = true;
                float x = tile[lit[i] * PixelsPerGroup + row];
                int delta = (first + lit[i]) * units + deltaUnit;
                g0 += x * hiddenDelta[delta];
                g1 += x * hiddenDelta[delta + 1];
                g2 += x * hiddenDelta[delta + 2];
                g3 += x * hiddenDelta[delta + 3];
                g4 += x * hiddenDelta[delta + 4];
                g5 += x * hiddenDelta[delta + 5];
                g6 += x * hiddenDelta[delta + 6];
                g7 += x * hiddenDelta[delta + 7];
            }
            // Nobody loads the next tile while somebody still reads this one.
            Group.Barrier();
        }
        if (!isLit || unit >= units)
            return;

        int weight = (firstPixel + row) * units + unit;
        w1[weight] -= learningRate * g0;
        w1[weight + 1] -= learningRate * g1;
        w1[weight + 2] -= learningRate * g2;
        w1[weight + 3] -= learningRate * g3;
        w1[weight + 4] -= learningRate * g4;
        w1[weight + 5] -= learningRate * g5;
        w1[weight + 6] -= learningRate * g6;
        w1[weight + 7] -= learningRate * g7;
    }

    /// <summary>
    /// The launch of <see cref="Tuned"/>: a group 8 pixels and at most 256 units of W1, then groups for the other
    /// parameters.
    /// </summary>
    /// <param name="units">Hidden units H, a multiple of 8.</param>
    public static KernelConfig TunedLaunch(int units)
    {
        int threads = HiddenLayer.Lanes(units) * PixelsPerGroup;
        int otherGroups = (OtherParameters(units) + threads - 1) / threads;
        return new KernelConfig(
            new Index1D(PixelGroups * HiddenLayer.UnitGroups(units) + otherGroups), new Index1D(threads));
    }

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
