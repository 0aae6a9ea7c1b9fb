using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// A bfloat16 is the upper half of a float32: its sign, its exponent and 8 bits of its significand. Tensor cores multiply
/// such numbers exactly and add up the products in float32, so the conversion must lose nothing:
/// <list type="bullet">
/// <item>A pixel, 0 to 255, has 8 bits: it is a bfloat16.</item>
/// <item>
/// A float32 has 24 bits: it is a sum of three, each the upper half of what the ones before leave over. The subtractions are
/// exact, because they only remove leading bits. (What is below 2⁻¹³³, the smallest bfloat16, is lost, which does not matter
/// to any sum whose magnitude is above 2⁻¹⁰⁰.)
/// </item>
/// </list>
/// </summary>
internal static class Bf16
{
    private const uint UpperHalf = 0xFFFF_0000;

    /// <summary>2²³ as a float32's bits. Its last bits count ones, so inserting a byte there adds it.</summary>
    private const uint TwoTo23 = 0x4B00_0000;

    /// <summary>Four pixels of a word, the first in its lowest byte.</summary>
    private static UInt2 Pixels(uint word) =>
        new(Pair(Pixel(word), Pixel(word >> 8)), Pair(Pixel(word >> 16), Pixel(word >> 24)));

    /// <summary>The upper half of a float.</summary>
    public static ushort Upper(float x) => (ushort)(Interop.FloatAsInt(x) >> 16);

    /// <summary>The upper halves of four floats.</summary>
    private static UInt2 Upper(Float4 v) => new(Pair(v.X, v.Y), Pair(v.Z, v.W));

    /// <summary>Stores sixteen pixels as two chunks of eight.</summary>
    /// <param name="pixels">Their bytes.</param>
    /// <param name="memory">Shared memory.</param>
    /// <param name="first">Where the first chunk goes, in chunks of 16 bytes.</param>
    /// <param name="second">Where the second one goes.</param>
    public static void StorePixels(UInt4 pixels, ArrayView<Float4> memory, int first, int second)
    {
        ArrayView<UInt4> chunks = memory.Cast<UInt4>().AsAligned(16);
        chunks[first] = new UInt4(Pixels(pixels.X), Pixels(pixels.Y));
        chunks[second] = new UInt4(Pixels(pixels.Z), Pixels(pixels.W));
    }

    /// <summary>Stores the upper halves of four floats.</summary>
    /// <param name="v">The floats.</param>
    /// <param name="memory">Shared memory.</param>
    /// <param name="at">Where they go, in halves of chunks: 8 bytes.</param>
    public static void StoreUpper(Float4 v, ArrayView<Float4> memory, int at) => memory.Cast<UInt2>().AsAligned(8)[at] = Upper(v);

    /// <summary>Stores the three parts of four floats.</summary>
    /// <param name="v">The floats.</param>
    /// <param name="memory">Shared memory.</param>
    /// <param name="at">Where the high parts go, in halves of chunks: 8 bytes.</param>
    /// <param name="stride">The distance to the middle parts, and from those to the low ones.</param>
    public static void StoreParts(Float4 v, ArrayView<Float4> memory, int at, int stride)
    {
        ArrayView<UInt2> halves = memory.Cast<UInt2>().AsAligned(8);
        Float4 rest = Rest(v);
        halves[at] = Upper(v);
        halves[at + stride] = Upper(rest);
        halves[at + 2 * stride] = Upper(Rest(rest));
    }

    /// <summary>Four floats minus their upper halves.</summary>
    private static Float4 Rest(Float4 v) => new(Rest(v.X), Rest(v.Y), Rest(v.Z), Rest(v.W));

    /// <summary>A float minus its upper half.</summary>
    public static float Rest(float x) => x - Interop.IntAsFloat(Interop.FloatAsInt(x) & UpperHalf);

    /// <summary>The upper halves of two floats, in a word.</summary>
    private static uint Pair(float first, float second) =>
        Interop.FloatAsInt(first) >> 16 | Interop.FloatAsInt(second) & UpperHalf;

    /// <summary>The lowest byte of a word as a float: cheaper than a conversion, which runs at a quarter of the rate.</summary>
    private static float Pixel(uint word) =>
        Interop.IntAsFloat(TwoTo23 | word & 0xFF) - Interop.IntAsFloat(TwoTo23);
}
