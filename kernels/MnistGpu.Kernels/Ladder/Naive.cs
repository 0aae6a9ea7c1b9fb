using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Ladder;

/// <summary>
/// Rung 1. The idea: one thread per element of C, because the elements do not depend on each other. Neighbouring threads
/// have neighbouring rows, as one would write it without thinking about memory.
/// </summary>
public static class Naive
{
    private const int GroupRows = 32;
    private const int GroupColumns = 8;

    /// <summary>C = A·B.</summary>
    /// <param name="a">M×K.</param>
    /// <param name="b">K×N.</param>
    /// <param name="c">M×N; written.</param>
    public static void Kernel(Matrix a, Matrix b, Matrix c)
    {
        int row = Grid.IdxX * GroupRows + Group.IdxX;
        int column = Grid.IdxY * GroupColumns + Group.IdxY;
        if (row >= c.IntExtent.X || column >= c.IntExtent.Y)
            return;
        float sum = 0;
        for (int k = 0; k < a.IntExtent.Y; k++)
            sum += a[row, k] * b[k, column];
        c[row, column] = sum;
    }

    /// <summary>The launch: one group per 32×8 elements of C.</summary>
    public static KernelConfig Launch(int rows, int columns) => new(
        new Index2D((rows - 1) / GroupRows + 1, (columns - 1) / GroupColumns + 1), new Index2D(GroupRows, GroupColumns));
}
