namespace ILGPU.Runtime.OpenCL;

/// <summary>The memory of a buffer on an OpenCL device.</summary>
internal sealed unsafe class ClMemory : DeviceMemory
{
    private readonly CLAccelerator _accelerator;

    // null for a buffer without elements: OpenCL has none of 0 bytes.
    private readonly ClHandle? _handle;
    private bool _isFreed;

    /// <exception cref="OutOfMemoryException">It is larger than the device allows, or the driver has no more.
    /// </exception>
    internal ClMemory(CLAccelerator accelerator, long bytes)
    {
        _accelerator = accelerator;
        if (bytes == 0)
            return;
        CLDevice device = accelerator.Device;
        if (bytes > device.MaxAllocationSize)
        {
            throw new OutOfMemoryException(
                $"a buffer of {bytes:N0} bytes: {device.Name} has at most {device.MaxAllocationSize:N0} in one");
        }

        int error;
        nint memory = Cl.clCreateBuffer(accelerator.ContextHandle, 0, (nuint)bytes, null, &error);
        if (error != 0)
            throw CLException.For($"a buffer of {bytes:N0} bytes on {device.Name}", error);
        _handle = accelerator.Own(memory, Cl.clReleaseMemObject);
    }

    /// <summary>Views count from the start of the buffer.</summary>
    internal override nint Pointer => 0;

    internal override nint NativePtr => Handle;

    /// <summary>
    /// The driver's handle, 0 for a buffer without elements. To be used while <see cref="CLAccelerator.LaunchLock"/> is
    /// held.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It has been freed.</exception>
    internal nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isFreed, Buffer);
            return _handle is null ? 0 : _handle.Value;
        }
    }

    internal override void Read<T>(AcceleratorStream stream, ArrayView<T> source, Span<T> target)
    {
        using ClHandle.Lease queue = ((ClStream)stream).Queue.Use();
        using ClHandle.Lease memory = _handle!.Use();
        nuint bytes = (nuint)source.LengthInBytes;
        fixed (T* pinned = target)
        {
            int error = Cl.clEnqueueReadBuffer(
                queue.Value, memory.Value, 1, (nuint)source.Address, bytes, pinned, 0, null, null);
            ThrowIfFailed(error, "copying from", bytes);
        }
    }

    internal override void Write<T>(AcceleratorStream stream, ReadOnlySpan<T> source, ArrayView<T> target)
    {
        using ClHandle.Lease queue = ((ClStream)stream).Queue.Use();
        using ClHandle.Lease memory = _handle!.Use();
        nuint bytes = (nuint)target.LengthInBytes;
        fixed (T* pinned = source)
        {
            int error = Cl.clEnqueueWriteBuffer(
                queue.Value, memory.Value, 1, (nuint)target.Address, bytes, pinned, 0, null, null);
            ThrowIfFailed(error, "copying to", bytes);
        }
    }

    internal override void Clear<T>(AcceleratorStream stream, ArrayView<T> target)
    {
        using ClHandle.Lease queue = ((ClStream)stream).Queue.Use();
        using ClHandle.Lease memory = _handle!.Use();
        nuint offset = (nuint)target.Address;
        nuint bytes = (nuint)target.LengthInBytes;

        // A pattern of several bytes is faster, and wants a place and a length that are multiples of it.
        ulong zero = 0;
        nuint pattern = (offset | bytes) % sizeof(ulong) == 0 ? (nuint)sizeof(ulong)
            : (offset | bytes) % sizeof(int) == 0 ? (nuint)sizeof(int)
            : 1;
        int error = Cl.clEnqueueFillBuffer(
            queue.Value, memory.Value, &zero, pattern, offset, bytes, 0, null, null);
        ThrowIfFailed(error, "clearing memory of", bytes);
    }

    internal override void Free()
    {
        lock (_accelerator.LaunchLock)
        {
            _isFreed = true;
            _handle?.Dispose();
        }
    }

    private void ThrowIfFailed(int error, string what, nuint bytes)
    {
        if (error != 0)
            throw CLException.For($"{what} {_accelerator.Name}, {bytes:N0} bytes", error);
    }
}
