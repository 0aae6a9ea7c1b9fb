using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A thread's share of loading a tile of floats: 32 rows of 64 units, of W1 or of δh. In shared memory they are bfloat16, in three
/// parts: the high ones, the middle ones and the low ones. A row of 64 units has 128 bytes, eight chunks of 8 units, and chunk
/// c of row i is in place c ^ (i &amp; 7), for <c>ldmatrix</c>: the eight rows that it reads at a time are then in different banks.
/// </summary>
internal readonly struct TileOfUnits(Float4 front, Float4 back)
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 32;

    /// <summary>Units of a row.</summary>
    public const int Units = 64;

    /// <summary>Bytes from one row to the next one.</summary>
    public const int Stride = 2 * Units;

    /// <summary>Bytes of a tile.</summary>
    public const int Bytes = 3 * PartBytes;

    /// <summary>Bytes from one part to the next.</summary>
    private const int PartBytes = Rows * Stride;

    /// <summary>The threads that load a row, four units each, and a second row half a tile further on.</summary>
    private const int Vectors = Units / 4;

    private const int HalfTile = Rows / 2;

    /// <summary>Loads the thread's share; what is beyond the rows or the units is 0.</summary>
    /// <param name="first">The first row of the tile.</param>
    /// <param name="rows">The rows there are.</param>
    /// <param name="matrix">Rows × units.</param>
    public static TileOfUnits Load(int first, int rows, Matrix matrix)
    {
        Float4 front = default, back = default;
        int vectorsPerRow = matrix.IntExtent.Y / 4;
        int vector = Grid.IdxY * Vectors + Group.IdxX % Vectors;
        int row = first + Group.IdxX / Vectors;
        ArrayView<Float4> values = Float4.Of(matrix);
        if (vector < vectorsPerRow && row < rows)
            front = values[row * vectorsPerRow + vector];
        if (vector < vectorsPerRow && row + HalfTile < rows)
            back = values[(row + HalfTile) * vectorsPerRow + vector];
        return new TileOfUnits(front, back);
    }

    /// <summary>Stores it as bfloat16.</summary>
    /// <param name="memory">Shared memory.</param>
    /// <param name="start">Where the tile begins, in bytes.</param>
    public void Store(ArrayView<Float4> memory, int start)
    {
        // Half a chunk.
        int row = Group.IdxX / Vectors, vector = Group.IdxX % Vectors;
        int half = start / 8 + row * (Stride / 8) + (vector / 2 ^ row & 7) * 2 + vector % 2;
        Bf16.StoreParts(front, memory, half, PartBytes / 8);
        Bf16.StoreParts(back, memory, half + HalfTile * (Stride / 8), PartBytes / 8);
    }
}
