using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The lit pixels of up to 64 images, chunk by chunk of 64 pixels: as a mask of pixels for each image (forward, where
/// the image lies) and as a mask of images for each pixel (update), with the bytes where the masks' bits are set. Each
/// thread has its own.
/// </summary>
internal sealed unsafe class BatchPixels : IDisposable
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
    private readonly AlignedBuffer<nint> _masks = new(SimdNetwork.Halves * Stride);
    private readonly AlignedBuffer<nint> _bytes = new(SimdNetwork.Halves * 2 * Stride);
    private readonly AlignedBuffer<ulong> _litImages = new(Chunks * Stride);
    private readonly AlignedBuffer<nint> _upcoming = new(SimdNetwork.Halves * 2 * MaxImages);
    private readonly int[] _upcomingCounts = new int[SimdNetwork.Halves];

    /// <summary>
    /// For each image, its masks: which pixels of a half's chunks are not 0. Behind the last image it stands once more,
    /// for who reads one ahead.
    /// </summary>
    public ulong** Masks(int half) => (ulong**)_masks.Pointer + half * Stride;

    /// <summary>
    /// For each image, where the bytes of a chunk's lit pixels are, one after another. For the first chunk of a half
    /// <see cref="Begin"/> says so; who goes through a chunk finds out for the next one, whose place here is that of
    /// the one before.
    /// </summary>
    public byte** Bytes(int half, int chunk) => (byte**)_bytes.Pointer + (2 * half + chunk % 2) * Stride;

    /// <summary>
    /// images × 64 bytes of a chunk, 0 where the pixel is not lit. The forward pass fills them in, and after the update
    /// come the zeros, with <see cref="Clear"/>: then the lines are in the L1 cache, and before the forward pass they are not.
    /// </summary>
    public byte* Pixels(int chunk) => _pixels.Pointer + chunk * Stride * ChunkPixels;

    /// <summary>For each pixel of the chunk, in which images it is not 0; after <see cref="Transpose(int, int)"/>.</summary>
    public ulong* LitImages(int chunk) => _litImages.Pointer + chunk * Stride;

    /// <summary>Makes the pixels of a chunk 0.</summary>
    public void Clear(int chunk, int images) => new Span<byte>(Pixels(chunk), images * ChunkPixels).Clear();

    /// <summary>
    /// Names the images of the next batch. They are fetched while this one is worked on, some with each chunk: all at
    /// once would have to queue for the few lines that a core can wait for at a time.
    /// </summary>
    /// <param name="half">One half of the pixels.</param>
    /// <param name="source">That half of all images. It must stay as long as these images are here.</param>
    /// <param name="upcoming">The images of the next batch.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Announce(int half, SparseImages source, ReadOnlySpan<int> upcoming)
    {
        _upcomingCounts[half] = upcoming.Length;
        nint* lines = Upcoming(half);
        for (int i = 0; i < upcoming.Length; i++)
        {
            lines[2 * i] = (nint)source.Image(upcoming[i]);
            lines[2 * i + 1] = (nint)source.End(upcoming[i]);
        }
    }

    /// <summary>Has the images that were announced take the place of those that were here: one half of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Take(int half)
    {
        int count = _upcomingCounts[half];
        nint* lines = Upcoming(half);
        ulong** masks = Masks(half);
        for (int i = 0; i < count; i++)
            masks[i] = (ulong*)lines[2 * i];
        if (count > 0)
            masks[count] = masks[count - 1];
    }

    /// <summary>Has <see cref="Bytes"/> begin with the first chunk of a half: behind the masks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(int half, int images)
    {
        int first = PixelChunks.FirstOf(half), chunks = PixelChunks.FirstOf(half + 1) - first;
        ulong** masks = Masks(half);
        byte** bytes = Bytes(half, first);
        for (int i = 0; i < images; i++)
            bytes[i] = (byte*)(masks[i] + chunks);
    }

    /// <summary>Asks for one half of some images of the next batch: for one of several parts of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void FetchUpcoming(int half, int part, int parts)
    {
        if (!Sse.IsSupported)
            return;
        nint* lines = Upcoming(half);
        int count = _upcomingCounts[half], end = count * (part + 1) / parts;
        for (int i = count * part / parts; i < end; i++)
            for (nint line = lines[2 * i]; line < lines[2 * i + 1]; line += 64)
                Sse.Prefetch1((void*)line);
    }

    /// <summary>Finds, from the masks of the images, those of the pixels of a half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Transpose(int half, int images)
    {
        ulong* rows = stackalloc ulong[MaxImages];
        ulong** masks = Masks(half);
        int first = PixelChunks.FirstOf(half), end = PixelChunks.FirstOf(half + 1);
        for (int chunk = first; chunk < end; chunk++)
        {
            for (int i = 0; i < images; i++)
                rows[i] = masks[i][chunk - first];
            for (int i = images; i < MaxImages; i++)
                rows[i] = 0;
            Transpose(rows, LitImages(chunk));
        }
    }

    public void Dispose()
    {
        _pixels.Dispose();
        _masks.Dispose();
        _bytes.Dispose();
        _litImages.Dispose();
        _upcoming.Dispose();
    }

    /// <summary>Where each of the images that were announced begins and ends.</summary>
    private nint* Upcoming(int half) => _upcoming.Pointer + half * 2 * MaxImages;

    /// <summary>
    /// Turns 64 masks of pixels into 64 masks of images: a 64×64 matrix of bits is transposed by swapping ever smaller
    /// squares, of 32, 16, 8, 4, 2 and 1 bits, four rows at a time.
    /// (H. S. Warren: Hacker's Delight, 2nd edition, section 7-3.)
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Transpose(ulong* rows, ulong* columns)
    {
        for (int i = 0; i < 16; i += 4)
        {
            Vector256<ulong> a = Vector256.Load(rows + i), b = Vector256.Load(rows + i + 16);
            Vector256<ulong> c = Vector256.Load(rows + i + 32), d = Vector256.Load(rows + i + 48);
            Swap(ref a, ref c, 32, 0x0000_0000_FFFF_FFFF);
            Swap(ref b, ref d, 32, 0x0000_0000_FFFF_FFFF);
            Swap(ref a, ref b, 16, 0x0000_FFFF_0000_FFFF);
            Swap(ref c, ref d, 16, 0x0000_FFFF_0000_FFFF);
            a.Store(columns + i);
            b.Store(columns + i + 16);
            c.Store(columns + i + 32);
            d.Store(columns + i + 48);
        }
        for (int i = 0; i < MaxImages; i += 16)
        {
            Vector256<ulong> a = Vector256.Load(columns + i), b = Vector256.Load(columns + i + 4);
            Vector256<ulong> c = Vector256.Load(columns + i + 8), d = Vector256.Load(columns + i + 12);
            Swap(ref a, ref c, 8, 0x00FF_00FF_00FF_00FF);
            Swap(ref b, ref d, 8, 0x00FF_00FF_00FF_00FF);
            Swap(ref a, ref b, 4, 0x0F0F_0F0F_0F0F_0F0F);
            Swap(ref c, ref d, 4, 0x0F0F_0F0F_0F0F_0F0F);
            SwapWithin(a).Store(columns + i);
            SwapWithin(b).Store(columns + i + 4);
            SwapWithin(c).Store(columns + i + 8);
            SwapWithin(d).Store(columns + i + 12);
        }
    }

    /// <summary>Swaps the bits of the upper rows that are not in a mask with those of the lower rows that are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Swap(ref Vector256<ulong> upper, ref Vector256<ulong> lower, int size, ulong mask)
    {
        Vector256<ulong> swap = ((upper >> size) ^ lower) & Vector256.Create(mask);
        upper ^= swap << size;
        lower ^= swap;
    }

    /// <summary>Swaps squares of 2 bits, and then of 1, within four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> SwapWithin(Vector256<ulong> rows)
    {
        const ulong Twos = 0x3333_3333_3333_3333, Ones = 0x5555_5555_5555_5555;
        // Only the upper row of a pair says what to swap.
        Vector256<ulong> lower = Vector256.Shuffle(rows, Vector256.Create(2UL, 3, 0, 1));
        Vector256<ulong> swap = ((rows >> 2) ^ lower) & Vector256.Create(Twos, Twos, 0, 0);
        rows ^= (swap << 2) ^ Vector256.Shuffle(swap, Vector256.Create(2UL, 3, 0, 1));
        lower = Vector256.Shuffle(rows, Vector256.Create(1UL, 0, 3, 2));
        swap = ((rows >> 1) ^ lower) & Vector256.Create(Ones, 0, Ones, 0);
        return rows ^ (swap << 1) ^ Vector256.Shuffle(swap, Vector256.Create(1UL, 0, 3, 2));
    }
}
