using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MnistGpu.Core.Memory;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>Some of the images, in training order. Whoever creates it keeps the arrays pinned.</summary>
internal readonly unsafe struct Images(byte* pixels, byte* labels, int* order, int count)
{
    public int Count { get; } = count;

    /// <summary>The 784 bytes of an image.</summary>
    public byte* Pixels(int image) => pixels + (nint)order[image] * NetworkParameters.Inputs;

    public int Label(int image) => labels[order[image]];

    public Images Slice(int first, int count) => new(pixels, labels, order + first, count);
}

/// <summary>
/// The pixels of up to 64 images that go through W1 together, cut into chunks of 64 pixels, as many as a mask has bits. A
/// chunk has its bytes and two sets of 64 masks: one for each image, saying which of the chunk's pixels are lit, and, after
/// <see cref="Transpose(int)"/>, one for each pixel, saying which images light it.
/// </summary>
internal sealed unsafe class PixelChunks : IDisposable
{
    /// <summary>The maximum number of images: a mask's bits.</summary>
    public const int MaxImages = 64;

    /// <summary>Distance from one image's pixels to the next one's within a chunk.</summary>
    public const int ImageStride = 64;

    public const int Chunks = 13;

    private static readonly AlignedBuffer<float> s_intensity = new(256);

    private readonly AlignedBuffer<byte> _pixels = new(Chunks * MaxImages * ImageStride);

    /// <summary>One more than needed: <see cref="MaskedRowSum.Masks"/> are read one ahead.</summary>
    private readonly AlignedBuffer<ulong> _masks = new(Chunks * MaxImages + 1);
    private readonly AlignedBuffer<ulong> _imageMasks = new(Chunks * MaxImages);

    /// <summary>
    /// Where each chunk begins, and the last one ends. The first seven are the first half of the pixels, with 49 % of the lit
    /// pixels in MNIST. Each has an even number of pixels, since the update takes them in pairs, and those that are not full
    /// are placed so that 64 bytes can be read from their beginning.
    /// </summary>
    private static ReadOnlySpan<int> FirstPixels => [0, 64, 128, 192, 256, 320, 384, 404, 464, 528, 592, 656, 720, 784];

    static PixelChunks()
    {
        for (int b = 0; b < 256; b++)
            s_intensity.Pointer[b] = b / 255f;
    }

    /// <summary>byte / 255 for every byte.</summary>
    public static float* Intensity => s_intensity.Pointer;

    /// <summary>The first chunk of a half, 0 or 1; for 2, the one after the last.</summary>
    public static int FirstChunk(int half) => half == 0 ? 0 : half == 1 ? 7 : Chunks;

    public static int FirstPixel(int chunk) => FirstPixels[chunk];
    public static int PixelCount(int chunk) => FirstPixels[chunk + 1] - FirstPixels[chunk];

    /// <summary>64 images × 64 bytes; 0 beyond the chunk's pixels.</summary>
    public byte* Pixels(int chunk) => _pixels.Pointer + chunk * MaxImages * ImageStride;

    /// <summary>For each image, which of the chunk's pixels it lights.</summary>
    public ulong* Masks(int chunk) => _masks.Pointer + chunk * MaxImages;

    /// <summary>For each pixel of the chunk, which images light it.</summary>
    public ulong* ImageMasks(int chunk) => _imageMasks.Pointer + chunk * MaxImages;

    /// <summary>
    /// Copies a chunk of each image, computes its masks, and prefetches the same chunk of the next images: read in random
    /// order from main memory, they would otherwise take longer to arrive than to train on.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(int chunk, Images images, Images next)
    {
        int first = FirstPixel(chunk);
        if (Sse.IsSupported)
            for (int i = 0; i < next.Count; i++)
            {
                byte* source = next.Pixels(i) + first;
                Sse.Prefetch1(source);
                Sse.Prefetch1(source + 63);
            }
        byte* pixels = Pixels(chunk);
        ulong* masks = Masks(chunk);
        Vector256<byte> size = Vector256.Create((byte)PixelCount(chunk));
        Vector256<byte> keepLow = Vector256.LessThan(Vector256<byte>.Indices, size);
        Vector256<byte> keepHigh = Vector256.LessThan(Vector256<byte>.Indices + Vector256.Create((byte)32), size);
        for (int i = 0; i < images.Count; i++, pixels += ImageStride)
        {
            byte* source = images.Pixels(i) + first;
            Vector256<byte> low = Vector256.Load(source) & keepLow, high = Vector256.Load(source + 32) & keepHigh;
            low.Store(pixels);
            high.Store(pixels + 32);
            ulong dark = Vector256.Equals(low, default).ExtractMostSignificantBits();
            dark |= (ulong)Vector256.Equals(high, default).ExtractMostSignificantBits() << 32;
            masks[i] = ~dark;
        }
        new Span<ulong>(masks + images.Count, MaxImages - images.Count).Clear();
    }

    public void Dispose()
    {
        _pixels.Dispose();
        _masks.Dispose();
        _imageMasks.Dispose();
    }

    /// <summary>Computes a chunk's masks of images from its masks of pixels.</summary>
    public void Transpose(int chunk)
    {
        new Span<ulong>(Masks(chunk), MaxImages).CopyTo(new Span<ulong>(ImageMasks(chunk), MaxImages));
        Transpose(ImageMasks(chunk));
    }

    /// <summary>
    /// Transposes a 64×64 matrix of bits by swapping ever smaller squares, of 32, 16, 8, 4, 2 and 1 bits, four rows at
    /// a time. (H. S. Warren: Hacker's Delight, 2nd edition, section 7-3.)
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(ulong* rows)
    {
        for (int size = 32; size >= 4; size /= 2)
        {
            Vector256<ulong> mask = LowHalves(size);
            for (int square = 0; square < 64; square += 2 * size)
                for (ulong* row = rows + square; row < rows + square + size; row += 4)
                {
                    Vector256<ulong> upper = Vector256.Load(row), lower = Vector256.Load(row + size);
                    Vector256<ulong> swap = ((upper >> size) ^ lower) & mask;
                    (upper ^ (swap << size)).Store(row);
                    (lower ^ swap).Store(row + size);
                }
        }
        for (int i = 0; i < 64; i += 4)
        {
            Vector256<ulong> four = Vector256.Load(rows + i);
            four = SwapWithin(four, 2, Vector256.Create(2UL, 3, 0, 1), Vector256.Create(~0UL, ~0UL, 0, 0));
            four = SwapWithin(four, 1, Vector256.Create(1UL, 0, 3, 2), Vector256.Create(~0UL, 0, ~0UL, 0));
            four.Store(rows + i);
        }
    }

    /// <summary>Swaps squares within four rows. Only the upper row of a pair says what to swap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> SwapWithin(
        Vector256<ulong> rows, int size, Vector256<ulong> partners, Vector256<ulong> isUpper)
    {
        Vector256<ulong> swap = ((rows >> size) ^ Vector256.Shuffle(rows, partners)) & LowHalves(size) & isUpper;
        return rows ^ (swap << size) ^ Vector256.Shuffle(swap, partners);
    }

    /// <summary>The lower of every two neighbouring groups of this many bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> LowHalves(int size) => Vector256.Create(ulong.MaxValue / ((1UL << size) + 1));
}
