using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Ladder;

/// <summary>
/// Rung 4. The idea: a thread computes 4×4 elements of C, whose sums stay in registers. Four floats of A and four of B,
/// read from shared memory, then feed 16 multiply-adds. The rung before read two floats for each multiply-add, and shared
/// memory can deliver only one float to each lane of a warp per clock, in which four multiply-adds could start.
/// </summary>
public static class RegisterTiles
{
    /// <summary>Rows and columns of C that a group computes.</summary>
    private const int Tile = 64;

    /// <summary>Columns of A and rows of B in shared memory at a time.</summary>
    private const int Depth = 16;

    /// <summary>Threads along a side of the tile.</summary>
    private const int Side = Tile / 4;

    /// <summary>
    /// Floats from one row of B's tile to the next, 16 more than it has: a warp stores 16 floats of two rows at once, which
    /// would otherwise be in the same banks of shared memory.
    /// </summary>
    private const int BStride = Tile + 16;

    /// <summary>C = A·B.</summary>
    /// <param name="a">M×K.</param>
    /// <param name="b">K×N.</param>
    /// <param name="c">M×N; written.</param>
    public static void Kernel(Matrix a, Matrix b, Matrix c)
    {
        ArrayView<float> aTile = SharedMemory.Allocate<float>(Tile * Depth);
        ArrayView<float> bTile = SharedMemory.Allocate<float>(Depth * BStride);
        int x = Group.IdxX;
        int y = Group.IdxY;
        // Rows y, y + 16, … and columns x, x + 16, …: neighbouring threads still have neighbouring columns.
        int row = Grid.IdxY * Tile + y;
        int column = Grid.IdxX * Tile + x;
        Float4 c0 = default, c1 = default, c2 = default, c3 = default;
        for (int first = 0; first < a.IntExtent.Y; first += Depth)
        {
            for (int i = 0; i < Tile; i += Side)
            {
                aTile[(y + i) * Depth + x] = Edges.Read(a, row + i, first + x);
                bTile[y * BStride + x + i] = Edges.Read(b, first + y, column + i);
            }
            Group.Barrier();
            for (int k = 0; k < Depth; k++)
            {
                ArrayView<float> aColumn = aTile.SubView(y * Depth + k);
                ArrayView<float> bRow = bTile.SubView(k * BStride + x);
                var four = new Float4(bRow[0], bRow[Side], bRow[2 * Side], bRow[3 * Side]);
                c0 += aColumn[0] * four;
                c1 += aColumn[Side * Depth] * four;
                c2 += aColumn[2 * Side * Depth] * four;
                c3 += aColumn[3 * Side * Depth] * four;
            }
            Group.Barrier();
        }
        Write(c, row, column, c0);
        Write(c, row + Side, column, c1);
        Write(c, row + 2 * Side, column, c2);
        Write(c, row + 3 * Side, column, c3);
    }

    /// <summary>The launch: one group per 64×64 elements of C.</summary>
    public static KernelConfig Launch(int rows, int columns) =>
        new(new Index2D((columns - 1) / Tile + 1, (rows - 1) / Tile + 1), new Index2D(Side, Side));

    private static void Write(Matrix c, int row, int column, Float4 four)
    {
        Edges.Write(c, row, column, four.X);
        Edges.Write(c, row, column + Side, four.Y);
        Edges.Write(c, row, column + 2 * Side, four.Z);
        Edges.Write(c, row, column + 3 * Side, four.W);
    }
}
