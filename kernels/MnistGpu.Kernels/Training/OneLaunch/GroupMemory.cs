using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>A group's shared memory, 45 KB of the 48 that every GPU has.</summary>
/// <param name="Sums">
/// Parts of h·W2, 8×10×64; then what <see cref="PixelFragments"/> needs. It is allocated first, because PTX can name only that.
/// </param>
/// <param name="W1">Weights into its units, 784 vectors.</param>
/// <param name="W2">Their weights to the ten outputs, then b1.</param>
/// <param name="B2">Biases of the outputs, 10, which every group has.</param>
/// <param name="Words">Where the pixels of each image in the batch start, in words. Places beyond the batch repeat its last image.</param>
/// <param name="Labels">The digits of these images.</param>
/// <param name="H">h of the group's units, 4×64.</param>
/// <param name="HiddenDelta">δh of the group's units, one vector per image.</param>
/// <param name="Output">o, 10×64.</param>
/// <param name="OutputDelta">δo, 10×64.</param>
/// <param name="TileW2">W2ᵀ of 128 units of all groups, 10×32 vectors.</param>
/// <param name="HasFailed">Not 0 if a group gave up waiting for another.</param>
internal readonly record struct GroupMemory(
    ArrayView<float> Sums, ArrayView<Float4> W1, ArrayView<Float4> W2, ArrayView<float> B2, ArrayView<int> Words,
    ArrayView<int> Labels, ArrayView<float> H, ArrayView<Float4> HiddenDelta, ArrayView<float> Output,
    ArrayView<float> OutputDelta, ArrayView<Float4> TileW2, ArrayView<int> HasFailed)
{
    private const int MaxBatch = EpochInOneLaunch.MaxBatch;

    public static GroupMemory Allocate() => new(
        SharedMemory.Allocate<float>(OutputsAndDeltas.Slices * Mnist.Outputs * MaxBatch).AsAligned(16),
        SharedMemory.Allocate<Float4>(Mnist.Inputs).AsAligned(16),
        SharedMemory.Allocate<Float4>(Mnist.Outputs + 1).AsAligned(16),
        SharedMemory.Allocate<float>(Mnist.Outputs),
        SharedMemory.Allocate<int>(MaxBatch).AsAligned(16),
        SharedMemory.Allocate<int>(MaxBatch),
        SharedMemory.Allocate<float>(EpochInOneLaunch.UnitsPerGroup * MaxBatch),
        SharedMemory.Allocate<Float4>(MaxBatch).AsAligned(16),
        SharedMemory.Allocate<float>(Mnist.Outputs * MaxBatch),
        SharedMemory.Allocate<float>(Mnist.Outputs * MaxBatch),
        SharedMemory.Allocate<Float4>(Mnist.Outputs * OutputsAndDeltas.TileVectors).AsAligned(16),
        SharedMemory.Allocate<int>(1));

    /// <summary>Loads the group's columns from memory.</summary>
    public void Load(Network network)
    {
        int vectorsPerRow = network.Hidden / 4;
        int row = Group.IdxX;
        if (row < Mnist.Inputs)
            W1[row] = Float4.Of(network.W1)[row * vectorsPerRow + Grid.IdxX];
        if (row < Mnist.Outputs)
        {
            W2[row] = Float4.Of(network.W2T)[row * vectorsPerRow + Grid.IdxX];
            B2[row] = network.B2[row];
        }
        if (row == Mnist.Outputs)
            W2[row] = Float4.Of(network.B1)[Grid.IdxX];
    }

    /// <summary>Stores the group's columns; the first group stores b2, which all of them have.</summary>
    public void Store(Network network)
    {
        int vectorsPerRow = network.Hidden / 4;
        int row = Group.IdxX;
        if (row < Mnist.Inputs)
            Float4.Of(network.W1)[row * vectorsPerRow + Grid.IdxX] = W1[row];
        if (row < Mnist.Outputs)
        {
            Float4.Of(network.W2T)[row * vectorsPerRow + Grid.IdxX] = W2[row];
            if (Grid.IdxX == 0)
                network.B2[row] = B2[row];
        }
        if (row == Mnist.Outputs)
            Float4.Of(network.B1)[Grid.IdxX] = W2[row];
    }
}
