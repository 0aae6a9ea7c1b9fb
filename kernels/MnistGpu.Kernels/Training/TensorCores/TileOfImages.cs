using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A thread's share of loading a tile: of 32 images, the pixels whose weights the group updates, and δh of its units. It
/// keeps them in registers, so that the loads of the next tile are in flight while this one is multiplied. In shared
/// memory they are bfloat16:
/// <code>
///   x         32 rows of 240 bytes, 112 pixels of an image: pixels 0…7, 16…23, … 96…103, then 8…15, 24…31, … 104…111
///   δh        32 rows in three parts: <see cref="TileOfUnits"/>
/// </code>
/// A thread stores sixteen pixels as two chunks of 8, next to the first and second chunks of its neighbours. The stride of
/// 240 bytes, 15 chunks, is for <c>ldmatrix</c>: the eight rows that it reads at a time are in different banks.
/// </summary>
internal readonly struct TileOfImages(UInt4 pixels, TileOfUnits delta)
{
    /// <summary>Images of a tile.</summary>
    public const int Images = TileOfUnits.Rows;

    /// <summary>Pixels of a tile: a seventh of an image.</summary>
    public const int Pixels = 112;

    /// <summary>Bytes from one image's pixels to the next one's.</summary>
    public const int PixelStride = 240;

    /// <summary>Where δh begins, in bytes.</summary>
    public const int DeltaStart = Images * PixelStride;

    /// <summary>Bytes of a tile.</summary>
    public const int Bytes = DeltaStart + TileOfUnits.Bytes;

    private const int BytesPerChunk = 16;

    /// <summary>The threads that load an image's pixels, sixteen each.</summary>
    private const int PixelThreads = Pixels / 16;

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
        return new TileOfImages(pixels, TileOfUnits.Load(first, batch.Count, hiddenDelta));
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
        delta.Store(tile, DeltaStart);
    }
}
