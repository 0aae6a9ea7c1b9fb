using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MnistGpu.Engines.Simd;

/// <summary>
/// The lit pixels of up to 64 images, chunk by chunk of 64 pixels: as a mask of pixels for each image (forward) and as
/// a mask of images for each pixel (update), with the bytes where the masks' bits are set. Each thread has its own.
/// </summary>
internal sealed unsafe class BatchPixels
{
    /// <summary>Images in a batch at most, and bits in a mask.</summary>
    public const int MaxImages = 64;

    private const int Chunks = SparseImages.Chunks;
    private const int ChunkPixels = SparseImages.ChunkPixels;

    /// <summary>
    /// From chunk to chunk there is a cache line more than a chunk has: 4,096 bytes apart, the places that one image
    /// goes to would all compete for the same few lines of the L1 cache.
    /// </summary>
    private const int Stride = 64 + 8;

    private readonly AlignedBuffer<byte> _pixels = new(Chunks * Stride * ChunkPixels);
    private readonly AlignedBuffer<nint> _values = new(Chunks * Stride);
    private readonly AlignedBuffer<ulong> _litPixels = new(Chunks * Stride);
    private readonly AlignedBuffer<ulong> _litImages = new(Chunks * Stride);

    /// <summary>For each image, which pixels of the chunk are not 0.</summary>
    public ulong* LitPixels(int chunk) => _litPixels.Pointer + chunk * Stride;

    /// <summary>For each image, where the bytes of these pixels lie, one after another.</summary>
    public byte** Values(int chunk) => (byte**)(_values.Pointer + chunk * Stride);

    /// <summary>images × 64 bytes of a chunk: room to spread the bytes out. What is not lit is never read.</summary>
    public byte* Pixels(int chunk) => _pixels.Pointer + chunk * Stride * ChunkPixels;

    /// <summary>For each pixel of the chunk, in which images it is not 0; after <see cref="Transpose"/>.</summary>
    public ulong* LitImages(int chunk) => _litImages.Pointer + chunk * Stride;

    /// <summary>Finds an image's masks and bytes.</summary>
    /// <param name="image">From <see cref="SparseImages.Image"/>.</param>
    /// <param name="i">The image's place in the batch.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Gather(byte* image, int i)
    {
        var masks = (ulong*)image;
        byte* value = image + Chunks * sizeof(ulong);
        ulong* litPixels = _litPixels.Pointer + i;
        nint* values = _values.Pointer + i;
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            ulong lit = masks[chunk];
            litPixels[chunk * Stride] = lit;
            values[chunk * Stride] = (nint)value;
            value += BitOperations.PopCount(lit);
        }
    }

    /// <summary>Asks for memory that is needed in the next step: from beyond the caches it takes long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Prefetch(byte* start, byte* end)
    {
        if (Sse.IsSupported)
            for (byte* line = start; line < end; line += 64)
                Sse.Prefetch1(line);
    }

    /// <summary>
    /// Turns the masks of a chunk from one for each image into one for each pixel: a 64×64 matrix of bits is
    /// transposed by swapping ever smaller squares, 32 pairs of rows at a time.
    /// (H. S. Warren: Hacker's Delight, 2nd edition, section 7-3.)
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Transpose(int chunk, int images)
    {
        ulong* rows = LitImages(chunk);
        ulong* lit = LitPixels(chunk);
        for (int i = 0; i < MaxImages; i++)
            rows[i] = i < images ? lit[i] : 0;
        ulong mask = 0x0000_0000_FFFF_FFFF;
        int size = MaxImages / 2;
        for (; size >= Vector256<ulong>.Count; size >>= 1, mask ^= mask << size)
            for (int block = 0; block < MaxImages; block += 2 * size)
                for (int i = block; i < block + size; i += Vector256<ulong>.Count)
                {
                    Vector256<ulong> a = Vector256.Load(rows + i), b = Vector256.Load(rows + i + size);
                    Vector256<ulong> swap = ((a >> size) ^ b) & Vector256.Create(mask);
                    (a ^ (swap << size)).Store(rows + i);
                    (b ^ swap).Store(rows + i + size);
                }
        for (; size != 0; size >>= 1, mask ^= mask << size)
            for (int block = 0; block < MaxImages; block += 2 * size)
                for (int i = block; i < block + size; i++)
                {
                    ulong swap = ((rows[i] >> size) ^ rows[i + size]) & mask;
                    rows[i] ^= swap << size;
                    rows[i + size] ^= swap;
                }
    }
}
