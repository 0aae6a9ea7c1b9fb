using System.Numerics;
using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The heart of the engine: adds up rows of floats, each times a pixel, and touches no row whose pixel is 0. To each target
/// it adds pixel n · row n for every bit n of the target's mask. Forward, a target is an image's hidden units and the
/// rows are those of W1 under its lit pixels; in the update a target is a pixel's row of W1 and the rows are the deltas
/// of the images that light it.
/// </summary>
/// <remarks>
/// It is fast because a target stays in registers while rows are added to it, so that a row costs one load and one
/// multiply-add a vector, and because of the mask: the next lit pixel is one instruction away (count trailing zeros), and
/// no branch depends on a single pixel. The loops are written out in full because all that they use must stay in
/// registers: one variable on the stack costs a third of the time.
/// </remarks>
internal readonly unsafe ref struct LitRows
{
    /// <summary>The most vectors in a row: they must fit in the 16 registers of AVX2 beside the factor.</summary>
    public const int MaxVectors = 13;

    /// <summary>byte / 255 for every byte.</summary>
    private static readonly AlignedBuffer<float> s_intensity = Intensities();

    public float* Targets { get; init; }
    public nint TargetStride { get; init; }
    public int TargetCount { get; init; }
    public float* Rows { get; init; }
    public nint RowStride { get; init; }

    /// <summary>A mask for each target. One more is read, whatever it is.</summary>
    public ulong* Masks { get; init; }

    /// <summary>The pixel of the first target and the first row; and how far it is from there to the next target's and row's.</summary>
    public byte* Pixels { get; init; }
    public nint PixelTargetStride { get; init; }
    public nint PixelRowStride { get; init; }

    /// <summary>
    /// Adds up rows of 1 to <see cref="MaxVectors"/> vectors. In pairs, it takes two targets at a time, where they fit in the
    /// registers: good for an even number of targets whose neighbours have nearly the same mask.
    /// </summary>
    public void Add<TVector>(int vectors, bool inPairs)
        where TVector : struct, ISimd<TVector>
    {
        switch (vectors)
        {
            case 1: Add<TVector, Width1>(inPairs); break;
            case 2: Add<TVector, Width2>(inPairs); break;
            case 3: Add<TVector, Width3>(inPairs); break;
            case 4: Add<TVector, Width4>(inPairs); break;
            case 5: Add<TVector, Width5>(inPairs); break;
            case 6: Add<TVector, Width6>(inPairs); break;
            case 7: Add<TVector, Width7>(inPairs); break;
            case 8: Add<TVector, Width8>(inPairs); break;
            case 9: Add<TVector, Width9>(inPairs); break;
            case 10: Add<TVector, Width10>(inPairs); break;
            case 11: Add<TVector, Width11>(inPairs); break;
            case 12: Add<TVector, Width12>(inPairs); break;
            case 13: Add<TVector, Width13>(inPairs); break;
        }
    }

    private void Add<TVector, TWidth>(bool inPairs)
        where TVector : struct, ISimd<TVector>
        where TWidth : struct, IWidth
    {
        // Beside two targets there are two factors and a vector of the row.
        if (inPairs && TWidth.Vectors <= 7 && 2 * TWidth.Vectors + 3 <= TVector.Registers)
            LitRowsKernel<TVector, TWidth>.AddInPairs(in this, s_intensity.Pointer);
        else
            LitRowsKernel<TVector, TWidth>.Add(in this, s_intensity.Pointer);
    }

    private static AlignedBuffer<float> Intensities()
    {
        var intensities = new AlignedBuffer<float>(256);
        for (int b = 0; b < 256; b++)
            intensities.Pointer[b] = b / 255f;
        return intensities;
    }
}

/// <summary>The loops for rows of one width: the JIT drops the lines of the vectors that are not there.</summary>
internal static unsafe class LitRowsKernel<TVector, TWidth>
    where TVector : struct, ISimd<TVector>
    where TWidth : struct, IWidth
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add(in LitRows work, float* intensity)
    {
        float* target = work.Targets, rows = work.Rows;
        ulong* masks = work.Masks, end = masks + work.TargetCount;
        byte* pixels = work.Pixels;
        nint targetStride = work.TargetStride, rowStride = work.RowStride;
        nint pixelTargetStride = work.PixelTargetStride, pixelRowStride = work.PixelRowStride;
        // Read one ahead: the CPU mispredicts where a mask ends, and then need not wait for the next one.
        ulong nextMask = *masks;
        for (; masks < end; target += targetStride, pixels += pixelTargetStride)
        {
            ulong mask = nextMask;
            nextMask = *++masks;
            if (mask == 0)
                continue;
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default;
            TVector s7 = default, s8 = default, s9 = default, s10 = default, s11 = default, s12 = default;
            s0 = Load(target, 0);
            if (TWidth.Vectors > 1) s1 = Load(target, 1);
            if (TWidth.Vectors > 2) s2 = Load(target, 2);
            if (TWidth.Vectors > 3) s3 = Load(target, 3);
            if (TWidth.Vectors > 4) s4 = Load(target, 4);
            if (TWidth.Vectors > 5) s5 = Load(target, 5);
            if (TWidth.Vectors > 6) s6 = Load(target, 6);
            if (TWidth.Vectors > 7) s7 = Load(target, 7);
            if (TWidth.Vectors > 8) s8 = Load(target, 8);
            if (TWidth.Vectors > 9) s9 = Load(target, 9);
            if (TWidth.Vectors > 10) s10 = Load(target, 10);
            if (TWidth.Vectors > 11) s11 = Load(target, 11);
            if (TWidth.Vectors > 12) s12 = Load(target, 12);
            while (mask != 0)
            {
                nint n = BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                TVector x = TVector.Broadcast(intensity[pixels[n * pixelRowStride]]);
                float* row = rows + n * rowStride;
                s0 = MultiplyAdd(x, row, 0, s0);
                if (TWidth.Vectors > 1) s1 = MultiplyAdd(x, row, 1, s1);
                if (TWidth.Vectors > 2) s2 = MultiplyAdd(x, row, 2, s2);
                if (TWidth.Vectors > 3) s3 = MultiplyAdd(x, row, 3, s3);
                if (TWidth.Vectors > 4) s4 = MultiplyAdd(x, row, 4, s4);
                if (TWidth.Vectors > 5) s5 = MultiplyAdd(x, row, 5, s5);
                if (TWidth.Vectors > 6) s6 = MultiplyAdd(x, row, 6, s6);
                if (TWidth.Vectors > 7) s7 = MultiplyAdd(x, row, 7, s7);
                if (TWidth.Vectors > 8) s8 = MultiplyAdd(x, row, 8, s8);
                if (TWidth.Vectors > 9) s9 = MultiplyAdd(x, row, 9, s9);
                if (TWidth.Vectors > 10) s10 = MultiplyAdd(x, row, 10, s10);
                if (TWidth.Vectors > 11) s11 = MultiplyAdd(x, row, 11, s11);
                if (TWidth.Vectors > 12) s12 = MultiplyAdd(x, row, 12, s12);
            }
            Store(target, 0, s0);
            if (TWidth.Vectors > 1) Store(target, 1, s1);
            if (TWidth.Vectors > 2) Store(target, 2, s2);
            if (TWidth.Vectors > 3) Store(target, 3, s3);
            if (TWidth.Vectors > 4) Store(target, 4, s4);
            if (TWidth.Vectors > 5) Store(target, 5, s5);
            if (TWidth.Vectors > 6) Store(target, 6, s6);
            if (TWidth.Vectors > 7) Store(target, 7, s7);
            if (TWidth.Vectors > 8) Store(target, 8, s8);
            if (TWidth.Vectors > 9) Store(target, 9, s9);
            if (TWidth.Vectors > 10) Store(target, 10, s10);
            if (TWidth.Vectors > 11) Store(target, 11, s11);
            if (TWidth.Vectors > 12) Store(target, 12, s12);
        }
    }

    /// <summary>
    /// Two targets at a time, each row loaded once for both, and half as many loops whose end is mispredicted. Where one of
    /// the two pixels is dark, 0 times the row is added, which changes nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddInPairs(in LitRows work, float* intensity)
    {
        float* target = work.Targets, rows = work.Rows;
        ulong* masks = work.Masks, end = masks + work.TargetCount;
        byte* pixels = work.Pixels;
        nint targetStride = work.TargetStride, rowStride = work.RowStride;
        nint pixelTargetStride = work.PixelTargetStride, pixelRowStride = work.PixelRowStride;
        for (; masks < end; masks += 2, target += 2 * targetStride, pixels += 2 * pixelTargetStride)
        {
            ulong mask = masks[0] | masks[1];
            if (mask == 0)
                continue;
            float* other = target + targetStride;
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default;
            TVector t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default;
            (s0, t0) = (Load(target, 0), Load(other, 0));
            if (TWidth.Vectors > 1) (s1, t1) = (Load(target, 1), Load(other, 1));
            if (TWidth.Vectors > 2) (s2, t2) = (Load(target, 2), Load(other, 2));
            if (TWidth.Vectors > 3) (s3, t3) = (Load(target, 3), Load(other, 3));
            if (TWidth.Vectors > 4) (s4, t4) = (Load(target, 4), Load(other, 4));
            if (TWidth.Vectors > 5) (s5, t5) = (Load(target, 5), Load(other, 5));
            if (TWidth.Vectors > 6) (s6, t6) = (Load(target, 6), Load(other, 6));
            while (mask != 0)
            {
                nint n = BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                TVector x = TVector.Broadcast(intensity[pixels[n * pixelRowStride]]);
                TVector y = TVector.Broadcast(intensity[pixels[n * pixelRowStride + pixelTargetStride]]);
                float* row = rows + n * rowStride;
                Add(x, y, Load(row, 0), ref s0, ref t0);
                if (TWidth.Vectors > 1) Add(x, y, Load(row, 1), ref s1, ref t1);
                if (TWidth.Vectors > 2) Add(x, y, Load(row, 2), ref s2, ref t2);
                if (TWidth.Vectors > 3) Add(x, y, Load(row, 3), ref s3, ref t3);
                if (TWidth.Vectors > 4) Add(x, y, Load(row, 4), ref s4, ref t4);
                if (TWidth.Vectors > 5) Add(x, y, Load(row, 5), ref s5, ref t5);
                if (TWidth.Vectors > 6) Add(x, y, Load(row, 6), ref s6, ref t6);
            }
            Store(target, 0, s0);
            if (TWidth.Vectors > 1) Store(target, 1, s1);
            if (TWidth.Vectors > 2) Store(target, 2, s2);
            if (TWidth.Vectors > 3) Store(target, 3, s3);
            if (TWidth.Vectors > 4) Store(target, 4, s4);
            if (TWidth.Vectors > 5) Store(target, 5, s5);
            if (TWidth.Vectors > 6) Store(target, 6, s6);
            Store(other, 0, t0);
            if (TWidth.Vectors > 1) Store(other, 1, t1);
            if (TWidth.Vectors > 2) Store(other, 2, t2);
            if (TWidth.Vectors > 3) Store(other, 3, t3);
            if (TWidth.Vectors > 4) Store(other, 4, t4);
            if (TWidth.Vectors > 5) Store(other, 5, t5);
            if (TWidth.Vectors > 6) Store(other, 6, t6);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector x, TVector y, TVector row, ref TVector s, ref TVector t)
    {
        s = TVector.MultiplyAdd(x, row, s);
        t = TVector.MultiplyAdd(y, row, t);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector MultiplyAdd(TVector x, float* row, int vector, TVector s) =>
        TVector.MultiplyAdd(x, row + vector * TVector.Lanes, s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load(float* row, int vector) => TVector.Load(row + vector * TVector.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, int vector, TVector value) => TVector.Store(row + vector * TVector.Lanes, value);
}

/// <summary>A number of vectors as a type, so that the JIT compiles the loops for just that many.</summary>
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
internal readonly struct Width9 : IWidth { public static int Vectors => 9; }
internal readonly struct Width10 : IWidth { public static int Vectors => 10; }
internal readonly struct Width11 : IWidth { public static int Vectors => 11; }
internal readonly struct Width12 : IWidth { public static int Vectors => 12; }
internal readonly struct Width13 : IWidth { public static int Vectors => 13; }
