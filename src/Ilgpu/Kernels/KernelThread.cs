namespace ILGPU;

/// <summary>
/// Where the current thread stands in a launch: what <see cref="Grid"/> and <see cref="Group"/> read.
/// </summary>
/// <remarks>
/// One operating-system thread runs many threads of a launch, one after the other, and sets these fields before each.
/// They are separate ints and not one struct because the runtime keeps a thread-static int in the thread's own block,
/// a few instructions away, and a struct in a box on the heap.
/// </remarks>
internal static class KernelThread
{
    [ThreadStatic]
    internal static int GridIdxX, GridIdxY, GridIdxZ, GridDimX, GridDimY, GridDimZ;

    [ThreadStatic]
    internal static int GroupIdxX, GroupIdxY, GroupIdxZ, GroupDimX, GroupDimY, GroupDimZ;
}
