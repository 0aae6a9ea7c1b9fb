using ILGPU;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation.Kernels;

/// <summary>Views, references, calls, and the order of evaluation: each thread has two numbers and 16 results.</summary>
public static class MemoryKernels
{
    public static void Views(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        ArrayView<int> mine = results.SubView(i * 16, 16);
        mine[0] = a[i];
        mine[1L] = b[(long)i];
        mine[new Index1D(2)] = mine.IntLength;
        mine[3] = (int)(a.Length - i);
        ArrayView<int> rest = mine.SubView(4L);
        rest[0] = (int)rest.Length;
        rest[1] = rest.SubView(2L, 3).IntLength + (int)rest.LengthInBytes;

        // The same local is two views, one after the other.
        ArrayView<int> one = a;
        if ((a[i] & 1) == 1)
            one = b;
        rest[2] = one[i];
        one = rest.SubView(3, 4);
        one[0] = Last(one) + Last(mine.SubView(0, 3));
        Swapped(a, b, i, rest.SubView(4, 2));
        rest[6] = a.IsValid ? 1 : 0;
        rest[7] = Sum(a.SubView(i, 1)) + Sum(mine);
    }

    /// <summary>Sums that are an index only with their last, constant term: before it they may be negative.</summary>
    public static void Neighbours(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int before = i * 16 - 16;
        for (int k = 0; k < 8; k++)
            results[before + k + 16] = a[i] + k;
        results[before + 24] = b[i];
        results[before + 25] -= b[i];
        int first = i * 16 + int.MinValue;
        results[first - 10 + int.MaxValue + 21] = 1;
        results[first + int.MaxValue + 12] = results[before + 16] + results[before + 17];
    }

    public static void References(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int to = i * 16;
        ref int first = ref results[to];
        first = a[i];
        first += b[i];
        first++;
        results[to + 1] = first;
        ref int moving = ref results[to + 2];
        moving = 5;
        moving = ref results[to + 3];
        moving -= 7;
        results[to + 4] = results[to + 3]++;
        results[to + 5] = ++results[to + 3];
        results[to + 6] += a[i];
        results[to + 6] <<= 2;
        int local = a[i];
        AddTo(ref local, b[i]);
        results[to + 7] = local;
        AddTo(ref results[to + 8], local);
        Split(a[i], out int high, out results[to + 9]);
        results[to + 10] = high;
        int kept = local;
        results[to + 11] = local + Increased(ref local) + local + kept;
        ref int own = ref local;
        own = 3;
        results[to + 12] = local;
    }

    public static void EvaluationOrder(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        ArrayView<int> r = results.SubView(i * 16, 16);
        int x = a[i];
        r[0] = 1;
        int before = r[0];
        r[0] = x;
        r[1] = before + r[0];
        int k = 2;
        r[k++] = k;
        r[k] = k++ + ++k;
        k = 4;
        r[k] = k + (k = 6) + k;
        r[5] = r[0] + Put(r, 0, 7) + r[0];
        r[7] = Put(r, 6, 1) * 100 + Put(r, 6, 2) * 10 + r[6];
        r[8] = x > 0 ? Put(r, 9, 3) : Put(r, 9, 4);
        r[10] = r[9] + (x > 5 ? Put(r, 9, 5) : 2) + r[9];
        if (x > 3 && Put(r, 11, 6) > 0)
            r[12] = 1;
        int y = x;
        y = y + (y = b[i]) * y;
        r[13] = y;
        r[14] = r[15] = Put(r, 11, 8) + 1;
    }

    public static void Calls(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i];
        int y = b[i];
        ArrayView<int> r = results.SubView(i * 16, 16);
        r[0] = Twice(Twice(x)) + Twice(y);
        r[1] = Both(x > 0, y > 0) ? 1 : 0;
        r[2] = (int)(Wide(x, y) >> 16);
        r[3] = Narrow((byte)x, (sbyte)y);
        Fill(r.SubView(4, 3), x);
        Changed(x, r);
        r[8] = Of(new Index2D(x, y)) + new Index3D(x, y, 3).Z;
        r[9] = (int)Half(x);
    }

    public static void Indices(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        ArrayView<int> r = results.SubView(i * 16, 16);
        Index1D j = i + 1;
        r[0] = j - i * 2;
        r[1] = j.X + j.Size;
        var two = new Index2D(a[i], b[i]);
        r[2] = two.X;
        r[3] = two.Y;
        r[4] = two.Size;
        r[5] = (int)(two.LongSize >> 20);
        var three = new Index3D(1, i, 3);
        if (a[i] > 0)
            three = new Index3D(4, 5, a[i]);
        r[6] = three.X + (10 * three.Y) + (100 * three.Z);
        r[7] = two == new Index2D(b[i], a[i]) ? 1 : 0;
        r[8] = j == new Index1D(5) ? 1 : 0;
        LongIndex1D wide = j;
        r[9] = (int)(wide.X * 2);
        r[10] = Of(two);
        Index2D cleared = default;
        r[11] = cleared.X + (j != 3 ? 1 : 0);
    }

    public static void Types(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        ArrayView<int> r = results.SubView(i * 16, 16);
        sbyte s8 = (sbyte)a[i];
        byte u8 = (byte)a[i];
        short s16 = (short)a[i];
        ushort u16 = (ushort)a[i];
        uint u32 = (uint)a[i];
        ulong u64 = u32 * 5UL;
        long s64 = s8 * 5L;
        bool flag = s8 > 0;
        s8--;
        u16 += 3;
        flag &= u16 > 7;
        r[0] = s8 + u8 + s16 + u16;
        r[1] = (int)(u64 >> 3);
        r[2] = (int)s64;
        r[3] = flag ? 1 : 0;
        r[4] = s8 * u8;
        r[5] = (int)((float)u32 / 65536f);
        r[6] = (int)(u64 / 7);
        r[7] = u64 > 1000 ? 1 : 0;
        r[8] = s8 < u16 ? 1 : 0;
        r[9] = -u8 >> 1;
    }

    private static int Last(ArrayView<int> view) => view[view.IntLength - 1];

    private static int Sum(ArrayView<int> view)
    {
        int sum = 0;
        for (int k = 0; k < view.Length; k++)
            sum += view[k];
        return sum;
    }

    private static void Swapped(ArrayView<int> one, ArrayView<int> other, int i, ArrayView<int> to)
    {
        for (int k = 0; k < 2; k++)
        {
            to[k] = one[i];
            (one, other) = (other, one);
        }
    }

    private static void AddTo(ref int target, int value) => target += value;

    private static void Split(int value, out int high, out int low)
    {
        high = value >> 16;
        low = value & 0xFFFF;
    }

    private static int Increased(ref int value) => ++value;

    private static int Put(ArrayView<int> view, int index, int value)
    {
        view[index] = value;
        return value + 20;
    }

    private static int Twice(int x) => 2 * x;

    private static bool Both(bool one, bool other) => one && other;

    private static long Wide(int x, long y) => x * y;

    private static int Narrow(byte x, sbyte y) => x - y;

    private static void Fill(ArrayView<int> view, int value)
    {
        for (int k = 0; k < view.IntLength; k++)
            view[k] = value + k;
    }

    private static void Changed(int value, ArrayView<int> to)
    {
        value = (value / 2) + 1;
        to = to.SubView(7L);
        to[0] = value;
    }

    private static int Of(Index2D index) => index.X - index.Y;

    private static float Half(float x) => x / 2;
}
