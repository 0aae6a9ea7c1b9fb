using ILGPU;
using ILGPU.Algorithms;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation.Kernels;

/// <summary>Arithmetic of floats: each thread has two numbers and writes 16 results.</summary>
public static class FloatKernels
{
    public static void Arithmetic(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> results)
    {
        float x = a[i];
        float y = b[i];
        int to = i * 16;
        results[to] = x + y;
        results[to + 1] = x - y;
        results[to + 2] = x * y;
        results[to + 3] = x / y;
        results[to + 4] = x % y;
        results[to + 5] = -x;

        // Rounded twice, and not once as in a fused multiply-add.
        results[to + 6] = (x * y) + x;
        results[to + 7] = x - (y * y);
        float sum = 0.1f;
        sum += x * y;
        sum *= 3;
        sum -= y;
        sum /= 7;
        results[to + 8] = sum;
        results[to + 9] = (x + y) - x;
        results[to + 10] = -(x - y) * -x;
        results[to + 11] = x * 1e-30f * 1e-10f;
    }

    public static void Comparisons(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> results)
    {
        float x = a[i];
        float y = b[i];
        int to = i * 16;
        results[to] = x < y ? 1 : 2;
        results[to + 1] = x <= y ? 1 : 2;
        results[to + 2] = x > y ? 1 : 2;
        results[to + 3] = x >= y ? 1 : 2;
        results[to + 4] = x == y ? 1 : 2;
        results[to + 5] = x != y ? 1 : 2;
        results[to + 6] = !(x < y) ? 1 : 2;
        if (!(x >= y))
            results[to + 7] = 1;
        if (x < y)
            results[to + 8] = 1;
        else
            results[to + 9] = 1;
        bool less = x < y;
        bool notGreater = !(x > y);
        results[to + 10] = less ? 1 : notGreater ? 2 : 3;
        while (x < y && results[to + 11] < 9)
        {
            results[to + 11]++;
            x += 0.5f;
        }

        float same = x;
        results[to + 12] = x > y || x == 0 || x != same ? 1 : 2;
        results[to + 13] = !(x <= y && y != 1) ? 1 : 2;
    }

    public static void Constants(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> results)
    {
        int to = i * 16;
        results[to] = 0.1f;
        results[to + 1] = float.MaxValue;
        results[to + 2] = float.Epsilon;
        results[to + 3] = float.NaN;
        results[to + 4] = float.PositiveInfinity;
        results[to + 5] = float.NegativeInfinity;
        results[to + 6] = -0f;
        results[to + 7] = 16777217;
        results[to + 8] = 1e-45f;
        results[to + 9] = 3.14159274f;
        results[to + 10] = 1f / 3;
        results[to + 11] = 123456789f;
    }

    public static void ToIntegers(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> results)
    {
        float x = a[i];
        int to = i * 16;
        results[to] = (int)x;
        results[to + 1] = (uint)x;
        results[to + 2] = (byte)x;
        results[to + 3] = (sbyte)x;
        results[to + 4] = (short)x;
        results[to + 5] = (ushort)x;
        results[to + 6] = (long)x;
        results[to + 7] = (int)x / 3;
        results[to + 8] = (float)((int)x + 1);
        results[to + 9] = (long)x / 1000;
        results[to + 10] = (uint)(int)x;
    }

    public static void ExactFunctions(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> results)
    {
        float x = a[i];
        float y = b[i];
        int to = i * 16;
        results[to] = XMath.Abs(x);
        results[to + 1] = XMath.Floor(x);
        results[to + 2] = XMath.Max(x, y);
        results[to + 3] = XMath.Min(x, y);
        results[to + 4] = XMath.Clamp(x, -1f, y);
        results[to + 5] = XMath.Sqrt(x);
        results[to + 6] = XMath.Max((int)x, (int)y);
        results[to + 7] = XMath.Min((int)x, 3);
        results[to + 8] = XMath.Clamp((int)x, -5, (byte)7);
    }

    public static void RoundedFunctions(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> results)
    {
        float x = a[i];
        int to = i * 16;
        results[to] = XMath.Exp(x);
        results[to + 1] = XMath.Log(x);
        results[to + 2] = XMath.Pow(x, b[i]);
        results[to + 3] = XMath.Rsqrt(x);
        results[to + 4] = XMath.Tanh(x);
    }
}
