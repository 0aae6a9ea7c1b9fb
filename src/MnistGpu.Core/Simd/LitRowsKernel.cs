using System.Numerics;
using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The heart of the engine: sums of x·row over the set bits of a mask.
/// <para>
/// It is fast because the sum stays in registers, a whole row of 100 hidden units with 8 floats a vector, so that a row
/// costs one load and one multiply-add a vector; and because of the mask: the next lit pixel is one instruction away
/// (count trailing zeros), and no branch depends on a single pixel. The loops are written out in full, because all that
/// they use must stay in registers: one variable on the stack costs a third of the time.
/// </para>
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TSimd">Its operations.</typeparam>
/// <typeparam name="TWidth">Vectors in a row: the JIT drops the lines of those that are not there.</typeparam>
internal sealed unsafe class LitRowsKernel<TVector, TSimd, TWidth> : LitRows
    where TVector : struct
    where TSimd : ISimd<TVector>
    where TWidth : struct, IWidth
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Forward(
        float* hidden, nint stride, ulong** masks, int chunk, byte** bytesOfImages, byte** bytesOfNext, byte* pixels,
        int images, float* rows)
    {
        float* intensity = Intensity;
        bool isFirst = chunk == 0;
        ulong nextMask = masks[0][chunk];
        for (int i = 0; i < images; i++, hidden += stride, pixels += PixelChunks.MaxPixels)
        {
            ulong mask = nextMask;
            byte* bytes = bytesOfImages[i];
            // One ahead: it is there then when the end of the loop over this one, which no CPU can foretell, has come.
            nextMask = masks[i + 1][chunk];
            bytesOfNext[i] = bytes + BitOperations.PopCount(mask);
            if (mask == 0 && !isFirst)
                continue;
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default;
            TVector s7 = default, s8 = default, s9 = default, s10 = default, s11 = default, s12 = default;
            if (!isFirst)
            {
                s0 = Load(hidden, 0);
                if (TWidth.Vectors > 1) s1 = Load(hidden, 1);
                if (TWidth.Vectors > 2) s2 = Load(hidden, 2);
                if (TWidth.Vectors > 3) s3 = Load(hidden, 3);
                if (TWidth.Vectors > 4) s4 = Load(hidden, 4);
                if (TWidth.Vectors > 5) s5 = Load(hidden, 5);
                if (TWidth.Vectors > 6) s6 = Load(hidden, 6);
                if (TWidth.Vectors > 7) s7 = Load(hidden, 7);
                if (TWidth.Vectors > 8) s8 = Load(hidden, 8);
                if (TWidth.Vectors > 9) s9 = Load(hidden, 9);
                if (TWidth.Vectors > 10) s10 = Load(hidden, 10);
                if (TWidth.Vectors > 11) s11 = Load(hidden, 11);
                if (TWidth.Vectors > 12) s12 = Load(hidden, 12);
            }
            while (mask != 0)
            {
                nint n = BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                TVector x = TSimd.Broadcast(intensity[pixels[n] = *bytes++]);
                float* row = rows + n * (TWidth.Vectors * TSimd.Lanes);
                s0 = TSimd.MultiplyAdd(x, Load(row, 0), s0);
                if (TWidth.Vectors > 1) s1 = TSimd.MultiplyAdd(x, Load(row, 1), s1);
                if (TWidth.Vectors > 2) s2 = TSimd.MultiplyAdd(x, Load(row, 2), s2);
                if (TWidth.Vectors > 3) s3 = TSimd.MultiplyAdd(x, Load(row, 3), s3);
                if (TWidth.Vectors > 4) s4 = TSimd.MultiplyAdd(x, Load(row, 4), s4);
                if (TWidth.Vectors > 5) s5 = TSimd.MultiplyAdd(x, Load(row, 5), s5);
                if (TWidth.Vectors > 6) s6 = TSimd.MultiplyAdd(x, Load(row, 6), s6);
                if (TWidth.Vectors > 7) s7 = TSimd.MultiplyAdd(x, Load(row, 7), s7);
                if (TWidth.Vectors > 8) s8 = TSimd.MultiplyAdd(x, Load(row, 8), s8);
                if (TWidth.Vectors > 9) s9 = TSimd.MultiplyAdd(x, Load(row, 9), s9);
                if (TWidth.Vectors > 10) s10 = TSimd.MultiplyAdd(x, Load(row, 10), s10);
                if (TWidth.Vectors > 11) s11 = TSimd.MultiplyAdd(x, Load(row, 11), s11);
                if (TWidth.Vectors > 12) s12 = TSimd.MultiplyAdd(x, Load(row, 12), s12);
            }
            Store(hidden, 0, s0);
            if (TWidth.Vectors > 1) Store(hidden, 1, s1);
            if (TWidth.Vectors > 2) Store(hidden, 2, s2);
            if (TWidth.Vectors > 3) Store(hidden, 3, s3);
            if (TWidth.Vectors > 4) Store(hidden, 4, s4);
            if (TWidth.Vectors > 5) Store(hidden, 5, s5);
            if (TWidth.Vectors > 6) Store(hidden, 6, s6);
            if (TWidth.Vectors > 7) Store(hidden, 7, s7);
            if (TWidth.Vectors > 8) Store(hidden, 8, s8);
            if (TWidth.Vectors > 9) Store(hidden, 9, s9);
            if (TWidth.Vectors > 10) Store(hidden, 10, s10);
            if (TWidth.Vectors > 11) Store(hidden, 11, s11);
            if (TWidth.Vectors > 12) Store(hidden, 12, s12);
        }
    }

    /// <summary>Whether two rows fit in the registers, beside two factors and a vector of deltas.</summary>
    private static bool TwoRowsFit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Vectors <= 7 && 2 * TWidth.Vectors + 3 <= TSimd.Registers;
    }

    public override void Update(float* rows, ulong* lit, byte* pixels, int count, float* deltas, nint stride)
    {
        if (TwoRowsFit)
            UpdatePairsOfRows(rows, lit, pixels, count, deltas, stride);
        else
            UpdateRows(rows, lit, pixels, count, deltas, stride);
    }

    /// <summary>
    /// Two neighbouring pixels at a time: they are mostly lit by the same images, whose deltas are loaded once for both,
    /// and there are half as many loops whose end no CPU can foretell. Where one of the two is dark, 0 times a delta is
    /// added, which changes nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void UpdatePairsOfRows(
        float* rows, ulong* lit, byte* pixels, int count, float* deltas, nint stride)
    {
        float* intensity = Intensity;
        int width = TWidth.Vectors * TSimd.Lanes;
        for (ulong* end = lit + count; lit < end; lit += 2, rows += 2 * width, pixels += 2)
        {
            ulong mask = lit[0] | lit[1];
            if (mask == 0)
                continue;
            float* next = rows + width;
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default;
            TVector t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default;
            s0 = Load(rows, 0);
            if (TWidth.Vectors > 1) s1 = Load(rows, 1);
            if (TWidth.Vectors > 2) s2 = Load(rows, 2);
            if (TWidth.Vectors > 3) s3 = Load(rows, 3);
            if (TWidth.Vectors > 4) s4 = Load(rows, 4);
            if (TWidth.Vectors > 5) s5 = Load(rows, 5);
            if (TWidth.Vectors > 6) s6 = Load(rows, 6);
            t0 = Load(next, 0);
            if (TWidth.Vectors > 1) t1 = Load(next, 1);
            if (TWidth.Vectors > 2) t2 = Load(next, 2);
            if (TWidth.Vectors > 3) t3 = Load(next, 3);
            if (TWidth.Vectors > 4) t4 = Load(next, 4);
            if (TWidth.Vectors > 5) t5 = Load(next, 5);
            if (TWidth.Vectors > 6) t6 = Load(next, 6);
            while (mask != 0)
            {
                nint n = BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                TVector x = TSimd.Broadcast(intensity[pixels[n * PixelChunks.MaxPixels]]);
                TVector y = TSimd.Broadcast(intensity[pixels[n * PixelChunks.MaxPixels + 1]]);
                float* row = deltas + n * stride;
                TVector d = Load(row, 0);
                s0 = TSimd.MultiplyAdd(x, d, s0);
                t0 = TSimd.MultiplyAdd(y, d, t0);
                if (TWidth.Vectors > 1) d = Load(row, 1);
                if (TWidth.Vectors > 1) s1 = TSimd.MultiplyAdd(x, d, s1);
                if (TWidth.Vectors > 1) t1 = TSimd.MultiplyAdd(y, d, t1);
                if (TWidth.Vectors > 2) d = Load(row, 2);
                if (TWidth.Vectors > 2) s2 = TSimd.MultiplyAdd(x, d, s2);
                if (TWidth.Vectors > 2) t2 = TSimd.MultiplyAdd(y, d, t2);
                if (TWidth.Vectors > 3) d = Load(row, 3);
                if (TWidth.Vectors > 3) s3 = TSimd.MultiplyAdd(x, d, s3);
                if (TWidth.Vectors > 3) t3 = TSimd.MultiplyAdd(y, d, t3);
                if (TWidth.Vectors > 4) d = Load(row, 4);
                if (TWidth.Vectors > 4) s4 = TSimd.MultiplyAdd(x, d, s4);
                if (TWidth.Vectors > 4) t4 = TSimd.MultiplyAdd(y, d, t4);
                if (TWidth.Vectors > 5) d = Load(row, 5);
                if (TWidth.Vectors > 5) s5 = TSimd.MultiplyAdd(x, d, s5);
                if (TWidth.Vectors > 5) t5 = TSimd.MultiplyAdd(y, d, t5);
                if (TWidth.Vectors > 6) d = Load(row, 6);
                if (TWidth.Vectors > 6) s6 = TSimd.MultiplyAdd(x, d, s6);
                if (TWidth.Vectors > 6) t6 = TSimd.MultiplyAdd(y, d, t6);
            }
            Store(rows, 0, s0);
            if (TWidth.Vectors > 1) Store(rows, 1, s1);
            if (TWidth.Vectors > 2) Store(rows, 2, s2);
            if (TWidth.Vectors > 3) Store(rows, 3, s3);
            if (TWidth.Vectors > 4) Store(rows, 4, s4);
            if (TWidth.Vectors > 5) Store(rows, 5, s5);
            if (TWidth.Vectors > 6) Store(rows, 6, s6);
            Store(next, 0, t0);
            if (TWidth.Vectors > 1) Store(next, 1, t1);
            if (TWidth.Vectors > 2) Store(next, 2, t2);
            if (TWidth.Vectors > 3) Store(next, 3, t3);
            if (TWidth.Vectors > 4) Store(next, 4, t4);
            if (TWidth.Vectors > 5) Store(next, 5, t5);
            if (TWidth.Vectors > 6) Store(next, 6, t6);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void UpdateRows(float* rows, ulong* lit, byte* pixels, int count, float* deltas, nint stride)
    {
        float* intensity = Intensity;
        for (ulong* end = lit + count; lit < end; lit++, rows += TWidth.Vectors * TSimd.Lanes, pixels++)
        {
            ulong mask = *lit;
            if (mask == 0)
                continue;
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default;
            TVector s7 = default, s8 = default, s9 = default, s10 = default, s11 = default, s12 = default;
            s0 = Load(rows, 0);
            if (TWidth.Vectors > 1) s1 = Load(rows, 1);
            if (TWidth.Vectors > 2) s2 = Load(rows, 2);
            if (TWidth.Vectors > 3) s3 = Load(rows, 3);
            if (TWidth.Vectors > 4) s4 = Load(rows, 4);
            if (TWidth.Vectors > 5) s5 = Load(rows, 5);
            if (TWidth.Vectors > 6) s6 = Load(rows, 6);
            if (TWidth.Vectors > 7) s7 = Load(rows, 7);
            if (TWidth.Vectors > 8) s8 = Load(rows, 8);
            if (TWidth.Vectors > 9) s9 = Load(rows, 9);
            if (TWidth.Vectors > 10) s10 = Load(rows, 10);
            if (TWidth.Vectors > 11) s11 = Load(rows, 11);
            if (TWidth.Vectors > 12) s12 = Load(rows, 12);
            while (mask != 0)
            {
                nint n = BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                TVector x = TSimd.Broadcast(intensity[pixels[n * PixelChunks.MaxPixels]]);
                float* row = deltas + n * stride;
                s0 = TSimd.MultiplyAdd(x, Load(row, 0), s0);
                if (TWidth.Vectors > 1) s1 = TSimd.MultiplyAdd(x, Load(row, 1), s1);
                if (TWidth.Vectors > 2) s2 = TSimd.MultiplyAdd(x, Load(row, 2), s2);
                if (TWidth.Vectors > 3) s3 = TSimd.MultiplyAdd(x, Load(row, 3), s3);
                if (TWidth.Vectors > 4) s4 = TSimd.MultiplyAdd(x, Load(row, 4), s4);
                if (TWidth.Vectors > 5) s5 = TSimd.MultiplyAdd(x, Load(row, 5), s5);
                if (TWidth.Vectors > 6) s6 = TSimd.MultiplyAdd(x, Load(row, 6), s6);
                if (TWidth.Vectors > 7) s7 = TSimd.MultiplyAdd(x, Load(row, 7), s7);
                if (TWidth.Vectors > 8) s8 = TSimd.MultiplyAdd(x, Load(row, 8), s8);
                if (TWidth.Vectors > 9) s9 = TSimd.MultiplyAdd(x, Load(row, 9), s9);
                if (TWidth.Vectors > 10) s10 = TSimd.MultiplyAdd(x, Load(row, 10), s10);
                if (TWidth.Vectors > 11) s11 = TSimd.MultiplyAdd(x, Load(row, 11), s11);
                if (TWidth.Vectors > 12) s12 = TSimd.MultiplyAdd(x, Load(row, 12), s12);
            }
            Store(rows, 0, s0);
            if (TWidth.Vectors > 1) Store(rows, 1, s1);
            if (TWidth.Vectors > 2) Store(rows, 2, s2);
            if (TWidth.Vectors > 3) Store(rows, 3, s3);
            if (TWidth.Vectors > 4) Store(rows, 4, s4);
            if (TWidth.Vectors > 5) Store(rows, 5, s5);
            if (TWidth.Vectors > 6) Store(rows, 6, s6);
            if (TWidth.Vectors > 7) Store(rows, 7, s7);
            if (TWidth.Vectors > 8) Store(rows, 8, s8);
            if (TWidth.Vectors > 9) Store(rows, 9, s9);
            if (TWidth.Vectors > 10) Store(rows, 10, s10);
            if (TWidth.Vectors > 11) Store(rows, 11, s11);
            if (TWidth.Vectors > 12) Store(rows, 12, s12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load(float* row, int vector) => TSimd.Load(row + vector * TSimd.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, int vector, TVector value) => TSimd.Store(row + vector * TSimd.Lanes, value);
}
