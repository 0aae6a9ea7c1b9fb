using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// The third launch of a training step, for large batches and networks, on NVIDIA GPUs of compute capability 8.0 and
/// higher. It computes what <see cref="ParameterUpdate"/> does, at least as exactly. That one skips the pixels that are 0;
/// this one multiplies them all, which on tensor cores takes less time than finding them: an instruction of a warp makes
/// 2,048 multiply-adds there, and 32 elsewhere. The gradient of a pixel that is dark in the whole batch is exactly 0.
/// </summary>
public static class ParameterUpdateOnTensorCores
{
    /// <summary>
    /// Warps per group: four along the units of a tile, 16 each, times two. The second four take the other half of each tile's
    /// images: with 112 pixels times 16 units, a loaded fragment serves twice as often as in a tile half as large.
    /// </summary>
    private const int Warps = 8;

    private const int WarpsPerSlice = Warps / 2;

    private const int GroupSize = Warps * Fragment.Lanes;

    private const int ImagesPerProduct = 16;

    private const int UnitsPerWarp = TileOfUnits.Units / WarpsPerSlice;

    private const int PixelGroups = Mnist.Inputs / TileOfImages.Pixels;

    /// <summary>Rows of eight pixels that are next to each other in a tile.</summary>
    private const int EightsPerHalf = TileOfImages.Pixels / 16;

    private const int FrontPixels = 16 * GradientTile.FrontStrips;

    /// <summary>The front strips' sums in a slice, in vectors.</summary>
    private const int SliceVectors = FrontPixels * Fragment.SumStride / 4;

    /// <summary>
    /// A group updates the weights of 112 pixels and 64 units; one more group for every 64 units does W2, b1 and b2. Which one
    /// depends only on the group, so all or none of its threads reach a barrier.
    /// </summary>
    /// <param name="images">The training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="a">h and both deltas are read.</param>
    /// <param name="network">Updated.</param>
    /// <param name="rates">Learning rates η and momentum.</param>
    public static void Kernel(Images images, Batch batch, Activations a, Network network, StepRates rates)
    {
        ArrayView<Float4> memory = SharedMemory.Allocate<Float4>(2 * TileOfImages.Bytes / 16);
        GradientTile.Declare();
        if (Grid.IdxX < PixelGroups)
            UpdateHiddenWeights(images, batch, a.HiddenDelta, network.W1, rates, memory);
        else
            OutputGradient.Update(batch.Count, a, network, rates, memory);
    }

    /// <summary>The launch of <see cref="Kernel"/>.</summary>
    public static KernelConfig Launch(int hidden) =>
        new(new Index2D(PixelGroups + 1, (hidden - 1) / TileOfUnits.Units + 1), new Index2D(GroupSize, 1));

    /// <summary>
    /// Two tiles take turns in shared memory: while one is multiplied, threads that are done store the next, and the loads of
    /// the one after that are in flight. So there is one barrier per tile.
    /// </summary>
    private static void UpdateHiddenWeights(
        Images images, Batch batch, Matrix hiddenDelta, Matrix w1, StepRates rates, ArrayView<Float4> memory)
    {
        int lane = Group.IdxX % Fragment.Lanes;
        int warp = Group.IdxX / Fragment.Lanes;
        int slice = warp / WarpsPerSlice;
        int unit = warp % WarpsPerSlice * UnitsPerWarp;
        // Lanes 0-7, 8-15, 16-23 and 24-31 each give the rows of a square of 8 images.
        // Of x: images 0-7 of pixels 0-7, then of 8-15, then images 8-15 of both: a0, a1, a2 and a3 of Xᵀ.
        int image = slice * ImagesPerProduct + lane / 16 * 8 + lane % 8;
        int x = image * TileOfImages.PixelStride + lane / 8 % 2 * 16;
        // Of δh: images 0-7 and 8-15 of units 0-7, then of 8-15: b0 and b1 of two blocks.
        image = slice * ImagesPerProduct + lane % 16;
        int delta = TileOfImages.DeltaStart + image * TileOfUnits.Stride + ((unit / 8 + lane / 16) ^ (image & 7)) * 16;

        GradientTile.Clear();
        TileOfImages next = TileOfImages.Load(0, images, batch, hiddenDelta);
        int tile = 0;
        for (int first = 0; first < batch.Count; first += TileOfImages.Images)
        {
            next.Store(memory.SubView(tile / 16));
            next = TileOfImages.Load(first + TileOfImages.Images, images, batch, hiddenDelta);
            Group.Barrier();
            GradientTile.Multiply16Images(tile + x, tile + delta);
            tile = TileOfImages.Bytes - tile;
        }

        GradientTile.Join();
        int sums = (slice * SliceVectors * 4 + lane / 4 * Fragment.SumStride + unit + lane % 4 * 2) * sizeof(float);
        Group.Barrier();
        GradientTile.StoreFront(sums);
        Group.Barrier();
        MoveWeights(0, FrontPixels, w1, rates, memory);
        Group.Barrier();
        GradientTile.StoreBack(sums);
        Group.Barrier();
        MoveWeights(FrontPixels, TileOfImages.Pixels, w1, rates, memory);
    }

    /// <summary>Adds the two slices' sums, which are in shared memory, and moves the weights of some rows of the tile.</summary>
    private static void MoveWeights(int firstRow, int endRow, Matrix w1, StepRates rates, ArrayView<Float4> sums)
    {
        const int Vectors = TileOfUnits.Units / 4;
        int vectorsPerRow = w1.IntExtent.Y / 4;
        int vector = Grid.IdxY * Vectors + Group.IdxX % Vectors;
        if (vector >= vectorsPerRow)
            return;
        for (int row = firstRow + Group.IdxX / Vectors; row < endRow; row += GroupSize / Vectors)
        {
            int sum = (row - firstRow) * (Fragment.SumStride / 4) + Group.IdxX % Vectors;
            Float4 gradient = sums[sum] + sums[sum + SliceVectors];
            // See TileOfImages for the order of the pixels.
            int eight = row / 8;
            int pixel = (eight < EightsPerHalf ? 2 * eight : 2 * (eight - EightsPerHalf) + 1) * 8 + row % 8;
            int weight = (Grid.IdxX * TileOfImages.Pixels + pixel) * vectorsPerRow + vector;
            StepRates.Move(
                ref Float4.Of(w1)[weight], ref Float4.Of(rates.Velocity.W1)[weight],
                -rates.Hidden * Mnist.Scale(gradient), rates.Momentum);
        }
    }
}
