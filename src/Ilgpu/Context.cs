using System.Collections.Immutable;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>
/// The devices that a program may use. Everything starts here: a context gives a device, the device an accelerator, and
/// the accelerator buffers and kernels.
/// </summary>
public sealed partial class Context : IDisposable
{
    private Context(Builder builder)
    {
        Devices = [.. builder.Devices];
        MathMode = builder.MathMode;
        OptimizationLevel = builder.OptimizationLevel;
    }

    /// <summary>The version of ILGPU whose API this is.</summary>
    public static string Version => "1.5.3";

    /// <summary>The devices, in the order in which the builder was told to look for them.</summary>
    public ImmutableArray<Device> Devices { get; }

    /// <summary>Whether the context has been disposed.</summary>
    public bool IsDisposed { get; private set; }

    internal MathMode MathMode { get; }

    internal OptimizationLevel OptimizationLevel { get; }

    /// <summary>Creates a context with what the callback asks of the builder.</summary>
    /// <param name="buildingCallback">Says which devices to look for, and how kernels are compiled.</param>
    /// <exception cref="ArgumentNullException">There is no callback.</exception>
    public static Context Create(Action<Builder> buildingCallback)
    {
        ArgumentNullException.ThrowIfNull(buildingCallback);
        var builder = new Builder();
        buildingCallback(builder);
        return new Context(builder);
    }

    /// <summary>Creates a context with one CPU device and every OpenCL and CUDA device there is.</summary>
    public static Context CreateDefault() => Create(builder => builder.Default());

    /// <summary>The n-th device of a kind.</summary>
    /// <typeparam name="TDevice">The kind: CPUDevice, CLDevice or CudaDevice.</typeparam>
    /// <param name="deviceIndex">Counted from 0 among the devices of that kind.</param>
    /// <exception cref="NotSupportedException">There is no such device.</exception>
    public TDevice GetDevice<TDevice>(int deviceIndex)
        where TDevice : Device
        => GetDevices<TDevice>()[deviceIndex];

    /// <summary>The devices of a kind.</summary>
    /// <typeparam name="TDevice">The kind: CPUDevice, CLDevice or CudaDevice.</typeparam>
    public DeviceCollection<TDevice> GetDevices<TDevice>()
        where TDevice : Device
        => new([.. Devices.OfType<TDevice>()]);

    /// <summary>The device with the most memory that is not a CPU device, or the first CPU device.</summary>
    /// <param name="preferCPU">Take the CPU device even where there is another.</param>
    /// <exception cref="NotSupportedException">There is no CPU device and it was asked for.</exception>
    /// <exception cref="InvalidOperationException">There is no device at all.</exception>
    public Device GetPreferredDevice(bool preferCPU)
    {
        Device? cpu = Devices.FirstOrDefault(device => device.AcceleratorType == AcceleratorType.CPU);
        if (preferCPU)
            return cpu ?? throw new NotSupportedException("The context has no CPU device: build it with CPU().");

        return Devices.Where(device => device.AcceleratorType != AcceleratorType.CPU).MaxBy(device => device.MemorySize)
            ?? cpu
            ?? throw new InvalidOperationException("The context has no device: build it with AllAccelerators().");
    }

    /// <summary>Enumerates <see cref="Devices"/>.</summary>
    public ImmutableArray<Device>.Enumerator GetEnumerator() => Devices.GetEnumerator();

    /// <summary>Ends the use of the context: it creates no more accelerators.</summary>
    public void Dispose() => IsDisposed = true;
}
