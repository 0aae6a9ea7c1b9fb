using ILGPU.Runtime;

namespace MnistGpu.Kernels.Ladder;

/// <summary>
/// Tiles reach beyond matrices whose sizes are not multiples of theirs. Reads there give 0, which adds nothing to a sum,
/// and writes there are dropped. So every thread can go through the same barriers.
/// </summary>
internal static class Edges
{
    public static float Read(Matrix matrix, int row, int column) =>
        row < matrix.IntExtent.X && column < matrix.IntExtent.Y ? matrix[row, column] : 0;

    public static void Write(Matrix matrix, int row, int column, float value)
    {
        if (row < matrix.IntExtent.X && column < matrix.IntExtent.Y)
            matrix[row, column] = value;
    }

    /// <summary>Four neighbours in a row, in one load if every row begins at a multiple of 16 bytes.</summary>
    /// <param name="matrix">Its memory begins at a multiple of 16 bytes.</param>
    /// <param name="row">From 0.</param>
    /// <param name="column">The first of the four, a multiple of 4.</param>
    public static Float4 ReadFour(Matrix matrix, int row, int column)
    {
        int columns = matrix.IntExtent.Y;
        if ((columns & 3) != 0)
            return new Float4(
                Read(matrix, row, column), Read(matrix, row, column + 1),
                Read(matrix, row, column + 2), Read(matrix, row, column + 3));
        return row < matrix.IntExtent.X && column < columns
            ? Float4.Of(matrix)[(row * columns + column) / 4]
            : default;
    }

    /// <summary>Four neighbours in a row, as <see cref="ReadFour"/> reads them.</summary>
    public static void WriteFour(Matrix matrix, int row, int column, Float4 four)
    {
        int columns = matrix.IntExtent.Y;
        if ((columns & 3) != 0)
        {
            Write(matrix, row, column, four.X);
            Write(matrix, row, column + 1, four.Y);
            Write(matrix, row, column + 2, four.Z);
            Write(matrix, row, column + 3, four.W);
        }
        else if (row < matrix.IntExtent.X && column < columns)
        {
            Float4.Of(matrix)[(row * columns + column) / 4] = four;
        }
    }
}
