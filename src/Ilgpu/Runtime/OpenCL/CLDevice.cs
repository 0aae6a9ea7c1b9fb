namespace ILGPU.Runtime.OpenCL;

/// <summary>An OpenCL device whose driver compiles OpenCL C 1.2.</summary>
public sealed unsafe class CLDevice : Device
{
    private const ulong CorrectlyRoundedDivideSqrt = 1 << 7;

    internal CLDevice(nint platform, nint device)
        : base(AcceleratorType.OpenCL, ClDeviceInfo.DeviceText(device, ClDeviceInfo.Name))
    {
        PlatformId = platform;
        DeviceId = device;
        PlatformName = ClDeviceInfo.PlatformText(platform, ClDeviceInfo.PlatformName);
        VendorName = ClDeviceInfo.PlatformText(platform, ClDeviceInfo.PlatformVendor);
        DeviceType = (CLDeviceType)ClDeviceInfo.Number<ulong>(device, ClDeviceInfo.Type);
        NumMultiprocessors = Limit(ClDeviceInfo.Number<uint>(device, ClDeviceInfo.MaxComputeUnits));
        MaxNumThreadsPerGroup = Limit(ClDeviceInfo.Number<nuint>(device, ClDeviceInfo.MaxWorkGroupSize));
        MaxGroupSize = MaxWorkItemSizes(device);

        // OpenCL knows no limit of the grid: these are those of the CPU accelerator and of CUDA.
        MaxGridSize = new Index3D(int.MaxValue, ushort.MaxValue, ushort.MaxValue);
        MemorySize = (long)Math.Min(
            ClDeviceInfo.Number<ulong>(device, ClDeviceInfo.GlobalMemSize), long.MaxValue);
        MaxAllocationSize = (long)Math.Min(
            ClDeviceInfo.Number<ulong>(device, ClDeviceInfo.MaxMemAllocSize), long.MaxValue);
        MaxSharedMemoryPerGroup = Limit(ClDeviceInfo.Number<ulong>(device, ClDeviceInfo.LocalMemSize));
        WarpSize = FindWarpSize(device);
        DividesCorrectly =
            (ClDeviceInfo.Number<ulong>(device, ClDeviceInfo.SingleFpConfig) & CorrectlyRoundedDivideSqrt) != 0;
    }

    /// <summary>The driver's handle of the platform.</summary>
    public nint PlatformId { get; }

    /// <summary>The driver's handle of the device.</summary>
    public nint DeviceId { get; }

    /// <summary>The driver's name.</summary>
    public string PlatformName { get; }

    /// <summary>Who made the driver.</summary>
    public string VendorName { get; }

    /// <summary>What the device is.</summary>
    public CLDeviceType DeviceType { get; }

    /// <summary>The largest size of one buffer, in bytes.</summary>
    internal long MaxAllocationSize { get; }

    /// <summary>Whether it can round quotients and square roots as C# does.</summary>
    internal bool DividesCorrectly { get; }

    /// <summary>Creates an accelerator on this device.</summary>
    /// <param name="context">The context that the accelerator belongs to.</param>
    /// <exception cref="ObjectDisposedException">The context has been disposed.</exception>
    /// <exception cref="CLException">The driver fails.</exception>
    public CLAccelerator CreateCLAccelerator(Context context) => new(context, this);

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context) => CreateCLAccelerator(context);

    /// <summary>Whether it is the same device.</summary>
    public override bool Equals(object? obj) =>
        obj is CLDevice other && PlatformId == other.PlatformId && DeviceId == other.DeviceId;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PlatformId, DeviceId);

    private static Index3D MaxWorkItemSizes(nint device)
    {
        uint dimensions = Math.Max(3, ClDeviceInfo.Number<uint>(device, ClDeviceInfo.MaxWorkItemDimensions));
        var sizes = new nuint[dimensions];
        fixed (nuint* pinned = sizes)
        {
            int error = Cl.clGetDeviceInfo(
                device, ClDeviceInfo.MaxWorkItemSizes, (nuint)sizeof(nuint) * dimensions, pinned, null);
            if (error != 0)
                return new Index3D(1, 1, 1);
        }

        return new Index3D(Limit(sizes[0]), Limit(sizes[1]), Limit(sizes[2]));
    }

    // No function of OpenCL 1.2 tells it: makers have their own, version 3.0 has one that comes near.
    private static int FindWarpSize(nint device)
    {
        uint size = ClDeviceInfo.Number<uint>(device, ClDeviceInfo.WarpSizeNv);
        if (size == 0)
            size = ClDeviceInfo.Number<uint>(device, ClDeviceInfo.WavefrontWidthAmd);
        if (size == 0)
            size = (uint)ClDeviceInfo.Number<nuint>(device, ClDeviceInfo.PreferredWorkGroupSizeMultiple);
        return Math.Max(1, Limit(size));
    }

    private static int Limit(ulong value) => (int)Math.Min(value, int.MaxValue);
}
