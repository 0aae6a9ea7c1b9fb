using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Ladder;

/// <summary>
/// Rung 5. The idea: a thread's four rows and four columns are neighbours, so that one instruction loads or stores four
/// floats. For that, the tile of A is transposed in shared memory. The rung before spent eight instructions on the loads for
/// 16 multiply-adds; this one spends two.
/// </summary>
public static class VectorLoads
{
    /// <summary>Rows and columns of C that a group computes.</summary>
    private const int Tile = 64;

    /// <summary>Columns of A and rows of B in shared memory at a time.</summary>
    private const int Depth = 16;

    /// <summary>Vectors of four, and threads, along a side of the tile.</summary>
    private const int Side = Tile / 4;

    /// <summary>
    /// Floats from one column of A's tile to the next, one vector more than it has: a warp stores 16 neighbouring rows of two
    /// columns that are 4 apart, and 4·68 floats further is the other half of the 32 banks.
    /// </summary>
    private const int AStride = Tile + 4;

    /// <summary>C = A·B.</summary>
    /// <param name="a">M×K; like the others, its memory begins at a multiple of 16 bytes, as every buffer's does.</param>
    /// <param name="b">K×N.</param>
    /// <param name="c">M×N; written.</param>
    public static void Kernel(Matrix a, Matrix b, Matrix c)
    {
        ArrayView<float> aTile = SharedMemory.Allocate<float>(Depth * AStride).AsAligned(16);
        ArrayView<Float4> bTile = SharedMemory.Allocate<Float4>(Depth * Side).AsAligned(16);
        int x = Group.IdxX;
        int y = Group.IdxY;
        int row = Grid.IdxY * Tile;
        int column = Grid.IdxX * Tile + 4 * x;
        // Two lanes load 32 bytes of a row, which is a sector.
        int aRow = (y & 7) * 8 + x / 2;
        int aColumn = y / 8 * 8 + (x & 1) * 4;
        ArrayView<float> aTarget = aTile.SubView(aColumn * AStride + aRow);
        ArrayView<Float4> aTile4 = Float4.Of(aTile);
        Float4 c0 = default, c1 = default, c2 = default, c3 = default;
        for (int first = 0; first < a.IntExtent.Y; first += Depth)
        {
            Float4 four = Edges.ReadFour(a, row + aRow, first + aColumn);
            aTarget[0] = four.X;
            aTarget[AStride] = four.Y;
            aTarget[2 * AStride] = four.Z;
            aTarget[3 * AStride] = four.W;
            bTile[y * Side + x] = Edges.ReadFour(b, first + y, column);
            Group.Barrier();
            for (int k = 0; k < Depth; k++)
            {
                Float4 rows = aTile4[k * (AStride / 4) + y];
                Float4 columns = bTile[k * Side + x];
                c0 += rows.X * columns;
                c1 += rows.Y * columns;
                c2 += rows.Z * columns;
                c3 += rows.W * columns;
            }
            Group.Barrier();
        }
        row += 4 * y;
        Edges.WriteFour(c, row, column, c0);
        Edges.WriteFour(c, row + 1, column, c1);
        Edges.WriteFour(c, row + 2, column, c2);
        Edges.WriteFour(c, row + 3, column, c3);
    }

    /// <summary>The launch: one group per 64×64 elements of C.</summary>
    public static KernelConfig Launch(int rows, int columns) =>
        new(new Index2D((columns - 1) / Tile + 1, (rows - 1) / Tile + 1), new Index2D(Side, Side));
}
