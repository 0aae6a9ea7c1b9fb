using System.Runtime.CompilerServices;

namespace ILGPU.Runtime.CPU;

/// <summary>A block of memory that the threads of a group share.</summary>
internal sealed class SharedBlock : MemoryBuffer
{
    private SharedBlock(Accelerator accelerator, DeviceMemory memory, int length, int elementSize)
        : base(accelerator, memory, length, elementSize)
    {
    }

    /// <summary>Whether a thread of the launch that runs now has asked for it.</summary>
    internal bool IsInUse { get; set; }

    internal static SharedBlock Create<T>(Accelerator accelerator, int length)
        where T : unmanaged
        => new(accelerator, new CpuMemory<T>(length), length, Unsafe.SizeOf<T>());

    internal bool Fits<T>(int length)
        where T : unmanaged
        => Memory is CpuMemory<T> && Length == length;
}
