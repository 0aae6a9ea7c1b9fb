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

    /// <summary>Room for all bytes of an image, and for a vector that reaches beyond them.</summary>
    private const int BytesOfImage = Chunks * ChunkPixels;

    private readonly AlignedBuffer<byte> _pixels = new(Chunks * Stride * ChunkPixels);
    private readonly AlignedBuffer<byte> _bytes = new(MaxImages * BytesOfImage);
    private readonly AlignedBuffer<LitPixels> _litPixels = new(Chunks * Stride);
    private readonly AlignedBuffer<ulong> _litImages = new(Chunks * Stride);
    private readonly AlignedBuffer<nint> _upcoming = new(2 * MaxImages);
    private int _upcomingCount;

    /// <summary>The lit pixels of each image in a chunk.</summary>
    public LitPixels* LitPixels(int chunk) => _litPixels.Pointer + chunk * Stride;

    /// <summary>
    /// images × 64 bytes of a chunk: room to spread the bytes out. What is not lit is not defined, but after
    /// <see cref="Clear"/>.
    /// </summary>
    public byte* Pixels(int chunk) => _pixels.Pointer + chunk * Stride * ChunkPixels;

    /// <summary>For each pixel of the chunk, in which images it is not 0; after <see cref="Transpose"/>.</summary>
    public ulong* LitImages(int chunk) => _litImages.Pointer + chunk * Stride;

    /// <summary>Makes the pixels of some chunks that are not lit 0.</summary>
    public void Clear(int images, Range chunks)
    {
        for (int chunk = chunks.Start.Value; chunk < chunks.End.Value; chunk++)
            new Span<byte>(Pixels(chunk), images * ChunkPixels).Clear();
    }

    /// <summary>
    /// Takes in some chunks of an image. Its bytes are copied, so that what has to come from beyond the caches comes here, many lines
    /// at once, and not one by one where the kernels wait for it.
    /// </summary>
    /// <param name="image">From <see cref="SparseImages.Image"/>.</param>
    /// <param name="i">The image's place in the batch.</param>
    /// <param name="chunks">The chunks.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Gather(byte* image, int i, Range chunks)
    {
        var masks = (ulong*)image;
        byte* from = image + Chunks * sizeof(ulong);
        for (int chunk = 0; chunk < chunks.Start.Value; chunk++)
            from += BitOperations.PopCount(masks[chunk]);
        byte* bytes = _bytes.Pointer + i * BytesOfImage, to = bytes;
        LitPixels* lit = LitPixels(chunks.Start.Value) + i;
        for (int chunk = chunks.Start.Value; chunk < chunks.End.Value; chunk++, lit += Stride)
        {
            lit->Mask = masks[chunk];
            lit->Bytes = bytes;
            bytes += BitOperations.PopCount(lit->Mask);
        }
        for (; to < bytes; from += Vector256<byte>.Count, to += Vector256<byte>.Count)
            Vector256.Load(from).Store(to);
    }

    /// <summary>
    /// Names the images of the next batch. They are fetched while this one is worked on, some with each chunk: all at
    /// once would have to queue for the few lines that a core can wait for at a time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Announce(SparseImages images, ReadOnlySpan<int> upcoming)
    {
        _upcomingCount = upcoming.Length;
        for (int i = 0; i < upcoming.Length; i++)
        {
            _upcoming.Pointer[2 * i] = (nint)images.Image(upcoming[i]);
            _upcoming.Pointer[2 * i + 1] = (nint)images.End(upcoming[i]);
        }
    }

    /// <summary>Asks for one of several parts of the images of the next batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void FetchUpcoming(int part, int parts)
    {
        if (!Sse.IsSupported)
            return;
        int end = _upcomingCount * (part + 1) / parts;
        for (int i = _upcomingCount * part / parts; i < end; i++)
            for (nint line = _upcoming.Pointer[2 * i]; line < _upcoming.Pointer[2 * i + 1]; line += 64)
                Sse.Prefetch1((void*)line);
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
