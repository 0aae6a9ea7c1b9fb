using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime;

/// <summary>A device in use: it allocates buffers, loads kernels and runs them.</summary>
public abstract class Accelerator : IDisposable
{
    internal Accelerator(Context context, Device device)
    {
        ArgumentNullException.ThrowIfNull(context);
        ObjectDisposedException.ThrowIf(context.IsDisposed, context);
        Context = context;
        Device = device;
    }

    /// <summary>The context that it was created in.</summary>
    public Context Context { get; }

    /// <summary>The device that it runs on.</summary>
    public Device Device { get; }

    /// <inheritdoc cref="Device.AcceleratorType"/>
    public AcceleratorType AcceleratorType => Device.AcceleratorType;

    /// <inheritdoc cref="Device.Name"/>
    public string Name => Device.Name;

    /// <inheritdoc cref="Device.MemorySize"/>
    public long MemorySize => Device.MemorySize;

    /// <inheritdoc cref="Device.MaxGridSize"/>
    public Index3D MaxGridSize => Device.MaxGridSize;

    /// <inheritdoc cref="Device.MaxGroupSize"/>
    public Index3D MaxGroupSize => Device.MaxGroupSize;

    /// <inheritdoc cref="Device.MaxNumThreadsPerGroup"/>
    public int MaxNumThreadsPerGroup => Device.MaxNumThreadsPerGroup;

    /// <inheritdoc cref="Device.MaxSharedMemoryPerGroup"/>
    public int MaxSharedMemoryPerGroup => Device.MaxSharedMemoryPerGroup;

    /// <inheritdoc cref="Device.WarpSize"/>
    public int WarpSize => Device.WarpSize;

    /// <inheritdoc cref="Device.NumMultiprocessors"/>
    public int NumMultiprocessors => Device.NumMultiprocessors;

    /// <summary>The stream of every launch and copy that names none.</summary>
    public AcceleratorStream DefaultStream { get; private protected init; } = null!;

    /// <summary>Whether the accelerator has been disposed.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Creates another stream.</summary>
    /// <exception cref="ObjectDisposedException">The accelerator has been disposed.</exception>
    public AcceleratorStream CreateStream()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return NewStream();
    }

    /// <summary>Allocates a buffer. Its content is not defined.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="length">The number of elements, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">The device has not enough memory.</exception>
    /// <exception cref="ObjectDisposedException">The accelerator has been disposed.</exception>
    public MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(long length)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new MemoryBuffer1D<T, Stride1D.Dense>(this, AllocateMemory<T>(length), length);
    }

    /// <summary>Waits for everything in every stream to end.</summary>
    /// <exception cref="ObjectDisposedException">The accelerator has been disposed.</exception>
    public void Synchronize()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        SynchronizeStreams();
    }

    /// <summary>Ends the use of the accelerator and of all its buffers, streams and kernels.</summary>
    public void Dispose()
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        Release();
    }

    /// <summary>Makes a kernel ready to be launched.</summary>
    /// <typeparam name="TCall">The kernel with its arguments.</typeparam>
    /// <param name="description">The kernel without its arguments.</param>
    internal abstract LoadedKernel<TCall> Load<TCall>(KernelDescription description)
        where TCall : struct, IKernelCall;

    private protected abstract AcceleratorStream NewStream();

    private protected abstract DeviceMemory AllocateMemory<T>(long length)
        where T : unmanaged;

    private protected abstract void SynchronizeStreams();

    private protected abstract void Release();
}
