using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Kernels.Training.TensorCores;

namespace MnistGpu.Kernels.Ladder;

/// <summary>
/// Rung 6, for an A of whole numbers from 0 to 255, on CUDA devices of compute capability 8.0 and higher. The idea: tensor
/// cores, which make 2,048 multiply-adds in one instruction of a warp (see <see cref="Fragment"/>). They take bfloat16, which
/// holds a byte exactly; B is split into three parts (see <see cref="Bf16"/>), so nothing of it is lost either. The rung before
/// spent an instruction on every 32 multiply-adds.
/// </summary>
public static class ProductOnTensorCores
{
    private const int Rows = TileOfPixels.Images, Columns = TileOfUnits.Units, Depth = TileOfUnits.Rows;

    /// <summary>Vectors of four in a row of A's tile, and in one of B's and C's.</summary>
    private const int AVectors = Depth / 4, Vectors = Columns / 4;

    /// <summary>Rows that a group of one thread per vector loads or writes at a time.</summary>
    private const int ARows = Rung.GroupSize / AVectors, BRows = Rung.GroupSize / Vectors;

    /// <summary>C = A·B.</summary>
    /// <param name="a">M×K, whole numbers from 0 to 255.</param>
    /// <param name="b">K×N.</param>
    /// <param name="c">M×N; written.</param>
    public static void Kernel(Matrix a, Matrix b, Matrix c)
    {
        ArrayView<Float4> memory = SharedMemory.Allocate<Float4>(ActivationGroup.SumVectors);
        ActivationTile.Declare();
        var group = new ActivationGroup();
        for (int first = 0; first < a.IntExtent.Y; first += Depth)
        {
            StoreA(a, first, memory);
            int row = first + Group.IdxX / Vectors, column = Grid.IdxX * Columns + Group.IdxX % Vectors * 4;
            new TileOfUnits(Edges.ReadFour(b, row, column), Edges.ReadFour(b, row + BRows, column))
                .Store(memory, TileOfPixels.WeightStart);
            Group.Barrier();
            group.Multiply(0);
            Group.Barrier();
        }
        ActivationTile.Join();
        group.StoreFront();
        Group.Barrier();
        Write(0, c, memory);
        Group.Barrier();
        group.StoreBack();
        Group.Barrier();
        Write(ActivationTile.StoredImages, c, memory);
    }

    /// <summary>The launch: one group per 128×64 elements of C.</summary>
    public static KernelConfig Launch(int rows, int columns) =>
        new(new Index2D((columns - 1) / Columns + 1, (rows - 1) / Rows + 1), new Index2D(Rung.GroupSize, 1));

    /// <summary>Stores 128 rows of A as bfloat16, in the order that <see cref="TileOfPixels"/> shows.</summary>
    private static void StoreA(Matrix a, int first, ArrayView<Float4> tile)
    {
        int vector = Group.IdxX % AVectors;
        for (int row = Group.IdxX / AVectors; row < Rows; row += ARows)
            Bf16.StoreUpper(
                Edges.ReadFour(a, Grid.IdxY * Rows + row, first + 4 * vector), tile,
                row * AVectors + (vector / 2 ^ row / 2 & 3) * 2 + vector % 2);
    }

    /// <summary>Writes the sums of half of the rows.</summary>
    private static void Write(int firstRow, Matrix c, ArrayView<Float4> sums)
    {
        int vector = Group.IdxX % Vectors;
        for (int row = Group.IdxX / Vectors; row < ActivationGroup.StoredImages; row += BRows)
            Edges.WriteFour(
                c, Grid.IdxY * Rows + firstRow + ActivationGroup.ImageOf(row), Grid.IdxX * Columns + 4 * vector,
                ActivationGroup.Sums(sums, row, vector));
    }
}
