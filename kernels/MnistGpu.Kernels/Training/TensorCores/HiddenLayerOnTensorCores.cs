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
        var group = new ActivationGroup();
        int place = Grid.IdxX * TileOfPixels.Images + TileOfPixels.ImageOfThread;
        int brought = place < batch.Count ? batch[place] : -1;
        TileOfPixels next = TileOfPixels.Load(0, brought, images, network.W1);
        int tile = 0;
        for (int first = 0; first < Mnist.Inputs; first += TileOfPixels.Pixels)
        {
            next.Store(memory.SubView(tile / 16));
            next = TileOfPixels.Load(first + TileOfPixels.Pixels, brought, images, network.W1);
            Group.Barrier();
            group.Multiply(tile);
            tile = TileOfPixels.Bytes - tile;
        }

        ActivationTile.Join();
        Group.Barrier();
        group.StoreFront();
        Group.Barrier();
        Activate(0, batch.Count, network, h, memory);
        Group.Barrier();
        group.StoreBack();
        Group.Barrier();
        Activate(ActivationTile.StoredImages, batch.Count, network, h, memory);
    }

    /// <summary>The launch of <see cref="Kernel"/>.</summary>
    public static KernelConfig Launch(int images, int hidden) => new(
        new Index2D((images - 1) / TileOfPixels.Images + 1, (hidden - 1) / TileOfUnits.Units + 1),
        new Index2D(ActivationGroup.Size, 1));

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
        for (int row = Group.IdxX / Vectors; row < ActivationGroup.StoredImages; row += ActivationGroup.Size / Vectors)
        {
            int image = Grid.IdxX * TileOfPixels.Images + firstImage + ActivationGroup.ImageOf(row);
            if (image >= images)
                continue;
            Float4 z = Mnist.Scale(ActivationGroup.Sums(sums, row, Group.IdxX % Vectors)) + bias;
            Float4.Of(h)[image * vectorsPerRow + vector] = Sigmoid.Of(z);
        }
    }
}
