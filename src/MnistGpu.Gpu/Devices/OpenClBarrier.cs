using System.Reflection;
using ILGPU.Backends.OpenCL;

namespace MnistGpu.Gpu.Devices;

/// <summary>
/// Works around a defect in ILGPU 1.5.3: it compiles <c>Group.Barrier()</c> to
/// <c>work_group_barrier(CLK_GLOBAL_MEM_FENCE)</c>, which orders a group's accesses to global memory but not those to shared
/// memory, so that every kernel with tiles in shared memory has a data race on OpenCL. CUDA is not affected.
/// </summary>
internal static class OpenClBarrier
{
    private const string Defect = "CLK_GLOBAL_MEM_FENCE";
    private const string Mended = "CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE";

    /// <summary>Makes all OpenCL kernels compiled from now on order both memories at a barrier.</summary>
    /// <exception cref="NotSupportedException">This is not the known version of ILGPU, so OpenCL cannot be trusted.</exception>
    public static void Mend() =>
        Mend(typeof(CLInstructions).GetField("MemoryFenceFlags", BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null));

    /// <param name="flags">ILGPU's table of barrier flags; the first is used for every barrier.</param>
    internal static void Mend(object? flags)
    {
        if (flags is not string[] { Length: > 0 } table || table[0] is not (Defect or Mended))
            throw new NotSupportedException(
                "OpenCL: the barriers of this version of ILGPU differ from those of 1.5.3, whose defect is known");
        table[0] = Mended;
    }
}
