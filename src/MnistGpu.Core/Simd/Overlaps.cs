using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The inner products of some images (their Gram matrix), which let several small steps share one pass over W1 and
/// still be the same steps.
/// <para>
/// The step of an image k adds x_k·d_k to W1 and d_k to b1, where d = −η·δh. So the sums of an image i that were taken
/// with the weights from before that step lack just (x_i·x_k + 1)·d_k: a multiple of a row that is known by then. The
/// sums of all images are taken with the first weights, the steps are taken one after another with their sums brought
/// up to date, and W1 gets all steps at the end. An image costs a few rows more, but rows that are in the L1 cache, while
/// its own 150 rows of W1 are read and written once for all images, as in a larger batch.
/// </para>
/// </summary>
internal sealed unsafe class Overlaps
{
    /// <summary>Images at most.</summary>
    public const int MaxImages = 16;

    private readonly AlignedBuffer<float> _overlaps = new(MaxImages * MaxImages);
    private readonly AlignedBuffer<int> _products = new(SimdNetwork.Halves * MaxImages * MaxImages);

    /// <summary>x_i·x_k + 1 for all k before the image i; after <see cref="Join"/>.</summary>
    public float* Row(int image) => _overlaps.Pointer + image * MaxImages;

    /// <summary>One thread's part: for half of the pixels, the rows of every so many images.</summary>
    /// <param name="pixels">The images.</param>
    /// <param name="images">How many.</param>
    /// <param name="half">The half.</param>
    /// <param name="first">The first row.</param>
    /// <param name="stride">From row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Find(BatchPixels pixels, int images, int half, int first, int stride)
    {
        for (int i = first; i < images; i += stride)
            for (int k = 0; k < i; k++)
                Products(half, i)[k] = Dot(pixels, i, k, half);
    }

    /// <summary>Puts the halves together, after all parts.</summary>
    /// <param name="images">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Join(int images)
    {
        for (int i = 0; i < images; i++)
            for (int k = 0; k < i; k++)
                Row(i)[k] = (Products(0, i)[k] + Products(1, i)[k]) / (255f * 255f) + 1;
    }

    private int* Products(int half, int image) => _products.Pointer + (half * MaxImages + image) * MaxImages;

    /// <summary>The sum of the products of two images' bytes: at most 784·255², which an int holds exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Dot(BatchPixels pixels, int image, int other, int half)
    {
        Vector256<int> sum = default;
        for (int chunk = PixelChunks.FirstOf(half); chunk < PixelChunks.FirstOf(half + 1); chunk++)
        {
            byte* a = pixels.Pixels(chunk) + image * PixelChunks.MaxPixels;
            byte* b = pixels.Pixels(chunk) + other * PixelChunks.MaxPixels;
            for (int p = 0; p < PixelChunks.MaxPixels; p += Vector256<short>.Count)
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
        (Vector256<uint> low, Vector256<uint> high) =
            Vector256.Widen(Widen(a) * Widen(b));
        return (low + high).AsInt32();
    }

    private static Vector256<ushort> Widen(Vector128<byte> bytes)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(bytes);
        return Vector256.Create(low, high);
    }
}
