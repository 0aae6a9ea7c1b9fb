using System.Numerics;
using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The loop in which nearly all of the time is spent: to each target it adds pixel n · row n for every bit n set in the
/// target's mask. Forward, a target is an image's hidden units and the rows are those of W1 under its lit pixels; in the
/// update a target is a pixel's row of W1 and the rows are the deltas of the images that light it.
/// </summary>
/// <remarks>
/// A target stays in registers while rows are added to it, so a row costs one load and one multiply-add per vector. The
/// loops are written out in full because everything they use must stay in registers: one variable on the stack costs a third
/// of the time.
/// </remarks>
internal readonly unsafe ref struct MaskedRowSum(
    float* targets, nint targetStride, int targetCount, float* rows, nint rowStride, ulong* masks, byte* pixels)
{
    /// <summary>
    /// What the 64 rows of a chunk may take of the L1 data cache. Many caches have no more than this, but rows that hardly any
    /// image selects (at least 11 of 64 in MNIST) leave room for what streams through: targets, masks and pixels.
    /// </summary>
    private const int L1Bytes = 32 << 10;

    /// <summary>
    /// The maximum number of vectors per row, for vectors of this many floats. 64 rows fit in the L1 cache, and two targets in
    /// the registers (32 with AVX-512 and 16 without), next to two pixels and a vector of the row. With fewer,
    /// loading the pixels would cost more.
    /// </summary>
    public static int MaxVectors(int lanes) => Math.Min(L1Bytes / 64 / sizeof(float) / lanes, lanes == 16 ? 14 : 6);

    public readonly float* Targets = targets, Rows = rows;
    public readonly nint TargetStride = targetStride, TargetCount = targetCount, RowStride = rowStride;

    /// <summary>A mask for each target. One more is read, but not used.</summary>
    public readonly ulong* Masks = masks;

    /// <summary>A chunk's, image by image.</summary>
    public readonly byte* Pixels = pixels;

    /// <summary>
    /// Adds up rows of 1 to <see cref="MaxVectors"/> vectors: forward, or for the update, which takes two targets at a time, as
    /// neighbouring pixels have nearly the same mask.
    /// </summary>
    public void Add<TVector>(int vectors, bool isUpdate)
        where TVector : struct, ISimd<TVector>
    {
        switch (vectors)
        {
            case 1: Add<TVector, Width1>(isUpdate); break;
            case 2: Add<TVector, Width2>(isUpdate); break;
            case 3: Add<TVector, Width3>(isUpdate); break;
            case 4: Add<TVector, Width4>(isUpdate); break;
            case 5: Add<TVector, Width5>(isUpdate); break;
            case 6: Add<TVector, Width6>(isUpdate); break;
            case 7: Add<TVector, Width7>(isUpdate); break;
            case 8: Add<TVector, Width8>(isUpdate); break;
        }
    }

    private void Add<TVector, TWidth>(bool isUpdate)
        where TVector : struct, ISimd<TVector>
        where TWidth : struct, IWidth
    {
        if (isUpdate)
            LitRowsKernel<TVector, TWidth>.Update(in this);
        else
            LitRowsKernel<TVector, TWidth>.SumUp(in this);
    }
}

/// <summary>The loops for rows of one width; the JIT drops the lines for vectors beyond it.</summary>
internal static unsafe class LitRowsKernel<TVector, TWidth>
    where TVector : struct, ISimd<TVector>
    where TWidth : struct, IWidth
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void SumUp(in MaskedRowSum work)
    {
        float* target = work.Targets, rows = work.Rows, intensity = PixelChunks.Intensity;
        ulong* masks = work.Masks, end = masks + work.TargetCount;
        byte* pixels = work.Pixels;
        nint targetStride = work.TargetStride, rowStride = work.RowStride;
        // Read one ahead: the CPU mispredicts the end of a mask, and then need not wait for the next one.
        ulong nextMask = *masks;
        for (; masks < end; target += targetStride, pixels += PixelChunks.ImageStride)
        {
            ulong mask = nextMask;
            nextMask = *++masks;
            if (mask == 0)
                continue;
            TVector s0 = TVector.Load(target), s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            if (TWidth.Vectors > 1) s1 = TVector.Load(target + TVector.Lanes);
            if (TWidth.Vectors > 2) s2 = TVector.Load(target + 2 * TVector.Lanes);
            if (TWidth.Vectors > 3) s3 = TVector.Load(target + 3 * TVector.Lanes);
            if (TWidth.Vectors > 4) s4 = TVector.Load(target + 4 * TVector.Lanes);
            if (TWidth.Vectors > 5) s5 = TVector.Load(target + 5 * TVector.Lanes);
            if (TWidth.Vectors > 6) s6 = TVector.Load(target + 6 * TVector.Lanes);
            if (TWidth.Vectors > 7) s7 = TVector.Load(target + 7 * TVector.Lanes);
            while (mask != 0)
            {
                nint n = (nint)ulong.TrailingZeroCount(mask);
                mask &= mask - 1;
                TVector x = TVector.Broadcast(intensity[pixels[n]]);
                float* row = rows + n * rowStride;
                s0 = TVector.MultiplyAdd(x, row, 0, s0);
                if (TWidth.Vectors > 1) s1 = TVector.MultiplyAdd(x, row, TVector.Lanes, s1);
                if (TWidth.Vectors > 2) s2 = TVector.MultiplyAdd(x, row, 2 * TVector.Lanes, s2);
                if (TWidth.Vectors > 3) s3 = TVector.MultiplyAdd(x, row, 3 * TVector.Lanes, s3);
                if (TWidth.Vectors > 4) s4 = TVector.MultiplyAdd(x, row, 4 * TVector.Lanes, s4);
                if (TWidth.Vectors > 5) s5 = TVector.MultiplyAdd(x, row, 5 * TVector.Lanes, s5);
                if (TWidth.Vectors > 6) s6 = TVector.MultiplyAdd(x, row, 6 * TVector.Lanes, s6);
                if (TWidth.Vectors > 7) s7 = TVector.MultiplyAdd(x, row, 7 * TVector.Lanes, s7);
            }
            TVector.Store(target, s0);
            if (TWidth.Vectors > 1) TVector.Store(target + TVector.Lanes, s1);
            if (TWidth.Vectors > 2) TVector.Store(target + 2 * TVector.Lanes, s2);
            if (TWidth.Vectors > 3) TVector.Store(target + 3 * TVector.Lanes, s3);
            if (TWidth.Vectors > 4) TVector.Store(target + 4 * TVector.Lanes, s4);
            if (TWidth.Vectors > 5) TVector.Store(target + 5 * TVector.Lanes, s5);
            if (TWidth.Vectors > 6) TVector.Store(target + 6 * TVector.Lanes, s6);
            if (TWidth.Vectors > 7) TVector.Store(target + 7 * TVector.Lanes, s7);
        }
    }

    /// <summary>
    /// Two targets at a time: each row is loaded once for both, and half as many loop ends are mispredicted. If one of the two
    /// pixels is dark, 0 times the row is added, which changes nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Update(in MaskedRowSum work)
    {
        float* target = work.Targets, rows = work.Rows, intensity = PixelChunks.Intensity;
        ulong* masks = work.Masks, end = masks + work.TargetCount;
        byte* pixels = work.Pixels;
        nint targetStride = work.TargetStride, rowStride = work.RowStride;
        for (; masks < end; masks += 2, target += 2 * targetStride, pixels += 2)
        {
            ulong mask = masks[0] | masks[1];
            if (mask == 0)
                continue;
            float* other = target + targetStride;
            TVector s0 = TVector.Load(target), t0 = TVector.Load(other);
            TVector s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            TVector t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default, t7 = default;
            if (TWidth.Vectors > 1) s1 = TVector.Load(target + TVector.Lanes);
            if (TWidth.Vectors > 1) t1 = TVector.Load(other + TVector.Lanes);
            if (TWidth.Vectors > 2) s2 = TVector.Load(target + 2 * TVector.Lanes);
            if (TWidth.Vectors > 2) t2 = TVector.Load(other + 2 * TVector.Lanes);
            if (TWidth.Vectors > 3) s3 = TVector.Load(target + 3 * TVector.Lanes);
            if (TWidth.Vectors > 3) t3 = TVector.Load(other + 3 * TVector.Lanes);
            if (TWidth.Vectors > 4) s4 = TVector.Load(target + 4 * TVector.Lanes);
            if (TWidth.Vectors > 4) t4 = TVector.Load(other + 4 * TVector.Lanes);
            if (TWidth.Vectors > 5) s5 = TVector.Load(target + 5 * TVector.Lanes);
            if (TWidth.Vectors > 6) s6 = TVector.Load(target + 6 * TVector.Lanes);
            if (TWidth.Vectors > 7) s7 = TVector.Load(target + 7 * TVector.Lanes);
            if (TWidth.Vectors > 5) t5 = TVector.Load(other + 5 * TVector.Lanes);
            if (TWidth.Vectors > 6) t6 = TVector.Load(other + 6 * TVector.Lanes);
            if (TWidth.Vectors > 7) t7 = TVector.Load(other + 7 * TVector.Lanes);
            while (mask != 0)
            {
                nint n = (nint)ulong.TrailingZeroCount(mask);
                mask &= mask - 1;
                byte* pixel = pixels + n * PixelChunks.ImageStride;
                TVector x = TVector.Broadcast(intensity[pixel[0]]), y = TVector.Broadcast(intensity[pixel[1]]);
                float* row = rows + n * rowStride;
                Add(x, y, TVector.Load(row), ref s0, ref t0);
                if (TWidth.Vectors > 1) Add(x, y, TVector.Load(row + TVector.Lanes), ref s1, ref t1);
                if (TWidth.Vectors > 2) Add(x, y, TVector.Load(row + 2 * TVector.Lanes), ref s2, ref t2);
                if (TWidth.Vectors > 3) Add(x, y, TVector.Load(row + 3 * TVector.Lanes), ref s3, ref t3);
                if (TWidth.Vectors > 4) Add(x, y, TVector.Load(row + 4 * TVector.Lanes), ref s4, ref t4);
                if (TWidth.Vectors > 5) Add(x, y, TVector.Load(row + 5 * TVector.Lanes), ref s5, ref t5);
                if (TWidth.Vectors > 6) Add(x, y, TVector.Load(row + 6 * TVector.Lanes), ref s6, ref t6);
                if (TWidth.Vectors > 7) Add(x, y, TVector.Load(row + 7 * TVector.Lanes), ref s7, ref t7);
            }
            TVector.Store(target, s0);
            if (TWidth.Vectors > 1) TVector.Store(target + TVector.Lanes, s1);
            if (TWidth.Vectors > 2) TVector.Store(target + 2 * TVector.Lanes, s2);
            if (TWidth.Vectors > 3) TVector.Store(target + 3 * TVector.Lanes, s3);
            if (TWidth.Vectors > 4) TVector.Store(target + 4 * TVector.Lanes, s4);
            if (TWidth.Vectors > 5) TVector.Store(target + 5 * TVector.Lanes, s5);
            if (TWidth.Vectors > 6) TVector.Store(target + 6 * TVector.Lanes, s6);
            if (TWidth.Vectors > 7) TVector.Store(target + 7 * TVector.Lanes, s7);
            TVector.Store(other, t0);
            if (TWidth.Vectors > 1) TVector.Store(other + TVector.Lanes, t1);
            if (TWidth.Vectors > 2) TVector.Store(other + 2 * TVector.Lanes, t2);
            if (TWidth.Vectors > 3) TVector.Store(other + 3 * TVector.Lanes, t3);
            if (TWidth.Vectors > 4) TVector.Store(other + 4 * TVector.Lanes, t4);
            if (TWidth.Vectors > 5) TVector.Store(other + 5 * TVector.Lanes, t5);
            if (TWidth.Vectors > 6) TVector.Store(other + 6 * TVector.Lanes, t6);
            if (TWidth.Vectors > 7) TVector.Store(other + 7 * TVector.Lanes, t7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector x, TVector y, TVector row, ref TVector s, ref TVector t)
    {
        s = TVector.MultiplyAdd(x, row, s);
        t = TVector.MultiplyAdd(y, row, t);
    }
}

/// <summary>A number of vectors as a type, so that the JIT compiles the loops for exactly that many.</summary>
internal interface IWidth
{
    static abstract int Vectors { get; }
}

internal readonly struct Width1 : IWidth { public static int Vectors => 1; }
internal readonly struct Width2 : IWidth { public static int Vectors => 2; }
internal readonly struct Width3 : IWidth { public static int Vectors => 3; }
internal readonly struct Width4 : IWidth { public static int Vectors => 4; }
internal readonly struct Width5 : IWidth { public static int Vectors => 5; }
internal readonly struct Width6 : IWidth { public static int Vectors => 6; }
internal readonly struct Width7 : IWidth { public static int Vectors => 7; }
internal readonly struct Width8 : IWidth { public static int Vectors => 8; }
