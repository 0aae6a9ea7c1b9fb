using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// The first launch of a training step, for large batches and networks, on NVIDIA GPUs of compute capability 8.0 and
/// higher. It computes what <see cref="HiddenLayer"/> does, at least as exactly, but multiplies the dark pixels too: see
/// <see cref="ParameterUpdateOnTensorCores"/>.
/// </summary>
public static class HiddenLayerOnTensorCores
{
    /// <summary>
    /// Warps per group: two along the images of a tile times two along its units, times two. The second four take the other
    /// half of each tile's pixels: with 64 images times 32 units, a loaded fragment serves twice as often as in a tile half
    /// as large.
    /// </summary>
    private const int Warps = 8;

    private const int WarpsPerSlice = Warps / 2;

    private const int GroupSize = Warps * Fragment.Lanes;

    private const int PixelsPerProduct = 16;

    private const int ImagesPerWarp = TileOfPixels.Images / 2;

    private const int UnitsPerWarp = TileOfUnits.Units / 2;

    /// <summary>Images whose sums are in shared memory at a time: those that the warps store at once.</summary>
    private const int StoredImages = 2 * ActivationTile.StoredImages;

    /// <summary>Their sums in a slice, in vectors.</summary>
    private const int SliceVectors = StoredImages * Fragment.SumStride / 4;

    /// <summary>
    /// A group computes 64 units of 128 images. Two tiles take turns in shared memory, as in
    /// <see cref="ParameterUpdateOnTensorCores"/>: while one is multiplied, the next is stored and the one after that is in
    /// flight.
    /// </summary>
    /// <param name="images">The training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="network">W1 and b1 are read.</param>
    /// <param name="h">Activations, B×H; written.</param>
    public static void Kernel(Images images, Batch batch, Network network, Matrix h)
    {
        ArrayView<Float4> memory = SharedMemory.Allocate<Float4>(2 * TileOfPixels.Bytes / 16);
        ActivationTile.Declare();
        int lane = Group.IdxX % Fragment.Lanes;
        int warp = Group.IdxX / Fragment.Lanes;
        int slice = warp / WarpsPerSlice;
        int image = warp / 2 % 2 * ImagesPerWarp;
        int unit = warp % 2 * UnitsPerWarp;
        // Lanes 0-7, 8-15, 16-23 and 24-31 each give the rows of one 8×8 square.
        // Of x: images 0-7 and 8-15 of pixels 0-7, then of 8-15: a0, a1, a2 and a3.
        int row = image + lane % 16;
        int x = row * TileOfPixels.ImageStride + ((2 * slice + lane / 16) ^ (row / 2 & 3)) * 16;
        // Of W1: pixels 0-7 and 8-15 of units 0-7, then of 8-15: b0 and b1 of two blocks.
        row = slice * PixelsPerProduct + lane % 16;
        int weights = TileOfPixels.WeightStart + row * TileOfUnits.Stride + ((unit / 8 + lane / 16) ^ (row & 7)) * 16;
        // Two blocks further on is two chunks further on, before chunks change places.
        int nextWeights = weights ^ 2 * 16;

        int place = Grid.IdxX * TileOfPixels.Images + TileOfPixels.ImageOfThread;
        int brought = place < batch.Count ? batch[place] : -1;
        ActivationTile.Clear();
        TileOfPixels next = TileOfPixels.Load(0, brought, images, network.W1);
        int tile = 0;
        for (int first = 0; first < Mnist.Inputs; first += TileOfPixels.Pixels)
        {
            next.Store(memory.SubView(tile / 16));
            next = TileOfPixels.Load(first + TileOfPixels.Pixels, brought, images, network.W1);
            Group.Barrier();
            ActivationTile.Multiply16Pixels(tile + x, tile + weights, tile + nextWeights);
            tile = TileOfPixels.Bytes - tile;
        }

        ActivationTile.Join();
        int storedRow = image / ImagesPerWarp * ActivationTile.StoredImages + lane / 4;
        int sums = (slice * SliceVectors * 4 + storedRow * Fragment.SumStride + unit + lane % 4 * 2) * sizeof(float);
        Group.Barrier();
        ActivationTile.StoreFront(sums);
        Group.Barrier();
        Activate(0, batch.Count, network, h, memory);
        Group.Barrier();
        ActivationTile.StoreBack(sums);
        Group.Barrier();
        Activate(ActivationTile.StoredImages, batch.Count, network, h, memory);
    }

    /// <summary>The launch of <see cref="Kernel"/>.</summary>
    public static KernelConfig Launch(int images, int hidden) => new(
        new Index2D((images - 1) / TileOfPixels.Images + 1, (hidden - 1) / TileOfUnits.Units + 1),
        new Index2D(GroupSize, 1));

    /// <summary>Adds the two slices' sums, which are in shared memory, and stores h of half of the images.</summary>
    /// <param name="firstImage">The first image of each warp whose sums they are.</param>
    /// <param name="images">Images B in the batch.</param>
    /// <param name="network">b1 is read.</param>
    /// <param name="h">Written.</param>
    /// <param name="sums">The sums of both slices.</param>
    private static void Activate(int firstImage, int images, Network network, Matrix h, ArrayView<Float4> sums)
    {
        const int Vectors = TileOfUnits.Units / 4;
        int vectorsPerRow = network.Hidden / 4;
        int vector = Grid.IdxY * Vectors + Group.IdxX % Vectors;
        if (vector >= vectorsPerRow)
            return;
        Float4 bias = Float4.Of(network.B1)[vector];
        for (int row = Group.IdxX / Vectors; row < StoredImages; row += GroupSize / Vectors)
        {
            int image = Grid.IdxX * TileOfPixels.Images + row / ActivationTile.StoredImages * ImagesPerWarp
                + firstImage + row % ActivationTile.StoredImages;
            if (image >= images)
                continue;
            int sum = row * (Fragment.SumStride / 4) + Group.IdxX % Vectors;
            Float4 z = Mnist.Scale(sums[sum] + sums[sum + SliceVectors]) + bias;
            Float4.Of(h)[image * vectorsPerRow + vector] = Sigmoid.Of(z);
        }
    }
}
