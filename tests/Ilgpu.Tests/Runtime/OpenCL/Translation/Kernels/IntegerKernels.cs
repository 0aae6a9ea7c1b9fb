using ILGPU;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation.Kernels;

/// <summary>Arithmetic of integers: each thread has two numbers and writes 16 results.</summary>
public static class IntegerKernels
{
    public static void SumsAndProducts(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i];
        int y = b[i];
        int to = i * 16;
        results[to] = x + y;
        results[to + 1] = x - y;
        results[to + 2] = x * y;
        results[to + 3] = -x;
        results[to + 4] = (x * 31) + (y * -17) - 5;
        results[to + 5] = (x - (y - 3)) * (x + 1);

        // Overflow must not be taken as impossible.
        results[to + 6] = x + 1 > x ? 1 : 0;
        results[to + 7] = x - 1 < y ? 1 : 0;
        results[to + 8] = x * 2 / 2;
        int sum = x;
        sum += y;
        sum -= 7;
        sum *= x;
        results[to + 9] = sum++;
        results[to + 10] = --sum;
        results[to + 11] = -(-x);
        results[to + 12] = int.MinValue + x;
        results[to + 13] = x - -2147483647;
        results[to + 14] = ~x * ~y;
        results[to + 15] = (x + y) + (x - y) - (x + x);
    }

    public static void Quotients(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i];
        int y = b[i];
        if (y == 0 || (x == int.MinValue && y == -1))
            y = 3;
        int to = i * 16;
        results[to] = x / y;
        results[to + 1] = x % y;
        results[to + 2] = x / 7;
        results[to + 3] = x % 7;
        results[to + 4] = x / 8;
        results[to + 5] = x % 8;
        results[to + 6] = (int)((uint)x / (uint)y);
        results[to + 7] = (int)((uint)x % (uint)y);
        results[to + 8] = (int)((uint)x / 3);
        results[to + 9] = (x + 5) / 2;
        results[to + 10] = (x - y) % 10;
        int quotient = x;
        quotient /= y;
        results[to + 11] = quotient;
        quotient %= 5;
        results[to + 12] = quotient;
    }

    public static void Bits(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i];
        int y = b[i];
        int to = i * 16;
        results[to] = x & y;
        results[to + 1] = x | y;
        results[to + 2] = x ^ y;
        results[to + 3] = ~x;
        results[to + 4] = x << y;
        results[to + 5] = x >> y;
        results[to + 6] = x >>> y;
        results[to + 7] = (int)((uint)x >> 5);
        results[to + 8] = x << 31;
        results[to + 9] = (x & 0xFF) << 8 | (y >> 24);
        results[to + 10] = ((x + y) ^ (x - y)) & ~(x * 3);
        int bits = x;
        bits <<= 3;
        bits |= y;
        bits &= 0x0FFFFFF0;
        bits ^= x;
        bits >>= 1;
        results[to + 11] = bits;
        results[to + 12] = (x + y) >> 4;
        results[to + 13] = 1 << (x & 7);
    }

    public static void Comparisons(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i];
        int y = b[i];
        uint u = (uint)x;
        uint v = (uint)y;
        int to = i * 16;
        results[to] = x < y ? 1 : 0;
        results[to + 1] = x <= y ? 10 : 20;
        results[to + 2] = x > y ? x : y;
        results[to + 3] = x >= y ? x : y;
        results[to + 4] = x == y ? 1 : 2;
        results[to + 5] = x != y ? 1 : 2;
        results[to + 6] = u < v ? 1 : 2;
        results[to + 7] = u <= v ? 1 : 2;
        results[to + 8] = u > v ? 1 : 2;
        results[to + 9] = u >= v ? 1 : 2;
        bool less = x < y;
        bool small = u < 1000;
        bool either = less || small;
        results[to + 10] = either ? 1 : 0;
        results[to + 11] = less && !small ? 3 : 4;
        results[to + 12] = less ^ small ? 5 : 6;
        results[to + 13] = less == (y > 3) ? 7 : 8;
        results[to + 14] = (less & small) | x == 7 ? 9 : 10;
        either = x > 5;
        results[to + 15] = !either ? 11 : 12;
    }

    public static void Conversions(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i];
        int y = b[i];
        int to = i * 16;
        results[to] = (byte)x;
        results[to + 1] = (sbyte)x;
        results[to + 2] = (short)x;
        results[to + 3] = (ushort)x;
        long product = (long)x * y;
        results[to + 4] = (int)product;
        results[to + 5] = (int)(product >> 32);
        results[to + 6] = (int)((ulong)product >> 33);
        results[to + 7] = (int)(((long)(uint)x + (uint)y) >> 1);
        results[to + 8] = product < 0 ? 1 : product > uint.MaxValue ? 2 : 3;
        results[to + 9] = (int)(product / 1000);
        results[to + 10] = (int)(-product % 1000);
        results[to + 11] = (byte)(x + y) + (sbyte)(x - y);
        byte narrow = (byte)x;
        narrow += 200;
        results[to + 12] = narrow;
        results[to + 13] = (int)(product << (y & 63));
        ulong wide = (ulong)x * 3;
        results[to + 14] = (int)(wide >> 32);
        results[to + 15] = unchecked((int)0x80000000L) + (int)(product ^ 0x7FFFFFFFFFFFFFFF);
    }
}
