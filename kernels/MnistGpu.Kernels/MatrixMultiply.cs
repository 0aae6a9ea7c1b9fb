using ILGPU;

namespace MnistGpu.Kernels;

/// <summary>
/// Matrix multiplication, C = A·B: C is rows×columns, A rows×depth, B depth×columns, C stored row after row. A and B
/// come with strides, the distance in floats from one row, column or step of the sum to the next, so the three products
/// of a dense layer with inputs X (B×N), weights W (N×M) and deltas δ (B×M) are one kernel:
/// <code>
///                       rows  depth  columns   aRow  aStep   bStep  bColumn
///   X·W   forward        B     N      M         N     1       M      1
///   Xᵀ·δ  gradient       N     B      M         1     N       M      1
///   δ·Wᵀ  backward       B     M      N         M     1       1      M
/// </code>
/// A training step does not call it: its launches do their products together with what comes before and after. It
/// stands here because every dense network is made of it, and to be measured.
/// </summary>
public static class MatrixMultiply
{
    /// <summary>Rows and columns of C that a group of the tuned kernel computes.</summary>
    private const int Tile = 32;

    /// <summary>Steps of the sum that a group keeps in shared memory at a time.</summary>
    private const int TileDepth = 16;

    /// <summary>
    /// Floats from one step of a tile to the next. One more than the tile is wide: without it, threads that store
    /// successive steps of one row would all hit the same bank of the shared memory and wait for each other.
    /// </summary>
    private const int TileStride = Tile + 1;

    /// <summary>A group's threads are 8×8, and each computes 4×4 elements of C that lie 8 apart.</summary>
    private const int ThreadsPerSide = 8;

    private const int GroupSize = ThreadsPerSide * ThreadsPerSide;

    /// <summary>
    /// One thread an element of C. Each step of the sum reads two floats for one multiply-add, and each float of A is
    /// read again by every column, each of B by every row: the memory is what this kernel waits for.
    /// </summary>
    /// <param name="index">The element of C, 0 to rows·columns − 1: the range of the launch.</param>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    /// <param name="c">C, rows×columns; written.</param>
    /// <param name="depth">Columns of A and rows of B.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="aRow">Floats from a row of A to the next.</param>
    /// <param name="aStep">Floats from a column of A to the next.</param>
    /// <param name="bStep">Floats from a row of B to the next.</param>
    /// <param name="bColumn">Floats from a column of B to the next.</param>
    public static void Naive(
        Index1D index, ArrayView<float> a, ArrayView<float> b, ArrayView<float> c,
        int depth, int columns, int aRow, int aStep, int bStep, int bColumn)
    {
        int row = index / columns;
        int column = index % columns;
        float sum = 0;
        for (int k = 0; k < depth; k++)
            sum += a[row * aRow + k * aStep] * b[k * bStep + column * bColumn];
        c[index] = sum;
    }

    /// <summary>
    /// A group computes 32×32 elements of C. It copies a 32×16 tile of A and a 16×32 tile of B to shared memory, so a
    /// float is fetched once for 32 uses; and each of its 64 threads keeps 4×4 sums in registers, so 8 floats from
    /// shared memory serve 16 multiply-adds, where one sum a thread would need 32. A tile of 64×64 would fetch less
    /// still, but a batch of 64 images and 100 hidden units is then only two groups, and a GPU has many
    /// multiprocessors.
    /// </summary>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    /// <param name="c">C, rows×columns; written.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A and rows of B.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="aRow">Floats from a row of A to the next.</param>
    /// <param name="aStep">Floats from a column of A to the next.</param>
    /// <param name="bStep">Floats from a row of B to the next.</param>
    /// <param name="bColumn">Floats from a column of B to the next.</param>
    public static void Tuned(
        ArrayView<float> a, ArrayView<float> b, ArrayView<float> c,
        int rows, int depth, int columns, int aRow, int aStep, int bStep, int bColumn)
    {
        ArrayView<float> aTile = SharedMemory.Allocate<float>(TileDepth * TileStride);
        ArrayView<float> bTile = SharedMemory.Allocate<float>(TileDepth * TileStride);
        int thread = Group.IdxX;
        int threadRow = thread / ThreadsPerSide;
        int threadColumn = thread % ThreadsPerSide;
        int firstRow = Grid.IdxX * Tile;
        int firstColumn = Grid.IdxY * Tile;

        float c00 = 0, c01 = 0, c02 = 0, c03 = 0;
        float c10 = 0, c11 = 0, c12 = 0, c13 = 0;
        float c20 = 0, c21 = 0, c22 = 0, c23 = 0;
        float c30 = 0, c31 = 0, c32 = 0, c33 = 0;
        for (int step = 0; step < depth; step += TileDepth)
        {
            LoadTile(a, aTile, thread, firstRow, rows, aRow, step, depth, aStep);
            LoadTile(b, bTile, thread, firstColumn, columns, bColumn, step, depth, bStep);
            Group.Barrier();
            for (int k = 0; k < TileDepth; k++)
            {
                int inA = k * TileStride + threadRow;
                int inB = k * TileStride + threadColumn;
                float a0 = aTile[inA];
                float a1 = aTile[inA + ThreadsPerSide];
                float a2 = aTile[inA + 2 * ThreadsPerSide];
                float a3 = aTile[inA + 3 * ThreadsPerSide];
                float b0 = bTile[inB];
                float b1 = bTile[inB + ThreadsPerSide];
                float b2 = bTile[inB + 2 * ThreadsPerSide];
                float b3 = bTile[inB + 3 * ThreadsPerSide];
                c00 += a0 * b0;
                c01 += a0 * b1;
                c02 += a0 * b2;
                c03 += a0 * b3;
                c10 += a1 * b0;
                c11 += a1 * b1;
                c12 += a1 * b2;
                c13 += a1 * b3;
                c20 += a2 * b0;
                c21 += a2 * b1;
                c22 += a2 * b2;
                c23 += a2 * b3;
                c30 += a3 * b0;
                c31 += a3 * b1;
                c32 += a3 * b2;
                c33 += a3 * b3;
            }
            // Nobody loads the next tile while somebody still reads this one.
            Group.Barrier();
        }

        int row = firstRow + threadRow;
        int column = firstColumn + threadColumn;
        StoreRow(c, row, rows, column, columns, c00, c01, c02, c03);
        StoreRow(c, row + ThreadsPerSide, rows, column, columns, c10, c11, c12, c13);
        StoreRow(c, row + 2 * ThreadsPerSide, rows, column, columns, c20, c21, c22, c23);
        StoreRow(c, row + 3 * ThreadsPerSide, rows, column, columns, c30, c31, c32, c33);
    }

    /// <summary>The launch of <see cref="Tuned"/>: a group a tile of C.</summary>
    /// <param name="rows">Rows of C.</param>
    /// <param name="columns">Columns of C.</param>
    public static KernelConfig TunedLaunch(int rows, int columns) =>
        new(new Index2D((rows + Tile - 1) / Tile, (columns + Tile - 1) / Tile), new Index2D(GroupSize, 1));

    /// <summary>
    /// Copies 32 rows (of A) or columns (of B) by 16 steps to shared memory, step after step; what lies outside of the
    /// matrix is 0 and adds nothing. Neighbouring threads read neighbouring floats, whichever way the matrix is stored:
    /// the hardware then fetches them together.
    /// </summary>
    private static void LoadTile(
        ArrayView<float> matrix, ArrayView<float> tile, int thread,
        int first, int count, int stride, int firstStep, int depth, int stepStride)
    {
        for (int element = thread; element < Tile * TileDepth; element += GroupSize)
        {
            int i = element % Tile;
            int k = element / Tile;
            if (stepStride == 1)
            {
                i = element / TileDepth;
                k = element % TileDepth;
            }
            float value = 0;
            if (first + i < count && firstStep + k < depth)
                value = matrix[(first + i) * stride + (firstStep + k) * stepStride];
            tile[k * TileStride + i] = value;
        }
    }

    private static void StoreRow(
        ArrayView<float> c, int row, int rows, int column, int columns, float c0, float c1, float c2, float c3)
    {
        if (row >= rows)
            return;
        int element = row * columns + column;
        if (column < columns)
            c[element] = c0;
        if (column + ThreadsPerSide < columns)
            c[element + ThreadsPerSide] = c1;
        if (column + 2 * ThreadsPerSide < columns)
            c[element + 2 * ThreadsPerSide] = c2;
        if (column + 3 * ThreadsPerSide < columns)
            c[element + 3 * ThreadsPerSide] = c3;
    }
}
