using ILGPU;
using ILGPU.Runtime.Launching;
using ILGPU.Runtime.OpenCL.Translation;

namespace Ilgpu.Tests.Runtime.OpenCL;

/// <summary>
/// Kernels whose OpenCL C is written by hand, so that tests of the accelerator do not depend on the translator. The
/// methods have the parameters; nobody calls them.
/// </summary>
internal static class HandWrittenKernels
{
    private static readonly Dictionary<string, string> s_sources = new()
    {
        [nameof(Scale)] = """
            __kernel void Scale(int extent_x, __global float* x, long x_offset, long x_length, float factor)
            {
                if (get_global_id(0) >= extent_x)
                    return;
                __global float* view = (__global float*)((__global char*)x + x_offset);
                view[get_global_id(0)] *= factor;
            }
            """,
        [nameof(Positions)] = """
            __kernel void Positions(int extent_x, int extent_y, int extent_z,
                __global int* x, long x_offset, long x_length)
            {
                int i = get_global_id(0), j = get_global_id(1), k = get_global_id(2);
                if (i >= extent_x || j >= extent_y || k >= extent_z)
                    return;
                x[(k * extent_y + j) * extent_x + i] = i + 100 * j + 10000 * k;
            }
            """,
        [nameof(Describe)] = """
            __kernel void Describe(__global long* x, long x_offset, long x_length,
                __global char* other, long other_offset, long other_length,
                int i, float f, long l, uchar b)
            {
                x[0] = x_offset;
                x[1] = x_length;
                x[2] = other == 0;
                x[3] = other_offset;
                x[4] = other_length;
                x[5] = i;
                x[6] = (long)(f * 2);
                x[7] = l;
                x[8] = b;
                x[9] = get_num_groups(0) + 10 * get_num_groups(1) + 100 * get_num_groups(2);
                x[10] = get_local_size(0) + 10 * get_local_size(1) + 100 * get_local_size(2);
            }
            """,
        [nameof(GroupSums)] = """
            __kernel void GroupSums(__global int* x, long x_offset, long x_length,
                __global int* sums, long sums_offset, long sums_length)
            {
                __local int total;
                if (get_local_id(0) == 0)
                    total = 0;
                barrier(CLK_LOCAL_MEM_FENCE);
                if (get_global_id(0) < x_length)
                    atomic_add(&total, x[get_global_id(0)]);
                barrier(CLK_LOCAL_MEM_FENCE);
                if (get_local_id(0) == 0)
                    sums[get_group_id(0)] = total;
            }
            """,
        [nameof(Add)] = """
            __kernel void Add(__global int* x, long x_offset, long x_length, int value)
            {
                __global int* view = (__global int*)((__global char*)x + x_offset);
                if (get_global_id(0) < x_length)
                    view[get_global_id(0)] += value;
            }
            """,
        [nameof(NoOpenClC)] = "__kernel void NoOpenClC(__global int* x) { x[0] = undeclared; }",
        [nameof(OtherName)] = "__kernel void YetAnotherName(__global int* x) { }",
        [nameof(SharesTooMuch)] = "__kernel void SharesTooMuch(__global int* x) { }"
    };

    internal static OpenClSource Source(KernelDescription kernel)
    {
        string name = kernel.Method.Name;
        return new OpenClSource(s_sources[name], name, name == nameof(SharesTooMuch) ? int.MaxValue : 0);
    }

    internal static void Scale(Index1D index, ArrayView<float> x, float factor) => throw new NotSupportedException();

    internal static void Positions(Index3D index, ArrayView<int> x) => throw new NotSupportedException();

    internal static void Describe(
        ArrayView<long> x, ArrayView<byte> other, int i, float f, long l, byte b) => throw new NotSupportedException();

    internal static void GroupSums(ArrayView<int> x, ArrayView<int> sums) => throw new NotSupportedException();

    internal static void Add(ArrayView<int> x, int value) => throw new NotSupportedException();

    internal static void NoOpenClC(ArrayView<int> x) => throw new NotSupportedException();

    internal static void OtherName(ArrayView<int> x) => throw new NotSupportedException();

    internal static void SharesTooMuch(ArrayView<int> x) => throw new NotSupportedException();
}
