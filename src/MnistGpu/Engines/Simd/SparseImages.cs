using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistGpu.Network;

namespace MnistGpu.Engines.Simd;

/// <summary>
/// One half of the pixels of some images, without their zeros: for each image the masks of its chunks of 64 pixels, and
/// then the bytes of the pixels whose bits are set. MNIST takes 15 MB so, a third of its pixels, and most of it stays in
/// a CPU's last cache from epoch to epoch; drawn in random order from main memory, plain pixels cost more time than half
/// of the arithmetic. Each half has memory of its own, because it is read by a thread of its own: a line that two cores
/// ask for at the same time comes late to both.
/// </summary>
internal sealed unsafe class SparseImages
{
    private const int Inputs = NetworkParameters.Inputs;

    private readonly AlignedBuffer<byte> _data;
    private readonly long[] _starts;

    /// <summary>Compresses one half of images.</summary>
    /// <param name="half">0 or 1.</param>
    /// <param name="pixels">count × 784 bytes.</param>
    /// <param name="count">Images.</param>
    /// <param name="threads">Threads to do it on.</param>
    public SparseImages(int half, byte* pixels, int count, int threads)
    {
        FirstChunk = PixelChunks.FirstOf(half);
        EndChunk = PixelChunks.FirstOf(half + 1);
        _starts = new long[count + 1];
        nint source = (nint)pixels;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        int blocks = (count + 1023) / 1024;
        Parallel.For(0, blocks, parallel, block =>
        {
            for (int i = block * 1024; i < Math.Min(count, (block + 1) * 1024); i++)
                _starts[i + 1] = Size((byte*)source + (nint)i * Inputs);
        });
        for (int i = 0; i < count; i++)
            _starts[i + 1] += _starts[i];
        _data = new AlignedBuffer<byte>(_starts[count]);
        Parallel.For(0, blocks, parallel, block =>
        {
            for (int i = block * 1024; i < Math.Min(count, (block + 1) * 1024); i++)
                Compress((byte*)source + (nint)i * Inputs, Image(i));
        });
    }

    /// <summary>The first chunk of this half.</summary>
    public int FirstChunk { get; }

    /// <summary>The chunk behind this half.</summary>
    public int EndChunk { get; }

    /// <summary>The masks of an image, and behind them the bytes of its lit pixels.</summary>
    public byte* Image(int index) => _data.Pointer + _starts[index];

    /// <summary>Where an image ends.</summary>
    public byte* End(int index) => _data.Pointer + _starts[index + 1];

    /// <summary>Bytes that an image takes: a multiple of 8, so that masks stay aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Size(byte* image)
    {
        int lit = 0;
        for (int chunk = FirstChunk; chunk < EndChunk; chunk++)
            lit += BitOperations.PopCount(Mask(image, chunk));
        return ((EndChunk - FirstChunk) * sizeof(ulong) + lit + 7) & ~7;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compress(byte* image, byte* target)
    {
        var masks = (ulong*)target;
        byte* value = target + (EndChunk - FirstChunk) * sizeof(ulong);
        for (int chunk = FirstChunk; chunk < EndChunk; chunk++)
        {
            ulong lit = Mask(image, chunk);
            masks[chunk - FirstChunk] = lit;
            for (; lit != 0; lit &= lit - 1)
                *value++ = image[PixelChunks.FirstPixel(chunk) + BitOperations.TrailingZeroCount(lit)];
        }
    }

    /// <summary>Which pixels of a chunk are not 0. Vectors reach into the next chunk, but not beyond the image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(byte* image, int chunk)
    {
        ulong dark = 0;
        int count = PixelChunks.PixelsOf(chunk);
        image += PixelChunks.FirstPixel(chunk);
        for (int p = 0; p < count; p += Vector128<byte>.Count)
            dark |= (ulong)Vector128.Equals(Vector128.Load(image + p), default).ExtractMostSignificantBits() << p;
        return ~dark & (ulong.MaxValue >> (PixelChunks.MaxPixels - count));
    }
}
