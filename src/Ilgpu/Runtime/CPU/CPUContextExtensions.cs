namespace ILGPU.Runtime.CPU;

/// <summary>Finds CPU devices and creates accelerators on them.</summary>
public static class CPUContextExtensions
{
    /// <summary>Adds a CPU device of each kind to the context.</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder CPU(this Context.Builder builder)
    {
        foreach (CPUDevice device in CPUDevice.All)
            builder.Add(device);
        return builder;
    }

    /// <summary>Adds the CPU device of a kind to the context.</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder CPU(this Context.Builder builder, CPUDeviceKind kind) =>
        builder.CPU(CPUDevice.GetDevice(kind));

    /// <summary>Adds a CPU device to the context.</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder CPU(this Context.Builder builder, CPUDevice device)
    {
        builder.Add(device);
        return builder;
    }

    /// <summary>The CPU devices of a context.</summary>
    public static Context.DeviceCollection<CPUDevice> GetCPUDevices(this Context context) =>
        context.GetDevices<CPUDevice>();

    /// <summary>Creates an accelerator on a CPU device of a context.</summary>
    /// <param name="context">The context.</param>
    /// <param name="cpuDeviceIndex">Counted from 0 among the CPU devices.</param>
    /// <exception cref="NotSupportedException">There is no such device.</exception>
    public static CPUAccelerator CreateCPUAccelerator(this Context context, int cpuDeviceIndex) =>
        context.GetDevice<CPUDevice>(cpuDeviceIndex).CreateCPUAccelerator(context);
}
