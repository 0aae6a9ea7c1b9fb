using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Ladder;

/// <summary>
/// Rung 3. The idea: a group brings a 16×16 tile of A and one of B into shared memory, where each float serves 16 threads.
/// In the rung before, every thread fetched all of its row and column itself: each float of A and B was requested again by
/// every thread that needs it.
/// </summary>
public static class SharedTiles
{
    /// <summary>Rows and columns of a tile; a group has a thread for each element.</summary>
    private const int Tile = 16;

    /// <summary>C = A·B.</summary>
    /// <param name="a">M×K.</param>
    /// <param name="b">K×N.</param>
    /// <param name="c">M×N; written.</param>
    public static void Kernel(Matrix a, Matrix b, Matrix c)
    {
        ArrayView<float> aTile = SharedMemory.Allocate<float>(Tile * Tile);
        ArrayView<float> bTile = SharedMemory.Allocate<float>(Tile * Tile);
        int x = Group.IdxX;
        int y = Group.IdxY;
        int row = Grid.IdxY * Tile + y;
        int column = Grid.IdxX * Tile + x;
        float sum = 0;
        for (int first = 0; first < a.IntExtent.Y; first += Tile)
        {
            aTile[y * Tile + x] = Edges.Read(a, row, first + x);
            bTile[y * Tile + x] = Edges.Read(b, first + y, column);
            Group.Barrier();
            for (int k = 0; k < Tile; k++)
                sum += aTile[y * Tile + k] * bTile[k * Tile + x];
            // No thread may load the next tile while another still reads this one.
            Group.Barrier();
        }
        Edges.Write(c, row, column, sum);
    }

    /// <summary>The launch: one group per tile of C.</summary>
    public static KernelConfig Launch(int rows, int columns) =>
        new(new Index2D((columns - 1) / Tile + 1, (rows - 1) / Tile + 1), new Index2D(Tile, Tile));
}
