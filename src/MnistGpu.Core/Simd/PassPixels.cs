using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>Some of the images, in the order in which they are trained on. Whoever makes it keeps the arrays pinned.</summary>
internal readonly unsafe struct Images(byte* pixels, byte* labels, int* order, int count)
{
    public int Count { get; } = count;

    /// <summary>The 784 bytes of an image.</summary>
    public byte* Pixels(int image) => pixels + (nint)order[image] * NetworkParameters.Inputs;

    public int Label(int image) => labels[order[image]];

    public Images Slice(int first, int count) => new(pixels, labels, order + first, count);
}

/// <summary>
/// The pixels of a pass: up to 64 images that go through W1 together. They are cut into chunks of 64 pixels, as many as a
/// mask has bits. A chunk has its bytes and 64 masks: while the hidden units are summed up, one for each image, which of the
/// chunk's pixels are lit; after <see cref="TransposeMasks"/>, one for each pixel, which images light it.
/// </summary>
internal sealed unsafe class PassPixels
{
    /// <summary>Images of a pass at most.</summary>
    public const int MaxImages = 64;

    /// <summary>From one image's pixels to the next image's, in a chunk.</summary>
    public const int ImageStride = 64;

    private const int Chunks = 13;

    private readonly AlignedBuffer<byte> _pixels = new(Chunks * MaxImages * ImageStride);

    /// <summary>One more than there are: <see cref="LitRows.Masks"/> are read one ahead.</summary>
    private readonly AlignedBuffer<ulong> _masks = new(Chunks * MaxImages + 1);

    /// <summary>
    /// Where each chunk begins, and the last one ends. The first seven are the first half of the pixels, which has 49 % of
    /// what is lit in MNIST. Each has an even number of pixels, as the update takes them in pairs; those that are not
    /// full are such that 64 bytes can be read from where they begin.
    /// </summary>
    private static ReadOnlySpan<int> FirstPixels => [0, 64, 128, 192, 256, 320, 384, 404, 464, 528, 592, 656, 720, 784];

    /// <summary>The first chunk of a half, 0 or 1; of 2, the one behind them all.</summary>
    public static int FirstChunk(int half) => half == 0 ? 0 : half == 1 ? 7 : Chunks;

    public static int FirstPixel(int chunk) => FirstPixels[chunk];

    public static int PixelCount(int chunk) => FirstPixels[chunk + 1] - FirstPixels[chunk];

    /// <summary>64 images × 64 bytes; 0 beyond the chunk's pixels.</summary>
    public byte* Pixels(int chunk) => _pixels.Pointer + chunk * MaxImages * ImageStride;

    public ulong* Masks(int chunk) => _masks.Pointer + chunk * MaxImages;

    /// <summary>
    /// Copies a chunk of each image, finds its masks, and asks for the same chunk of the images to come: drawn in random
    /// order from main memory, they would otherwise take longer to come than to be trained on.
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

    /// <summary>Turns a half's masks of pixels into masks of images.</summary>
    public void TransposeMasks(int half)
    {
        for (int chunk = FirstChunk(half); chunk < FirstChunk(half + 1); chunk++)
            Transpose(Masks(chunk));
    }

    /// <summary>
    /// Transposes a 64×64 matrix of bits by swapping ever smaller squares, of 32, 16, 8, 4, 2 and 1 bits, four rows at a
    /// time. (H. S. Warren: Hacker's Delight, 2nd edition, section 7-3.)
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(ulong* rows)
    {
        for (ulong* r = rows; r < rows + 16; r += 4)
            SwapSquares(r, 16, 32, 0x0000_0000_FFFF_FFFF, 16, 0x0000_FFFF_0000_FFFF);
        for (ulong* r = rows; r < rows + 64; r += 16)
            SwapSquares(r, 4, 8, 0x00FF_00FF_00FF_00FF, 4, 0x0F0F_0F0F_0F0F_0F0F);
        for (ulong* r = rows; r < rows + 64; r += 4)
        {
            Vector256<ulong> four = Vector256.Load(r);
            // Only the upper row of a pair says what to swap.
            Vector256<ulong> lower = Vector256.Shuffle(four, Vector256.Create(2UL, 3, 0, 1));
            Vector256<ulong> swap =
                ((four >> 2) ^ lower) & Vector256.Create(0x3333_3333_3333_3333UL, 0x3333_3333_3333_3333, 0, 0);
            four ^= (swap << 2) ^ Vector256.Shuffle(swap, Vector256.Create(2UL, 3, 0, 1));
            lower = Vector256.Shuffle(four, Vector256.Create(1UL, 0, 3, 2));
            swap = ((four >> 1) ^ lower) & Vector256.Create(0x5555_5555_5555_5555UL, 0, 0x5555_5555_5555_5555, 0);
            (four ^ (swap << 1) ^ Vector256.Shuffle(swap, Vector256.Create(1UL, 0, 3, 2))).Store(r);
        }
    }

    /// <summary>Two rounds on four times four rows: squares of one size, and then of half that size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwapSquares(ulong* rows, int stride, int size, ulong mask, int halfSize, ulong halfMask)
    {
        Vector256<ulong> a = Vector256.Load(rows), b = Vector256.Load(rows + stride);
        Vector256<ulong> c = Vector256.Load(rows + 2 * stride), d = Vector256.Load(rows + 3 * stride);
        Swap(ref a, ref c, size, mask);
        Swap(ref b, ref d, size, mask);
        Swap(ref a, ref b, halfSize, halfMask);
        Swap(ref c, ref d, halfSize, halfMask);
        a.Store(rows);
        b.Store(rows + stride);
        c.Store(rows + 2 * stride);
        d.Store(rows + 3 * stride);
    }

    /// <summary>Swaps the bits of the upper rows that are not in the mask with those of the lower rows that are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Swap(ref Vector256<ulong> upper, ref Vector256<ulong> lower, int size, ulong mask)
    {
        Vector256<ulong> swap = ((upper >> size) ^ lower) & Vector256.Create(mask);
        upper ^= swap << size;
        lower ^= swap;
    }
}
