using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistGpu.Network;

namespace MnistGpu.Engines.Simd;

/// <summary>
/// Images without their zeros: for each one 13 masks of 64 pixels, and then the bytes of the pixels whose bits are set.
/// MNIST takes 15 MB so, a third of its pixels, and most of it stays in a CPU's last cache from epoch to epoch; drawn
/// in random order from main memory, plain pixels cost more time than half of the arithmetic.
/// </summary>
internal sealed unsafe class SparseImages
{
    /// <summary>Pixels that a mask stands for.</summary>
    public const int ChunkPixels = 64;

    /// <summary>Masks of an image; the last is a quarter full.</summary>
    public const int Chunks = (NetworkParameters.Inputs + ChunkPixels - 1) / ChunkPixels;

    private const int Inputs = NetworkParameters.Inputs;
    private const int MaskBytes = Chunks * sizeof(ulong);

    private readonly AlignedBuffer<byte> _data;
    private readonly long[] _starts;

    /// <summary>Compresses images.</summary>
    /// <param name="pixels">count × 784 bytes.</param>
    /// <param name="count">Images.</param>
    /// <param name="threads">Threads to do it on.</param>
    public SparseImages(byte* pixels, int count, int threads)
    {
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
        // Readers take whole vectors: there must be one behind the last image.
        _data = new AlignedBuffer<byte>(_starts[count] + Vector256<byte>.Count);
        Parallel.For(0, blocks, parallel, block =>
        {
            for (int i = block * 1024; i < Math.Min(count, (block + 1) * 1024); i++)
                Compress((byte*)source + (nint)i * Inputs, Image(i));
        });
    }

    /// <summary>The masks of an image, and behind them the bytes of its lit pixels.</summary>
    public byte* Image(int index) => _data.Pointer + _starts[index];

    /// <summary>Where an image ends.</summary>
    public byte* End(int index) => _data.Pointer + _starts[index + 1];

    /// <summary>Bytes that an image takes: a multiple of 8, so that masks stay aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Size(byte* image)
    {
        int lit = 0;
        for (int chunk = 0; chunk < Chunks; chunk++)
            lit += BitOperations.PopCount(Mask(image, chunk));
        return (MaskBytes + lit + 7) & ~7;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(byte* image, byte* target)
    {
        byte* value = target + MaskBytes;
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            ulong lit = Mask(image, chunk);
            ((ulong*)target)[chunk] = lit;
            for (; lit != 0; lit &= lit - 1)
                *value++ = image[chunk * ChunkPixels + BitOperations.TrailingZeroCount(lit)];
        }
    }

    /// <summary>Which pixels of a chunk are not 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(byte* image, int chunk)
    {
        ulong dark = 0;
        int count = Math.Min(ChunkPixels, Inputs - chunk * ChunkPixels);
        for (int p = 0; p < count; p += Vector128<byte>.Count)
        {
            Vector128<byte> sixteen = Vector128.Load(image + chunk * ChunkPixels + p);
            dark |= (ulong)Vector128.Equals(sixteen, default).ExtractMostSignificantBits() << p;
        }
        return ~dark & (ulong.MaxValue >> (ChunkPixels - count));
    }
}
