namespace ILGPU.Runtime;

/// <summary>What a context has found: a device and its limits. An accelerator makes it usable.</summary>
public abstract class Device
{
    internal Device(AcceleratorType acceleratorType, string name)
    {
        AcceleratorType = acceleratorType;
        Name = name;
    }

    /// <summary>The kind of device.</summary>
    public AcceleratorType AcceleratorType { get; }

    /// <summary>The device's name.</summary>
    public string Name { get; }

    /// <summary>The device's memory in bytes.</summary>
    public long MemorySize { get; private protected init; }

    /// <summary>The largest number of groups of a launch in each dimension.</summary>
    public Index3D MaxGridSize { get; private protected init; }

    /// <summary>The largest number of threads of a group in each dimension.</summary>
    public Index3D MaxGroupSize { get; private protected init; }

    /// <summary>The largest number of threads of a group.</summary>
    public int MaxNumThreadsPerGroup { get; private protected init; }

    /// <summary>The largest amount of memory that the threads of a group can share, in bytes.</summary>
    public int MaxSharedMemoryPerGroup { get; private protected init; }

    /// <summary>The number of threads that run in step.</summary>
    public int WarpSize { get; private protected init; }

    /// <summary>The number of multiprocessors, each of which runs groups.</summary>
    public int NumMultiprocessors { get; private protected init; }

    /// <summary>Creates an accelerator on this device.</summary>
    /// <param name="context">The context that the accelerator belongs to.</param>
    /// <exception cref="ObjectDisposedException">The context has been disposed.</exception>
    public abstract Accelerator CreateAccelerator(Context context);

    /// <summary>The device's name and kind.</summary>
    public override string ToString() => $"{Name} [{AcceleratorType}]";
}
