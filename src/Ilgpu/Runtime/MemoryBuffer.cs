namespace ILGPU.Runtime;

/// <summary>Memory of an accelerator, of whatever element type.</summary>
public abstract class MemoryBuffer : AcceleratorObject
{
    private DeviceMemory? _memory;

    internal MemoryBuffer(Accelerator accelerator, DeviceMemory memory, long length, int elementSize)
        : base(accelerator)
    {
        _memory = memory;
        memory.Buffer = this;
        Length = length;
        ElementSize = elementSize;
    }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The number of bytes of one element.</summary>
    public int ElementSize { get; }

    /// <summary>The number of bytes of all elements.</summary>
    public long LengthInBytes => Length * ElementSize;

    /// <summary>Where the memory begins on the CPU accelerator, the driver's handle elsewhere.</summary>
    /// <exception cref="ObjectDisposedException">The buffer has been disposed.</exception>
    public nint NativePtr => Memory.NativePtr;

    /// <exception cref="ObjectDisposedException">The buffer has been disposed.</exception>
    internal DeviceMemory Memory => _memory ?? throw new ObjectDisposedException(GetType().Name);

    private protected override void Release()
    {
        _memory?.Free();
        _memory = null;
    }
}
