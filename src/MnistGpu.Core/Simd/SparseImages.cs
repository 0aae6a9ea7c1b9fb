using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>
/// One half of the pixels of some images, without their zeros: for each image the masks of its chunks of 64 pixels, and
/// then the bytes of the pixels whose bits are set. MNIST takes 15 MB so, a third of its pixels, and most of it stays in
/// a CPU's last cache from epoch to epoch; drawn in random order from main memory, plain pixels cost more time than half
/// of the arithmetic. Each half has memory of its own, because it is read by a thread of its own: a line that two cores
/// ask for at the same time comes late to both.
/// </summary>
internal sealed unsafe class SparseImages : IDisposable
{
    private const int Inputs = NetworkParameters.Inputs;

    private static readonly AlignedBuffer<ulong> s_places = Places();

    private readonly int _firstChunk;
    private readonly int _endChunk;
    private readonly AlignedBuffer<ulong> _data;

    /// <summary>Where each image begins, and where the last one ends, in units of 8 bytes.</summary>
    private readonly AlignedBuffer<uint> _starts;

    /// <summary>Compresses one half of images.</summary>
    /// <param name="half">0 or 1.</param>
    /// <param name="pixels">count × 784 bytes.</param>
    /// <param name="count">Images.</param>
    /// <param name="threads">Threads to do it on.</param>
    public SparseImages(int half, byte* pixels, int count, int threads)
    {
        _firstChunk = PixelChunks.FirstOf(half);
        _endChunk = PixelChunks.FirstOf(half + 1);
        _starts = new AlignedBuffer<uint>(count + 1);
        nint source = (nint)pixels;
        ForImages(count, threads, i => _starts.Pointer[i + 1] = Size((byte*)source + (nint)i * Inputs));
        for (int i = 0; i < count; i++)
            _starts.Pointer[i + 1] += _starts.Pointer[i];
        _data = new AlignedBuffer<ulong>(_starts.Pointer[count]);
        ForImages(count, threads, i => Compress((byte*)source + (nint)i * Inputs, Image(i)));
    }

    /// <summary>The masks of an image, and behind them the bytes of its lit pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* Image(int index) => _data.Pointer + _starts.Pointer[index];

    /// <summary>Where an image ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* End(int index) => Image(index + 1);

    public void Dispose()
    {
        _starts.Dispose();
        _data.Dispose();
    }

    /// <summary>Does something for each image, on several threads if there are many.</summary>
    private static void ForImages(int count, int threads, Action<int> work)
    {
        const int Block = 1_024;
        if (count <= Block)
            ForRange(0);
        else
            Parallel.For(
                0, (count - 1) / Block + 1, new ParallelOptions { MaxDegreeOfParallelism = threads },
                block => ForRange(block * Block));

        void ForRange(int first)
        {
            for (int i = first; i < Math.Min(count, first + Block); i++)
                work(i);
        }
    }

    /// <summary>
    /// What an image takes, in units of 8 bytes. Behind its bytes there is one more, as they are written eight at a time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private uint Size(byte* image)
    {
        int lit = 0;
        for (int chunk = _firstChunk; chunk < _endChunk; chunk++)
            lit += BitOperations.PopCount(Mask(image, chunk));
        return (uint)(_endChunk - _firstChunk + (lit + 7) / 8 + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compress(byte* image, ulong* masks)
    {
        ulong* places = s_places.Pointer;
        var bytes = (byte*)(masks + _endChunk - _firstChunk);
        for (int chunk = _firstChunk; chunk < _endChunk; chunk++)
        {
            ulong mask = Mask(image, chunk);
            masks[chunk - _firstChunk] = mask;
            // No branch depends on a pixel: dark ones cost no more than a wrong guess would.
            for (var eight = (ulong*)(image + PixelChunks.FirstPixel(chunk)); mask != 0; eight++, mask >>= 8)
            {
                Vector128<byte> lit = Vector128.ShuffleNative(
                    Vector128.CreateScalar(*eight).AsByte(), Vector128.CreateScalar(places[(byte)mask]).AsByte());
                *(ulong*)bytes = lit.AsUInt64().ToScalar();
                bytes += BitOperations.PopCount((byte)mask);
            }
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

    /// <summary>For each mask of eight pixels, the places of those that are lit, one after another.</summary>
    private static AlignedBuffer<ulong> Places()
    {
        var places = new AlignedBuffer<ulong>(256);
        for (int mask = 0; mask < 256; mask++)
        {
            var next = (byte*)(places.Pointer + mask);
            for (byte place = 0; place < 8; place++)
                if ((mask >> place & 1) == 1)
                    *next++ = place;
        }
        return places;
    }
}
