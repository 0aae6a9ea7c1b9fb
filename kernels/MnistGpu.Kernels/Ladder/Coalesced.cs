using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Ladder;

/// <summary>
/// Rung 2. The idea: neighbouring threads have neighbouring columns, so the 32 threads of a warp read 32 neighbouring
/// floats of B: 128 bytes, which memory delivers in four sectors of 32. The rung before read 32 rows of A at once: a sector
/// of 32 bytes for each float of 4, of which seven eighths were wasted.
/// </summary>
public static class Coalesced
{
    private const int GroupRows = 8;
    private const int GroupColumns = 32;

    /// <summary>C = A·B.</summary>
    /// <param name="a">M×K.</param>
    /// <param name="b">K×N.</param>
    /// <param name="c">M×N; written.</param>
    public static void Kernel(Matrix a, Matrix b, Matrix c)
    {
        int row = Grid.IdxY * GroupRows + Group.IdxY;
        int column = Grid.IdxX * GroupColumns + Group.IdxX;
        if (row >= c.IntExtent.X || column >= c.IntExtent.Y)
            return;
        float sum = 0;
        for (int k = 0; k < a.IntExtent.Y; k++)
            sum += a[row, k] * b[k, column];
        c[row, column] = sum;
    }

    /// <summary>The launch: one group per 8×32 elements of C.</summary>
    public static KernelConfig Launch(int rows, int columns) => new(
        new Index2D((columns - 1) / GroupColumns + 1, (rows - 1) / GroupRows + 1), new Index2D(GroupColumns, GroupRows));
}
