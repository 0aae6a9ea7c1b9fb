using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using ILGPU.Runtime.Launching;
using ILGPU.Runtime.OpenCL.Translation;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation;

/// <summary>The program that a kernel becomes, as its reader and its launcher see it.</summary>
public class OpenClTranslatorTests(OpenClFixture openCl) : IClassFixture<OpenClFixture>
{
    [Fact]
    public void TheCodeReadsLikeTheSource()
    {
        OpenClSource source = OpenClTranslator.Translate(KernelDescription.ImplicitlyGrouped(
            (Action<Index1D, ArrayView<float>, ArrayView<float>, int>)RowSums));

        Assert.Equal("OpenClTranslatorTests_RowSums", source.EntryPoint);
        Assert.Equal(0, source.SharedBytes);
        Assert.Equal(
            """
            // OpenClTranslatorTests.RowSums
            #pragma OPENCL FP_CONTRACT OFF

            static float OpenClTranslatorTests_Positive(float x)
            {
                return x > 0.0f ? x : 0.0f;
            }

            __kernel void OpenClTranslatorTests_RowSums(
                int extent_x,
                __global float* matrix, long matrix_offset, long matrix_length,
                __global float* sums, long sums_offset, long sums_length,
                int columns)
            {
                int row = get_global_id(0);
                if (row >= extent_x)
                    return;
                matrix = (__global float*)((__global char*)matrix + matrix_offset);
                sums = (__global float*)((__global char*)sums + sums_offset);

                float sum = 0.0f;
                for (int i = 0; i < columns; i++)
                {
                    float value = matrix[(uint)row * columns + i];
                    if (value != 0.0f && i != row)
                        sum += OpenClTranslatorTests_Positive(value);
                }
                sums[row] += sum;
            }

            """,
            source.Code);
    }

    [Fact]
    public void SharedMemoryIsDeclaredInTheKernelAndCountedForEachCall()
    {
        OpenClSource source = OpenClTranslator.Translate(KernelDescription.ExplicitlyGrouped(
            (Action<ArrayView<float>>)SharesTwice));

        Assert.Contains(
            "    __local float mine[300];\n    __local int counts[7];\n    __local int counts_2[7];\n", source.Code);
        Assert.Contains("static void OpenClTranslatorTests_Count(__global float* x, __local int* counts)", source.Code);
        Assert.Equal((300 + 7 + 7) * 4, source.SharedBytes);
    }

    [Fact]
    public void AHelperIsOneFunctionForEachMemory()
    {
        string code = OpenClTranslator.Translate(KernelDescription.ExplicitlyGrouped(
            (Action<ArrayView<float>>)CallsForBothMemories)).Code;

        Assert.Equal(2, code.Split("static float OpenClTranslatorTests_First").Length - 1);
        Assert.Contains("OpenClTranslatorTests_First(__global float* view)", code);
        Assert.Contains("OpenClTranslatorTests_First_2(__local float* view)", code);
    }

    [Fact]
    public void NamesThatOpenClReservesAreChanged()
    {
        string code = OpenClTranslator.Translate(KernelDescription.ExplicitlyGrouped(
            (Action<ArrayView<float>, int, int, int>)HasOddNames)).Code;

        Assert.Contains("__global float* global_, ", code);
        Assert.Contains("int float4_", code);
        Assert.Contains("int exp_", code);
        Assert.Contains("int u00E9tu00E9", code);
    }

    [Fact]
    public void NeighbouringElementsAreSeenToBeNeighbours()
    {
        string code = OpenClTranslator.Translate(KernelDescription.ExplicitlyGrouped(
            (Action<ArrayView<float>, int, int>)((x, i, j) => x[i + 1] = x[i * j + 2]))).Code;

        Assert.Contains("x[i + 1L] = x[(int)((uint)i * j) + 2L];", code);
    }

    [SkippableFact]
    public void ChangedNamesCompile()
    {
        using Accelerator accelerator = openCl.NewAccelerator(OpenClTranslator.Translate);
        using var buffer = accelerator.Allocate1D(new float[1]);

        accelerator.LoadStreamKernel<ArrayView<float>, int, int, int>(HasOddNames)((1, 1), buffer.View, 1, 20, 300);

        Assert.Equal(322, buffer.GetAsArray1D()[0]);
    }

    [Fact]
    public void OnlyTheHelpersThatAreCalledAreThere()
    {
        string code = OpenClTranslator.Translate(KernelDescription.ExplicitlyGrouped(
            (Action<ArrayView<float>>)(x => x[0] = XMath.Max(x[0], x[1])))).Code;

        Assert.Contains("static float max_float", code);
        Assert.DoesNotContain("min_float", code);
        Assert.DoesNotContain("atomic", code);
    }

    [SkippableFact]
    public void ALambdaIsAKernel()
    {
        using Accelerator accelerator = openCl.NewAccelerator(OpenClTranslator.Translate);
        using var buffer = accelerator.Allocate1D(new int[100]);

        accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, int>((i, x, factor) => x[i] = i * factor)(
            100, buffer.View, 3);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => 3 * i), buffer.GetAsArray1D());
    }

    [SkippableFact]
    public void GroupsMayBeOfOneThread()
    {
        using Accelerator accelerator = openCl.NewAccelerator(OpenClTranslator.Translate);
        using var buffer = accelerator.Allocate1D(new int[100]);

        accelerator.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<int>>(
            (i, x) => x[i] = Grid.IdxX - i + Group.DimX, 1)(100, buffer.View);

        Assert.Equal(Enumerable.Repeat(1, 100), buffer.GetAsArray1D());
    }

    [SkippableFact]
    public void AnIndexMayHaveTwoOrThreeDimensions()
    {
        using Accelerator accelerator = openCl.NewAccelerator(OpenClTranslator.Translate);
        using var plane = accelerator.Allocate1D(new int[7 * 5]);
        using var cuboid = accelerator.Allocate1D(new int[7 * 5 * 3]);

        accelerator.LoadAutoGroupedStreamKernel<Index2D, ArrayView<int>, int>(Mark)(
            new Index2D(7, 5), plane.View, 7);
        accelerator.LoadAutoGroupedStreamKernel<Index3D, ArrayView<int>, Index1D>(Mark)(
            new Index3D(7, 5, 3), cuboid.View, 7);

        Assert.Equal(Enumerable.Range(1, 7 * 5), plane.GetAsArray1D());
        Assert.Equal(Enumerable.Range(1, 7 * 5 * 3), cuboid.GetAsArray1D());
    }

    [SkippableFact]
    public void EveryTypeOfArgumentAndElementArrives()
    {
        using Accelerator accelerator = openCl.NewAccelerator(OpenClTranslator.Translate);
        using var bytes = accelerator.Allocate1D(new byte[] { 1, 200, 3, 4 });
        using var flags = accelerator.Allocate1D(new[] { true, false, true, false });
        using var longs = accelerator.Allocate1D(new long[] { 1L << 40, -1, 2, 3 });
        using var shorts = accelerator.Allocate1D(new short[] { -3, 30000, 2, 3 });
        using var results = accelerator.Allocate1D(new int[10]);
        var kernel = accelerator.LoadStreamKernel<
            ArrayView1D<byte, Stride1D.Dense>, ArrayView<bool>, ArrayView<long>, ArrayView<short>, int, float, long,
            byte, bool, ArrayView<int>>(Collect);

        kernel(
            (1, 1), bytes.View.SubView(1, 3), flags.View, longs.View, shorts.View, -7, 2.5f, 1L << 33, 250, true,
            results.View);

        Assert.Equal([200, 3, 2, 256, 29997, -7, 25, 2, 250, 1], results.GetAsArray1D());
        Assert.Equal([true, true, true, false], flags.GetAsArray1D());
        Assert.Equal([1, 200, 44, 4], bytes.GetAsArray1D());
    }

    private static void RowSums(Index1D row, ArrayView<float> matrix, ArrayView<float> sums, int columns)
    {
        float sum = 0;
        for (int i = 0; i < columns; i++)
        {
            float value = matrix[(row * columns) + i];
            if (value != 0 && i != row)
                sum += Positive(value);
        }

        sums[row] += sum;
    }

    private static float Positive(float x) => x > 0 ? x : 0;

    private static void SharesTwice(ArrayView<float> x)
    {
        ArrayView<float> mine = SharedMemory.Allocate<float>(300);
        mine[Group.IdxX] = x[0];
        Count(x);
        Count(x);
    }

    private static void Count(ArrayView<float> x)
    {
        ArrayView<int> counts = SharedMemory.Allocate<int>(7);
        counts[Group.IdxX] = (int)x[0];
    }

    private static void CallsForBothMemories(ArrayView<float> x)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(3);
        shared[0] = 1;
        x[0] = First(x) + First(shared) + First(x);
    }

    private static float First(ArrayView<float> view) => view[0];

    private static void HasOddNames(ArrayView<float> global, int float4, int exp, int été)
    {
        float local = XMath.Exp(0);
        global[0] = float4 + exp + été + local;
    }

    private static void Mark(Index2D index, ArrayView<int> plane, int width)
    {
        int position = (index.Y * width) + index.X;
        plane[position] += position + 1;
    }

    private static void Mark(Index3D index, ArrayView<int> cuboid, Index1D width)
    {
        int position = (((index.Z * 5) + index.Y) * width) + index.X;
        cuboid[position] += position + 1;
    }

    private static void Collect(
        ArrayView1D<byte, Stride1D.Dense> bytes, ArrayView<bool> flags, ArrayView<long> longs, ArrayView<short> shorts,
        int i, float f, long l, byte b, bool flag, ArrayView<int> results)
    {
        results[0] = bytes[0];
        results[1] = bytes.IntLength;
        if (flags[0] && !flags[1])
            results[2] = 2;
        results[3] = (int)(longs[0] >> 32);
        results[4] = shorts[0] + shorts[1];
        results[5] = i;
        results[6] = (int)(f * 10);
        results[7] = (int)(l >> 32);
        results[8] = b;
        results[9] = flag ? 1 : 0;
        flags[1] = flag;
        bytes[1] = (byte)(bytes[1] + 297);
    }
}
