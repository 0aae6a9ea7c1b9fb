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
    /// <summary>Rows of C that a group of the tuned kernel computes: 4 a thread.</summary>
    private const int TileRows = RowsPerThread * ThreadsPerSide;

    /// <summary>Columns of C that a group of the tuned kernel computes: 8 a thread.</summary>
    private const int TileColumns = ColumnsPerThread * ThreadsPerSide;

    /// <summary>Steps of the sum that a group keeps in shared memory at a time.</summary>
    private const int TileDepth = 32;

    /// <summary>
    /// Floats from one step of the tile of A to the next. One more than the tile is wide: without it, threads that
    /// store successive steps of one row would all hit the same bank of the shared memory and wait for each other.
    /// </summary>
    private const int AStride = TileRows + 1;

    /// <summary>The same for the tile of B.</summary>
    private const int BStride = TileColumns + 1;

    private const int RowsPerThread = 4;
    private const int ColumnsPerThread = 8;
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
    /// A group computes 32×64 elements of C. It copies a 32×32 tile of A and a 32×64 tile of B to shared memory, so a
    /// float of A is fetched once for 64 uses and one of B for 32; and each of its 8×8 threads keeps 4×8 sums in
    /// registers, so 12 floats from shared memory serve 32 multiply-adds, where one sum a thread would need 64. A
    /// thread's columns are neighbours, which vectors of a CPU gain from. A tile of 64×64 would fetch less still, but
    /// half of it would be idle at a batch of 32 images, and a GPU has many multiprocessors to give tiles to.
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
        ArrayView<float> aTile = SharedMemory.Allocate<float>(TileDepth * AStride);
        ArrayView<float> bTile = SharedMemory.Allocate<float>(TileDepth * BStride);
        int thread = Group.IdxX;
        int threadRow = thread / ThreadsPerSide * RowsPerThread;
        int threadColumn = thread % ThreadsPerSide * ColumnsPerThread;
        int firstRow = Grid.IdxX * TileRows;
        int firstColumn = Grid.IdxY * TileColumns;

        float c00 = 0, c01 = 0, c02 = 0, c03 = 0, c04 = 0, c05 = 0, c06 = 0, c07 = 0;
        float c10 = 0, c11 = 0, c12 = 0, c13 = 0, c14 = 0, c15 = 0, c16 = 0, c17 = 0;
        float c20 = 0, c21 = 0, c22 = 0, c23 = 0, c24 = 0, c25 = 0, c26 = 0, c27 = 0;
        float c30 = 0, c31 = 0, c32 = 0, c33 = 0, c34 = 0, c35 = 0, c36 = 0, c37 = 0;
        for (int step = 0; step < depth; step += TileDepth)
        {
            LoadTile(a, aTile, TileRows, thread, firstRow, rows, aRow, step, depth, aStep);
            LoadTile(b, bTile, TileColumns, thread, firstColumn, columns, bColumn, step, depth, bStep);
            Group.Barrier();
            int inB = threadColumn;
            for (int inA = threadRow; inA < TileDepth * AStride; inA += AStride)
            {
                float a0 = aTile[inA];
                float a1 = aTile[inA + 1];
                float a2 = aTile[inA + 2];
                float a3 = aTile[inA + 3];
                float b0 = bTile[inB];
                float b1 = bTile[inB + 1];
                float b2 = bTile[inB + 2];
                float b3 = bTile[inB + 3];
                float b4 = bTile[inB + 4];
                float b5 = bTile[inB + 5];
                float b6 = bTile[inB + 6];
                float b7 = bTile[inB + 7];
                c00 += a0 * b0;
                c01 += a0 * b1;
                c02 += a0 * b2;
                c03 += a0 * b3;
                c04 += a0 * b4;
                c05 += a0 * b5;
                c06 += a0 * b6;
                c07 += a0 * b7;
                c10 += a1 * b0;
                c11 += a1 * b1;
                c12 += a1 * b2;
                c13 += a1 * b3;
                c14 += a1 * b4;
                c15 += a1 * b5;
                c16 += a1 * b6;
                c17 += a1 * b7;
                c20 += a2 * b0;
                c21 += a2 * b1;
                c22 += a2 * b2;
                c23 += a2 * b3;
                c24 += a2 * b4;
                c25 += a2 * b5;
                c26 += a2 * b6;
                c27 += a2 * b7;
                c30 += a3 * b0;
                c31 += a3 * b1;
                c32 += a3 * b2;
                c33 += a3 * b3;
                c34 += a3 * b4;
                c35 += a3 * b5;
                c36 += a3 * b6;
                c37 += a3 * b7;
                inB += BStride;
            }
            // Nobody loads the next tile while somebody still reads this one.
            Group.Barrier();
        }

        int row = firstRow + threadRow;
        int column = firstColumn + threadColumn;
        StoreRow(c, row, rows, column, columns, c00, c01, c02, c03, c04, c05, c06, c07);
        StoreRow(c, row + 1, rows, column, columns, c10, c11, c12, c13, c14, c15, c16, c17);
        StoreRow(c, row + 2, rows, column, columns, c20, c21, c22, c23, c24, c25, c26, c27);
        StoreRow(c, row + 3, rows, column, columns, c30, c31, c32, c33, c34, c35, c36, c37);
    }

    /// <summary>The launch of <see cref="Tuned"/>: a group a tile of C.</summary>
    /// <param name="rows">Rows of C.</param>
    /// <param name="columns">Columns of C.</param>
    public static KernelConfig TunedLaunch(int rows, int columns) => new(
        new Index2D((rows + TileRows - 1) / TileRows, (columns + TileColumns - 1) / TileColumns),
        new Index2D(GroupSize, 1));

    /// <summary>
    /// Copies some rows (of A) or columns (of B) by 32 steps to shared memory, step after step; what lies outside of
    /// the matrix is 0 and adds nothing. A thread copies four neighbouring floats at a time, and neighbouring threads
    /// the next ones, whichever way the matrix is stored: the hardware then fetches them together.
    /// </summary>
    private static void LoadTile(
        ArrayView<float> matrix, ArrayView<float> tile, int width, int thread,
        int first, int count, int stride, int firstStep, int depth, int stepStride)
    {
        for (int four = thread; four < width * TileDepth / 4; four += GroupSize)
        {
            int i, k, inside, toNext;
            if (stepStride == 1)
            {
                i = four / (TileDepth / 4);
                k = four % (TileDepth / 4) * 4;
                inside = first + i < count ? depth - firstStep - k : 0;
                toNext = width + 1;
            }
            else
            {
                i = four % (width / 4) * 4;
                k = four / (width / 4);
                inside = firstStep + k < depth ? count - first - i : 0;
                toNext = 1;
            }
            int from = (first + i) * stride + (firstStep + k) * stepStride;
            int to = k * (width + 1) + i;
            if (inside >= 4)
            {
                float x0 = matrix[from];
                float x1 = matrix[from + 1];
                float x2 = matrix[from + 2];
                float x3 = matrix[from + 3];
                tile[to] = x0;
                tile[to + toNext] = x1;
                tile[to + 2 * toNext] = x2;
                tile[to + 3 * toNext] = x3;
            }
            else
            {
                for (int j = 0; j < 4; j++)
                    tile[to + j * toNext] = j < inside ? matrix[from + j] : 0;
            }
        }
    }

    /// <summary>Stores 8 neighbouring elements of C, or as many as the row has there.</summary>
    private static void StoreRow(
        ArrayView<float> c, int row, int rows, int column, int columns,
        float c0, float c1, float c2, float c3, float c4, float c5, float c6, float c7)
    {
        if (row >= rows)
            return;
        int element = row * columns + column;
        if (column < columns)
            c[element] = c0;
        if (column + 1 < columns)
            c[element + 1] = c1;
        if (column + 2 < columns)
            c[element + 2] = c2;
        if (column + 3 < columns)
            c[element + 3] = c3;
        if (column + 4 < columns)
            c[element + 4] = c4;
        if (column + 5 < columns)
            c[element + 5] = c5;
        if (column + 6 < columns)
            c[element + 6] = c6;
        if (column + 7 < columns)
            c[element + 7] = c7;
    }
}
