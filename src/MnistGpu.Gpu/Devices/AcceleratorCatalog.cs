using System.Globalization;
using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Gpu.Devices;

/// <summary>The accelerators of this machine, by name.</summary>
public static class AcceleratorCatalog
{
    /// <summary>The name of ILGPU's own CPU accelerator, which is for debugging.</summary>
    public const string CpuDevice = "ilgpu-cpu";

    internal const string CudaPrefix = "cuda";
    internal const string OpenClPrefix = "opencl";

    /// <summary>The version of ILGPU: "1.5.3".</summary>
    public static string Ilgpu { get; } = typeof(Context).Assembly.GetName().Version!.ToString(3);

    /// <summary>Looks for accelerators.</summary>
    /// <exception cref="InvalidOperationException">A driver fails; the message says how.</exception>
    public static AcceleratorList List()
    {
        using var search = new AcceleratorSearch();
        return search.List;
    }

    /// <summary>Finds the device with a name.</summary>
    /// <param name="search">The devices found.</param>
    /// <param name="device">"cuda", "cuda:i", "opencl", "opencl:i" (without a number: 0) or "ilgpu-cpu".</param>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    /// <exception cref="InvalidOperationException">There is no such device here; the message says what to do.</exception>
    internal static (AcceleratorInfo Info, Device Device) Find(AcceleratorSearch search, string device)
    {
        string name = FullName(device) ?? throw new ArgumentException(
            $"'{device}' is not an accelerator: use cuda, cuda:1, opencl, opencl:1, … or {CpuDevice}");
        foreach ((AcceleratorInfo info, Device found) in search.Found)
            if (info.Device == name)
                return (info, found);
        throw new InvalidOperationException(search.List.WhyThereIsNo(device));
    }

    /// <summary>
    /// The full name of an accelerator, whether or not it is here: "cuda" is "cuda:0", and numbers have no leading zeros; null if
    /// this is not the name of one.
    /// </summary>
    public static string? FullName(string device)
    {
        if (device == CpuDevice)
            return device;
        string[] parts = device.Split(':');
        int index = 0;
        bool isKnown = parts[0] is CudaPrefix or OpenClPrefix && parts.Length switch
        {
            1 => true,
            2 => int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index),
            _ => false,
        };
        return isKnown ? $"{parts[0]}:{index}" : null;
    }
}
