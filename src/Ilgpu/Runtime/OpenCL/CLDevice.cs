namespace ILGPU.Runtime.OpenCL;

/// <summary>An OpenCL device. The built-in runtime finds none yet.</summary>
public sealed class CLDevice : Device
{
    private CLDevice(string name, string vendorName, CLDeviceType deviceType)
        : base(AcceleratorType.OpenCL, name)
    {
        VendorName = vendorName;
        DeviceType = deviceType;
    }

    /// <summary>Who made the device.</summary>
    public string VendorName { get; }

    /// <summary>What the device is.</summary>
    public CLDeviceType DeviceType { get; }

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context) => throw new NotSupportedException();
}
