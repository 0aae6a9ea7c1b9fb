using ILGPU.Runtime.CPU;

namespace ILGPU;

/// <summary>In a kernel: the position of the thread in its group, the group's extent, and its barrier.</summary>
public static class Group
{
    /// <summary>The thread's X position, 0 to <see cref="DimX"/> − 1.</summary>
    public static int IdxX => KernelThread.GroupIdxX;

    /// <summary>The thread's Y position, 0 to <see cref="DimY"/> − 1.</summary>
    public static int IdxY => KernelThread.GroupIdxY;

    /// <summary>The thread's Z position, 0 to <see cref="DimZ"/> − 1.</summary>
    public static int IdxZ => KernelThread.GroupIdxZ;

    /// <summary>The number of threads of a group in X.</summary>
    public static int DimX => KernelThread.GroupDimX;

    /// <summary>The number of threads of a group in Y.</summary>
    public static int DimY => KernelThread.GroupDimY;

    /// <summary>The number of threads of a group in Z.</summary>
    public static int DimZ => KernelThread.GroupDimZ;

    /// <summary>
    /// Waits for all threads of the group. What they wrote before the barrier, each of them can read after it.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no group to wait for: not called from a kernel.</exception>
    public static void Barrier() => CpuGroup.Current.Barrier();
}
