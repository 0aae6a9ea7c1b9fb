using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MnistGpu.Core.Memory;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The inner products of a pass's images (their Gram matrix), which let several small batches share one pass over W1 and
/// still take their steps one after another.
/// </summary>
/// <remarks>
/// The step of an image k adds x_k·d_k to W1 and d_k to b1, where d = −η·δh. So the sums of an image i computed with the
/// weights from before that step lack only (x_i·x_k + 1)·d_k: a multiple of a row that is known by then. The sums of all
/// images are computed with the first weights, the steps are taken one after another with their sums brought up to date,
/// and W1 gets all steps at the end. Each image costs a few more rows, which are in the L1 cache, while its own 150 rows of
/// W1 are read and written once for all images, as in a larger batch.
/// </remarks>
internal sealed unsafe class Overlaps : IDisposable
{
    /// <summary>The maximum number of images in such a pass.</summary>
    public const int MaxImages = 16;

    private readonly AlignedBuffer<float> _overlaps = new(MaxImages * MaxImages);
    private readonly AlignedBuffer<int> _products = new(2 * MaxImages * MaxImages);

    /// <summary>Computes the inner products of all pairs over one half of the pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Find(PixelChunks pixels, int images, int half)
    {
        for (int i = 0; i < images; i++)
            for (int k = 0; k < i; k++)
                Products(half, i)[k] = Dot(pixels, i, k, half);
    }

    /// <summary>Adds the halves.</summary>
    public void Join(int images)
    {
        for (int i = 0; i < images; i++)
            for (int k = 0; k < i; k++)
                Row(i)[k] = (Products(0, i)[k] + Products(1, i)[k]) / (255f * 255f) + 1;
    }

    /// <summary>Adds to the sums z of a batch what the steps of earlier images have changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CatchUp<TVector>(int first, int images, nint units, float* deltas, float* z)
        where TVector : struct, ISimd<TVector>
    {
        for (int i = first; i < first + images; i++)
            for (nint j = 0; j < units; j += TVector.Lanes)
            {
                float* target = z + i * units + j;
                TVector sum = TVector.Load(target);
                for (int k = 0; k < first; k++)
                    sum = TVector.MultiplyAdd(TVector.Broadcast(Row(i)[k]), deltas, k * units + j, sum);
                TVector.Store(target, sum);
            }
    }

    public void Dispose()
    {
        _overlaps.Dispose();
        _products.Dispose();
    }

    /// <summary>x_i·x_k + 1 for all k before the image i.</summary>
    private float* Row(int image) => _overlaps.Pointer + image * MaxImages;

    private int* Products(int half, int image) => _products.Pointer + (half * MaxImages + image) * MaxImages;

    /// <summary>The sum of the products of two images' bytes: at most 784·255², which an int holds exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Dot(PixelChunks pixels, int image, int other, int half)
    {
        const int Stride = PixelChunks.ImageStride;
        Vector256<int> sum = default;
        for (int chunk = PixelChunks.FirstChunk(half); chunk < PixelChunks.FirstChunk(half + 1); chunk++)
        {
            byte* a = pixels.Pixels(chunk) + image * Stride, b = pixels.Pixels(chunk) + other * Stride;
            for (int p = 0; p < Stride; p += Vector256<short>.Count)
                sum += SumPairs(Vector128.Load(a + p), Vector128.Load(b + p));
        }
        return Vector256.Sum(sum);
    }

    /// <summary>Sixteen products, added up in pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> SumPairs(Vector128<byte> a, Vector128<byte> b)
    {
        if (Avx2.IsSupported)
            return Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(a), Avx2.ConvertToVector256Int16(b));
        // The largest product, 255², just fits in 16 bits.
        (Vector128<ushort> aLow, Vector128<ushort> aHigh) = Vector128.Widen(a);
        (Vector128<ushort> bLow, Vector128<ushort> bHigh) = Vector128.Widen(b);
        (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Create(aLow * bLow, aHigh * bHigh));
        return (low + high).AsInt32();
    }
}
