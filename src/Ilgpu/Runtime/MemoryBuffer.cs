namespace ILGPU.Runtime;

/// <summary>Memory of an accelerator, of whatever element type.</summary>
public abstract class MemoryBuffer : AcceleratorObject
{
    internal MemoryBuffer(Accelerator accelerator, DeviceMemory memory, long length, int elementSize)
        : base(accelerator)
    {
        Memory = memory;
        Length = length;
        ElementSize = elementSize;
    }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The number of bytes of one element.</summary>
    public int ElementSize { get; }

    /// <summary>The number of bytes of all elements.</summary>
    public long LengthInBytes => Length * ElementSize;

    /// <summary>Where the memory begins: an address on the CPU accelerator, the driver's handle elsewhere.</summary>
    public nint NativePtr => Memory.Pointer;

    internal DeviceMemory Memory { get; }
}
