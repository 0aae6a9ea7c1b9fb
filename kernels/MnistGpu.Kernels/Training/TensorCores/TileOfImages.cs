using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A thread's share of loading a tile: of 32 images, the pixels whose weights the group updates, and δh of its units. It
/// keeps them in registers, so that the loads of the next tile are in flight while this one is multiplied. In shared
/// memory they are bfloat16:
/// <code>
///   x         32 rows of 240 bytes, 112 pixels of an image: pixels 0…7, 16…23, … 96…103, then 8…15, 24…31, … 104…111
///   δh high   32 rows of 128 bytes, 64 units of an image: chunks of 8 units, chunk c of row i in place c ^ (i &amp; 7)
///   δh middle the same
///   δh low    the same
/// </code>
/// A thread stores sixteen pixels as two chunks of 8, next to the first and second chunks of its neighbours. The stride of
/// 240 bytes, 15 chunks, and the permuted chunks are for <c>ldmatrix</c>: the eight rows that it reads at a time are in
/// different banks.
/// </summary>
internal readonly struct TileOfImages(UInt4 pixels, Float4 delta0, Float4 delta1)
{
    /// <summary>Images of a tile.</summary>
    public const int Images = 32;

    /// <summary>Pixels of a tile: a seventh of an image.</summary>
    public const int Pixels = 112;

    /// <summary>Units of a tile.</summary>
    public const int Units = 64;

    /// <summary>Bytes from one image's pixels to the next one's.</summary>
    public const int PixelStride = 240;

    /// <summary>Where δh begins, in bytes.</summary>
    public const int DeltaStart = Images * PixelStride;

    /// <summary>Bytes from one image's row of δh to the next one's.</summary>
    public const int DeltaStride = 2 * Units;

    /// <summary>Bytes from one part of δh to the next.</summary>
    public const int PartBytes = Images * DeltaStride;

    /// <summary>Bytes of a tile.</summary>
    public const int Bytes = DeltaStart + 3 * PartBytes;

    private const int BytesPerChunk = 16;

    /// <summary>The threads that load an image's pixels, sixteen each.</summary>
    private const int PixelThreads = Pixels / 16;

    /// <summary>The threads that load a row of δh, four units each, and a second row half a tile further on.</summary>
    private const int Vectors = Units / 4;

    private const int HalfTile = Images / 2;

    /// <summary>Loads the thread's share; what is beyond the batch or the units is 0.</summary>
    /// <param name="first">The first image of the tile, in the batch.</param>
    /// <param name="images">The training images.</param>
    /// <param name="batch">Which of them.</param>
    /// <param name="hiddenDelta">δh.</param>
    public static TileOfImages Load(int first, Images images, Batch batch, Matrix hiddenDelta)
    {
        UInt4 pixels = default;
        int image = first + Group.IdxX / PixelThreads;
        if (Group.IdxX < Images * PixelThreads && image < batch.Count)
            pixels = images.Pixels.Cast<UInt4>().AsAligned(16)[
                batch[image] * (Mnist.Inputs / 16) + Grid.IdxX * PixelThreads + Group.IdxX % PixelThreads];

        Float4 delta0 = default, delta1 = default;
        int vectorsPerRow = hiddenDelta.IntExtent.Y / 4;
        int vector = Grid.IdxY * Vectors + Group.IdxX % Vectors;
        int row = first + Group.IdxX / Vectors;
        ArrayView<Float4> deltas = Float4.Of(hiddenDelta);
        if (vector < vectorsPerRow && row < batch.Count)
            delta0 = deltas[row * vectorsPerRow + vector];
        if (vector < vectorsPerRow && row + HalfTile < batch.Count)
            delta1 = deltas[(row + HalfTile) * vectorsPerRow + vector];
        return new TileOfImages(pixels, delta0, delta1);
    }

    /// <summary>Stores it as bfloat16.</summary>
    /// <param name="tile">Shared memory for the tile.</param>
    public void Store(ArrayView<Float4> tile)
    {
        if (Group.IdxX < Images * PixelThreads)
        {
            int place = Group.IdxX / PixelThreads * (PixelStride / BytesPerChunk) + Group.IdxX % PixelThreads;
            Bf16.StorePixels(pixels, tile, place, place + PixelThreads);
        }
        // Half a chunk.
        int row = Group.IdxX / Vectors, vector = Group.IdxX % Vectors;
        int half = DeltaStart / 8 + row * (DeltaStride / 8) + (vector / 2 ^ row & 7) * 2 + vector % 2;
        Bf16.StoreParts(delta0, tile, half, PartBytes / 8);
        Bf16.StoreParts(delta1, tile, half + HalfTile * (DeltaStride / 8), PartBytes / 8);
    }
}
