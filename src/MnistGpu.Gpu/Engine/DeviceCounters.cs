namespace MnistGpu.Gpu.Engine;

/// <summary>What went through an accelerator's queue.</summary>
/// <param name="Launches">Kernels launched.</param>
/// <param name="LaunchTime">
/// How long the host was busy launching them. A launch returns at once, so this is not how long they ran, except on ILGPU's
/// CPU accelerator, where a launch returns when the kernel is done.
/// </param>
/// <param name="BytesUploaded">Bytes copied from the host to the accelerator.</param>
public readonly record struct DeviceCounters(int Launches, TimeSpan LaunchTime, long BytesUploaded)
{
    /// <summary>What was counted from <paramref name="before"/> to <paramref name="after"/>.</summary>
    public static DeviceCounters operator -(DeviceCounters after, DeviceCounters before) => new(
        after.Launches - before.Launches,
        after.LaunchTime - before.LaunchTime,
        after.BytesUploaded - before.BytesUploaded);

    /// <summary>What was counted in both.</summary>
    public static DeviceCounters operator +(DeviceCounters a, DeviceCounters b) =>
        new(a.Launches + b.Launches, a.LaunchTime + b.LaunchTime, a.BytesUploaded + b.BytesUploaded);
}
