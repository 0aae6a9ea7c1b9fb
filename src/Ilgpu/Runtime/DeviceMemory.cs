namespace ILGPU.Runtime;

/// <summary>The memory behind a buffer, on whatever device it is.</summary>
internal abstract class DeviceMemory
{
    /// <summary>The buffer that it was allocated for, which may have been disposed.</summary>
    internal MemoryBuffer Buffer { get; set; } = null!;

    /// <summary>
    /// What views count their addresses from: where it begins on the CPU, and 0 where the host cannot address it.
    /// </summary>
    internal abstract nint Pointer { get; }

    /// <summary>What the device's driver knows it by: the address on the CPU, the driver's handle elsewhere.</summary>
    internal virtual nint NativePtr => Pointer;

    /// <summary>Copies a view's elements to the host; the copy has ended when this returns.</summary>
    internal abstract void Read<T>(AcceleratorStream stream, ArrayView<T> source, Span<T> target)
        where T : unmanaged;

    /// <summary>Copies host memory to a view's elements; the host memory may be changed when this returns.</summary>
    internal abstract void Write<T>(AcceleratorStream stream, ReadOnlySpan<T> source, ArrayView<T> target)
        where T : unmanaged;

    /// <summary>Sets all bytes of a view's elements to 0.</summary>
    internal abstract void Clear<T>(AcceleratorStream stream, ArrayView<T> target)
        where T : unmanaged;

    /// <summary>
    /// The buffer has been disposed. The memory goes at once where no view can reach it any more but through a check of
    /// its buffer, and with its last view elsewhere.
    /// </summary>
    internal virtual void Free()
    {
    }
}
