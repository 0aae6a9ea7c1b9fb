using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The pixels, cut in two halves and these in chunks of 64, as many as a mask has bits. What the halves cost depends on
/// the lit pixels: the first one has 49 % of MNIST's.
/// </summary>
internal static class PixelChunks
{
    /// <summary>Pixels of a chunk at most.</summary>
    public const int MaxPixels = 64;

    /// <summary>Chunks of both halves.</summary>
    public const int Count = 13;

    private const int ChunksOfFirstHalf = 7;

    /// <summary>Where the second half begins: an even number, as the update takes pixels in pairs.</summary>
    private const int Middle = 404;

    /// <summary>The first chunk of a half, 0 or 1; of 2, the chunk behind them all.</summary>
    public static int FirstOf(int half) => half == 0 ? 0 : half == 1 ? ChunksOfFirstHalf : Count;

    /// <summary>The first pixel of a chunk, or the one behind them all. The chunks next to the middle are not full.</summary>
    public static int FirstPixel(int chunk) => chunk < ChunksOfFirstHalf
        ? chunk * MaxPixels
        : Math.Max(Middle, NetworkParameters.Inputs - (Count - chunk) * MaxPixels);

    /// <summary>The pixels of a chunk.</summary>
    public static int PixelsOf(int chunk) => FirstPixel(chunk + 1) - FirstPixel(chunk);
}
