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

    private const int Chunks = PixelChunks.Count;
    private const int ChunkPixels = PixelChunks.MaxPixels;

    /// <summary>
    /// From chunk to chunk there is a cache line more than a chunk has: 4,096 bytes apart, the places that one image
    /// goes to would all compete for the same few lines of the L1 cache.
    /// </summary>
    private const int Stride = 64 + 8;

    private readonly AlignedBuffer<byte> _pixels = new(Chunks * Stride * ChunkPixels);
    private readonly AlignedBuffer<LitPixels> _litPixels = new(Chunks * Stride);
    private readonly AlignedBuffer<ulong> _litImages = new(Chunks * Stride);
    private readonly AlignedBuffer<nint> _upcoming = new(SimdNetwork.Halves * 2 * MaxImages);
    private int _upcomingCount;

    /// <summary>The lit pixels of each image in a chunk.</summary>
    public LitPixels* LitPixels(int chunk) => _litPixels.Pointer + chunk * Stride;

    /// <summary>
    /// images × 64 bytes of a chunk, 0 where the pixel is not lit. The forward pass fills them in, and after the update
    /// come the zeros, with <see cref="Clear"/>: then the lines are in the L1 cache, and before the forward pass they are not.
    /// </summary>
    public byte* Pixels(int chunk) => _pixels.Pointer + chunk * Stride * ChunkPixels;

    /// <summary>For each pixel of the chunk, in which images it is not 0; after <see cref="Transpose"/>.</summary>
    public ulong* LitImages(int chunk) => _litImages.Pointer + chunk * Stride;

    /// <summary>Makes the pixels of a chunk 0.</summary>
    public void Clear(int chunk, int images) => new Span<byte>(Pixels(chunk), images * ChunkPixels).Clear();

    /// <summary>Takes in one half of an image. Its bytes stay where they are, and must.</summary>
    /// <param name="source">The images.</param>
    /// <param name="image">The image.</param>
    /// <param name="i">Its place in the batch.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Gather(SparseImages source, int image, int i)
    {
        int first = source.FirstChunk, end = source.EndChunk;
        var masks = (ulong*)source.Image(image);
        var bytes = (byte*)(masks + end - first);
        LitPixels* lit = LitPixels(first) + i;
        for (int chunk = first; chunk < end; chunk++, lit += Stride)
        {
            lit->Mask = *masks++;
            lit->Bytes = bytes;
            bytes += BitOperations.PopCount(lit->Mask);
        }
    }

    /// <summary>
    /// Names the images of the next batch. They are fetched while this one is worked on, some with each chunk: all at
    /// once would have to queue for the few lines that a core can wait for at a time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Announce(int half, SparseImages images, ReadOnlySpan<int> upcoming)
    {
        _upcomingCount = upcoming.Length;
        nint* lines = _upcoming.Pointer + half * 2 * MaxImages;
        for (int i = 0; i < upcoming.Length; i++)
        {
            lines[2 * i] = (nint)images.Image(upcoming[i]);
            lines[2 * i + 1] = (nint)images.End(upcoming[i]);
        }
    }

    /// <summary>Asks for one half of some images of the next batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void FetchUpcoming(int half, int first, int end)
    {
        if (!Sse.IsSupported)
            return;
        nint* lines = _upcoming.Pointer + half * 2 * MaxImages;
        for (int i = first; i < Math.Min(end, _upcomingCount); i++)
            for (nint line = lines[2 * i]; line < lines[2 * i + 1]; line += 64)
                Sse.Prefetch1((void*)line);
    }

    /// <summary>Finds, from the masks of the images, those of the pixels of a half.</summary>
    public void Transpose(int half, int images)
    {
        for (int chunk = PixelChunks.FirstOf(half); chunk < PixelChunks.FirstOf(half + 1); chunk++)
            TransposeChunk(chunk, images);
    }

    /// <summary>
    /// Turns the masks of a chunk from one for each image into one for each pixel: a 64×64 matrix of bits is
    /// transposed by swapping ever smaller squares, 32 pairs of rows at a time.
    /// (H. S. Warren: Hacker's Delight, 2nd edition, section 7-3.)
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void TransposeChunk(int chunk, int images)
    {
        ulong* rows = LitImages(chunk);
        LitPixels* lit = LitPixels(chunk);
        for (int i = 0; i < MaxImages; i++)
            rows[i] = i < images ? lit[i].Mask : 0;
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
