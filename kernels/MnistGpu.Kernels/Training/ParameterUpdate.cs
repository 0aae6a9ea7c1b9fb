using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training;

/// <summary>
/// The third launch of a training step: it moves all parameters, by sums over the images of the batch.
/// <code>
///   W1 −= η·Xᵀ·δh    b1 −= η·Σδh         W2 −= η·hᵀ·δo    b2 −= η·Σδo
/// </code>
/// and momentum: <see cref="StepRates"/>. Each parameter belongs to one thread, which moves it once. There are no atomic
/// additions, so the weights are the same, bit for bit, in every run.
/// </summary>
public static class ParameterUpdate
{
    /// <summary>Threads of a warp, which run in lockstep on most GPUs: neighbouring units.</summary>
    private const int Lanes = 32;

    private const int UnitsPerGroup = 4 * Lanes;

    /// <summary>Rows of W1 that a warp updates together.</summary>
    private const int RowsPerWarp = 2;

    private const int Warps = 4;

    private const int GroupSize = Warps * Lanes;

    /// <summary>Pixels whose weights a group updates.</summary>
    private const int PixelsPerGroup = RowsPerWarp * Warps;

    private const int PixelGroups = Mnist.Inputs / PixelsPerGroup;

    /// <summary>Images whose pixels are in shared memory at a time.</summary>
    private const int TileImages = 64;

    /// <summary>
    /// Floats from one image of the tile to the next: one more than it has pixels, or the threads that compute masks would all
    /// read from the same banks.
    /// </summary>
    private const int TileStride = PixelsPerGroup + 1;

    private const int BitsPerWord = 32;
    private const int BytesPerWord = BitsPerWord / 8;

    /// <summary>One thread per parameter, which loops over the images of the batch.</summary>
    /// <param name="index">Counts through W1, b1, W2ᵀ and b2: see <see cref="NaiveLaunch"/>.</param>
    /// <param name="images">The training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="a">h and both deltas are read.</param>
    /// <param name="network">Updated.</param>
    /// <param name="rates">Learning rates η and momentum.</param>
    public static void Naive(Index1D index, Images images, Batch batch, Activations a, Network network, StepRates rates)
    {
        Network velocity = rates.Velocity;
        int hidden = network.Hidden;
        int row = index / hidden;
        int unit = index % hidden;
        float gradient = 0;
        if (row < Mnist.Inputs)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                int pixel = images.Pixels[batch[i] * Mnist.Inputs + row];
                if (pixel != 0)
                    gradient += pixel * Mnist.PixelScale * a.HiddenDelta[i, unit];
            }
            StepRates.Move(
                ref network.W1[row, unit], ref velocity.W1[row, unit], -rates.Hidden * gradient, rates.Momentum);
        }
        else if (row == Mnist.Inputs)
        {
            for (int i = 0; i < batch.Count; i++)
                gradient += a.HiddenDelta[i, unit];
            StepRates.Move(ref network.B1[unit], ref velocity.B1[unit], -rates.Hidden * gradient, rates.Momentum);
        }
        else if (row <= Mnist.Inputs + Mnist.Outputs)
        {
            int k = row - Mnist.Inputs - 1;
            for (int i = 0; i < batch.Count; i++)
                gradient += a.OutputDelta[i, k] * a.H[i, unit];
            StepRates.Move(
                ref network.W2T[k, unit], ref velocity.W2T[k, unit], -rates.Output * gradient, rates.Momentum);
        }
        else
        {
            int k = index - (Mnist.Inputs + 1 + Mnist.Outputs) * hidden;
            for (int i = 0; i < batch.Count; i++)
                gradient += a.OutputDelta[i, k];
            StepRates.Move(ref network.B2[k], ref velocity.B2[k], -rates.Output * gradient, rates.Momentum);
        }
    }

    /// <summary>The range of a launch of <see cref="Naive"/>: the number of parameters.</summary>
    public static Index1D NaiveLaunch(int hidden) => (Mnist.Inputs + 1 + Mnist.Outputs) * hidden + Mnist.Outputs;

    /// <summary>
    /// A group updates 128 columns: either of eight rows of W1, or of a row of W2ᵀ, or of b1. Which one depends only on the
    /// group, so all or none of its threads reach a barrier.
    /// </summary>
    /// <param name="images">The training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="a">h and both deltas are read.</param>
    /// <param name="network">Updated.</param>
    /// <param name="rates">Learning rates η and momentum.</param>
    public static void Tuned(Images images, Batch batch, Activations a, Network network, StepRates rates)
    {
        ArrayView<float> tile = SharedMemory.Allocate<float>(TileImages * TileStride);
        ArrayView<byte> masks = SharedMemory.Allocate<byte>(PixelsPerGroup * TileImages / 8);
        ArrayView<Float4> sums = SharedMemory.Allocate<Float4>(GroupSize);
        ArrayView<float> coefficientSums = SharedMemory.Allocate<float>(Warps);
        if (Grid.IdxX < PixelGroups)
            UpdateHiddenWeights(Grid.IdxX * PixelsPerGroup, images, batch, a, network, rates, tile, masks);
        else
            UpdateRow(Grid.IdxX - PixelGroups, batch.Count, a, network, rates, sums, coefficientSums);
    }

    /// <summary>The launch of <see cref="Tuned"/>: 98 groups for W1, 10 for W2, 1 for b1, times blocks of 128 units.</summary>
    public static KernelConfig Launch(int hidden) => new(
        new Index2D(PixelGroups + Mnist.Outputs + 1, (hidden - 1) / UnitsPerGroup + 1), new Index2D(GroupSize, 1));

    /// <summary>
    /// Eight rows of W1. The pixels of 64 images at a time are brought into shared memory, where they serve all units: being 784
    /// bytes apart, they are the expensive loads. Bit masks then say in which images a pixel is lit. A warp goes from bit to
    /// bit for two neighbouring pixels, which are mostly lit together, and adds x·δh to both rows of gradients: a lane reads
    /// δh of its four units once for the two. Without momentum, a row whose pixel is 0 in the whole batch is neither read nor
    /// written.
    /// </summary>
    private static void UpdateHiddenWeights(
        int firstPixel, Images images, Batch batch, Activations a, Network network, StepRates rates,
        ArrayView<float> tile, ArrayView<byte> masks)
    {
        int row = Group.IdxX / Lanes * RowsPerWarp;
        int vectorsPerRow = network.Hidden / 4;
        int vector = Grid.IdxY * Lanes + Group.IdxX % Lanes;
        // A lane beyond the last unit repeats the last one's work, which is cheaper than a test in the loop.
        int deltaVector = XMath.Min(vector, vectorsPerRow - 1);
        ArrayView<Float4> hiddenDelta = Float4.Of(a.HiddenDelta);
        Float4 gradient0 = default, gradient1 = default;
        uint lit0 = 0, lit1 = 0;
        for (int first = 0; first < batch.Count; first += TileImages)
        {
            LoadTile(firstPixel, first, images, batch, tile);
            Group.Barrier();
            MakeMasks(tile, masks);
            Group.Barrier();
            ArrayView<float> x0 = tile.SubView(row), x1 = tile.SubView(row + 1);
            ArrayView<Float4> deltas = hiddenDelta.SubView(first * vectorsPerRow + deltaVector);
            for (int word = 0; word < TileImages / BitsPerWord; word++)
            {
                uint mask0 = masks.Cast<uint>()[word * PixelsPerGroup + row];
                uint mask1 = masks.Cast<uint>()[word * PixelsPerGroup + row + 1];
                lit0 |= mask0;
                lit1 |= mask1;
                // From the highest bit, the first image, down, two at a time: a load takes as long as a dozen iterations.
                for (uint mask = mask0 | mask1; mask != 0;)
                {
                    int bit = IntrinsicMath.LeadingZeroCount(mask);
                    mask ^= 0x8000_0000 >> bit;
                    int i = word * BitsPerWord + bit;
                    Float4 delta = deltas[i * vectorsPerRow];
                    if (mask != 0)
                    {
                        int nextBit = IntrinsicMath.LeadingZeroCount(mask);
                        mask ^= 0x8000_0000 >> nextBit;
                        int next = word * BitsPerWord + nextBit;
                        Float4 nextDelta = deltas[next * vectorsPerRow];
                        gradient0 += x0[next * TileStride] * nextDelta;
                        gradient1 += x1[next * TileStride] * nextDelta;
                    }
                    gradient0 += x0[i * TileStride] * delta;
                    gradient1 += x1[i * TileStride] * delta;
                }
            }
            // No thread may load the next tile while another still reads this one.
            Group.Barrier();
        }
        if (vector >= vectorsPerRow)
            return;
        ArrayView<Float4> w1 = Float4.Of(network.W1), v1 = Float4.Of(rates.Velocity.W1);
        int weight = (firstPixel + row) * vectorsPerRow + vector;
        if (lit0 != 0 || rates.Momentum != 0)
            StepRates.Move(ref w1[weight], ref v1[weight], -rates.Hidden * gradient0, rates.Momentum);
        weight += vectorsPerRow;
        if (lit1 != 0 || rates.Momentum != 0)
            StepRates.Move(ref w1[weight], ref v1[weight], -rates.Hidden * gradient1, rates.Momentum);
    }

    /// <summary>Eight pixels of 64 images, 0 to 1; 0 for images beyond the batch.</summary>
    private static void LoadTile(int firstPixel, int firstImage, Images images, Batch batch, ArrayView<float> tile)
    {
        // Two threads per image, with four pixels each, which are one word.
        int i = Group.IdxX / 2;
        int pixel = Group.IdxX % 2 * 4;
        int word = firstImage + i < batch.Count
            ? images.Pixels.Cast<int>()[(batch[firstImage + i] * Mnist.Inputs + firstPixel + pixel) / 4]
            : 0;
        ArrayView<float> target = tile.SubView(i * TileStride + pixel);
        target[0] = (word & 0xFF) * Mnist.PixelScale;
        target[1] = (word >> 8 & 0xFF) * Mnist.PixelScale;
        target[2] = (word >> 16 & 0xFF) * Mnist.PixelScale;
        target[3] = (word >> 24 & 0xFF) * Mnist.PixelScale;
    }

    /// <summary>
    /// A word of bits for each pixel and 32 images, the first image in the highest bit: set where the pixel is lit. A thread
    /// computes eight bits.
    /// </summary>
    private static void MakeMasks(ArrayView<float> tile, ArrayView<byte> masks)
    {
        if (Group.IdxX >= PixelsPerGroup * TileImages / 8)
            return;
        int pixel = Group.IdxX % PixelsPerGroup;
        int part = Group.IdxX / PixelsPerGroup;
        int bits = 0;
        for (int i = 0; i < 8; i++)
            bits = bits << 1 | (tile[(8 * part + i) * TileStride + pixel] != 0 ? 1 : 0);
        // GPUs are little-endian: the highest byte of a word is its last.
        int word = part / BytesPerWord * PixelsPerGroup + pixel;
        masks[word * BytesPerWord + BytesPerWord - 1 - part % BytesPerWord] = (byte)bits;
    }

    /// <summary>
    /// Row k of W2ᵀ and b2[k]; or b1, as one more row: the sum of c·v over the images, where v is a row of h and c the image's
    /// δo[k], or for b1 v is a row of δh and c is 1. The four warps take turns at the images, and their sums meet in shared
    /// memory.
    /// </summary>
    private static void UpdateRow(
        int k, int images, Activations a, Network network, StepRates rates,
        ArrayView<Float4> sums, ArrayView<float> coefficientSums)
    {
        bool isBias = k == Mnist.Outputs;
        int lane = Group.IdxX % Lanes;
        int warp = Group.IdxX / Lanes;
        int vectorsPerRow = network.Hidden / 4;
        int vector = XMath.Min(Grid.IdxY * Lanes + lane, vectorsPerRow - 1);
        ArrayView<Float4> source = Float4.Of(isBias ? a.HiddenDelta : a.H);
        Float4 gradient = default;
        float coefficientSum = 0;
        for (int i = warp; i < images; i += Warps)
        {
            float coefficient = isBias ? 1 : a.OutputDelta[i, k];
            gradient += coefficient * source[i * vectorsPerRow + vector];
            coefficientSum += coefficient;
        }
        sums.AsAligned(16)[Group.IdxX] = gradient;
        if (lane == 0)
            coefficientSums[warp] = coefficientSum;
        Group.Barrier();

        int unit = Grid.IdxY * UnitsPerGroup + Group.IdxX;
        if (unit < network.Hidden)
        {
            float sum = 0;
            for (int s = 0; s < Warps; s++)
                sum += sums.Cast<float>()[s * UnitsPerGroup + Group.IdxX];
            if (isBias)
                StepRates.Move(
                    ref network.B1[unit], ref rates.Velocity.B1[unit], -rates.Hidden * sum, rates.Momentum);
            else
                StepRates.Move(
                    ref network.W2T[k, unit], ref rates.Velocity.W2T[k, unit], -rates.Output * sum,
                    rates.Momentum);
        }
        if (!isBias && Grid.IdxY == 0 && Group.IdxX == 0)
        {
            float sum = 0;
            for (int s = 0; s < Warps; s++)
                sum += coefficientSums[s];
            StepRates.Move(ref network.B2[k], ref rates.Velocity.B2[k], -rates.Output * sum, rates.Momentum);
        }
    }
}
