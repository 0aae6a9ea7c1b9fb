namespace ILGPU;

/// <summary>In a kernel: the position of the thread's group in the grid, and the grid's extent.</summary>
public static class Grid
{
    /// <summary>The group's X position, 0 to <see cref="DimX"/> − 1.</summary>
    public static int IdxX => KernelThread.GridIdxX;

    /// <summary>The group's Y position, 0 to <see cref="DimY"/> − 1.</summary>
    public static int IdxY => KernelThread.GridIdxY;

    /// <summary>The group's Z position, 0 to <see cref="DimZ"/> − 1.</summary>
    public static int IdxZ => KernelThread.GridIdxZ;

    /// <summary>The number of groups in X.</summary>
    public static int DimX => KernelThread.GridDimX;

    /// <summary>The number of groups in Y.</summary>
    public static int DimY => KernelThread.GridDimY;

    /// <summary>The number of groups in Z.</summary>
    public static int DimZ => KernelThread.GridDimZ;

    /// <summary>
    /// The position of the thread itself among all threads of the launch: group × group size + thread.
    /// </summary>
    public static Index3D GlobalIndex => new(
        (IdxX * Group.DimX) + Group.IdxX,
        (IdxY * Group.DimY) + Group.IdxY,
        (IdxZ * Group.DimZ) + Group.IdxZ);
}
