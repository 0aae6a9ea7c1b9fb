using ILGPU.Runtime.CPU;

namespace ILGPU;

/// <summary>In a kernel: memory that the threads of a group share, and no other group sees.</summary>
public static class SharedMemory
{
    /// <summary>Gives every thread of the group the same memory. It is not cleared.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="extent">The number of elements: a constant, the same in every thread.</param>
    /// <exception cref="InvalidOperationException">There is no group to share with: not called from a
    /// kernel.</exception>
    public static ArrayView<T> Allocate<T>(int extent)
        where T : unmanaged
        => SharedArena.Current.Allocate<T>(extent);
}
