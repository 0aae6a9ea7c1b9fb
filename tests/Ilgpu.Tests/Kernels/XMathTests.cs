using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace Ilgpu.Tests.Kernels;

/// <summary>The functions of XMath, called from a kernel.</summary>
public class XMathTests(CpuFixture cpu) : IClassFixture<CpuFixture>
{
    private const int Functions = 12;

    [Theory]
    [InlineData(0.25f)]
    [InlineData(1f)]
    [InlineData(2.5f)]
    public void FunctionsAgreeWithDoublePrecision(float x)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> result = cpu.Small.Allocate1D(new float[Functions]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, float>(Evaluate);

        kernel(1, result.View, x);
        cpu.Small.Synchronize();

        double[] expected =
        [
            Math.Abs(-x), Math.Exp(x), Math.Floor(x), Math.Log(x), Math.Max(x, 1), Math.Min(x, 1), Math.Pow(x, 3),
            1 / Math.Sqrt(x), Math.Sqrt(x), Math.Tanh(x), Math.Clamp(x, 0.5, 2), 7
        ];

        // 4 units in the last place, the OpenCL limit of the least exact of these functions but pow, and 16 for pow.
        for (int i = 0; i < Functions; i++)
        {
            double bound = 16 * Math.Pow(2, -24) * Math.Max(Math.Abs(expected[i]), 1);
            Assert.InRange(result.GetAsArray1D()[i], expected[i] - bound, expected[i] + bound);
        }
    }

    private static void Evaluate(Index1D index, ArrayView<float> result, float x)
    {
        result[0] = XMath.Abs(-x);
        result[1] = XMath.Exp(x);
        result[2] = XMath.Floor(x);
        result[3] = XMath.Log(x);
        result[4] = XMath.Max(x, 1f);
        result[5] = XMath.Min(x, 1f);
        result[6] = XMath.Pow(x, 3f);
        result[7] = XMath.Rsqrt(x);
        result[8] = XMath.Sqrt(x);
        result[9] = XMath.Tanh(x);
        result[10] = XMath.Clamp(x, 0.5f, 2f);
        result[11] = XMath.Clamp(9, XMath.Min(3, 4), XMath.Max(6, 7));
    }
}
