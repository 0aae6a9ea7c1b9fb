using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A thread's share of loading a tile: of 32 pixels, their values in the group's images, and the weights to its units. It
/// keeps them in registers, so that the loads of the next tile are in flight while this one is multiplied. In shared
/// memory they are bfloat16:
/// <code>
///   x          128 rows of 64 bytes, 32 pixels of an image: chunks of 8 pixels, chunk c of row i in place c ^ (i / 2 &amp; 3)
///   W1          32 rows in three parts: <see cref="TileOfUnits"/>
/// </code>
/// The permuted chunks are for <c>ldmatrix</c>: the eight rows that it reads at a time are in different banks.
/// </summary>
internal readonly struct TileOfPixels(UInt4 pixels, TileOfUnits weights)
{
    /// <summary>Pixels of a tile. 784 pixels are 24 and a half tiles; the rest of the last one is 0.</summary>
    public const int Pixels = TileOfUnits.Rows;

    /// <summary>Images of a tile.</summary>
    public const int Images = 128;

    /// <summary>Bytes from one image's pixels to the next one's.</summary>
    public const int ImageStride = 2 * Pixels;

    /// <summary>Where W1 begins, in bytes.</summary>
    public const int WeightStart = Images * ImageStride;

    /// <summary>Bytes of a tile.</summary>
    public const int Bytes = WeightStart + TileOfUnits.Bytes;

    private const int BytesPerChunk = 16;

    /// <summary>The threads that load an image's pixels, sixteen each.</summary>
    private const int PixelThreads = Pixels / 16;

    /// <summary>Loads the thread's share; what is beyond the batch, the pixels or the units is 0.</summary>
    /// <param name="first">The first pixel of the tile.</param>
    /// <param name="image">The index of the thread's image among the training images; −1 if the batch has none for it.</param>
    /// <param name="images">The training images.</param>
    /// <param name="w1">W1.</param>
    public static TileOfPixels Load(int first, int image, Images images, Matrix w1)
    {
        UInt4 pixels = default;
        int pixel = first + Group.IdxX % PixelThreads * 16;
        if (image >= 0 && pixel < Mnist.Inputs)
            pixels = images.Pixels.Cast<UInt4>().AsAligned(16)[image * (Mnist.Inputs / 16) + pixel / 16];
        return new TileOfPixels(pixels, TileOfUnits.Load(first, Mnist.Inputs, w1));
    }

    /// <summary>The thread's image in the group: two threads load one.</summary>
    public static int ImageOfThread => Group.IdxX / PixelThreads;

    /// <summary>Stores it as bfloat16.</summary>
    /// <param name="tile">Shared memory for the tile.</param>
    public void Store(ArrayView<Float4> tile)
    {
        int image = ImageOfThread, chunk = Group.IdxX % PixelThreads * 2, turn = image / 2 & 3;
        int chunks = image * (ImageStride / BytesPerChunk);
        Bf16.StorePixels(pixels, tile, chunks + (chunk ^ turn), chunks + (chunk + 1 ^ turn));
        weights.Store(tile, WeightStart);
    }
}
