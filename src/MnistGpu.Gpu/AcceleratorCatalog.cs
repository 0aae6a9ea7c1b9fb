using System.Globalization;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace MnistGpu.Gpu;

/// <summary>The accelerators of this machine.</summary>
public static class AcceleratorCatalog
{
    /// <summary>The name of ILGPU's own CPU accelerator, which is for debugging.</summary>
    public const string CpuDevice = "ilgpu-cpu";

    private const string CudaPrefix = "cuda";
    private const string OpenClPrefix = "opencl";

    /// <summary>The version of ILGPU: "1.5.3".</summary>
    public static string Ilgpu { get; } = typeof(Context).Assembly.GetName().Version!.ToString(3);

    private const string OpenClAdvice = "install a device's driver and the OpenCL loader "
        + "(for the CPU: pocl-opencl-icd of Debian 13 or later)";

    /// <summary>Every accelerator: CUDA devices, then OpenCL devices, then ILGPU's CPU accelerator.</summary>
    /// <exception cref="InvalidOperationException">A driver fails; says in one line how.</exception>
    public static IReadOnlyList<AcceleratorInfo> List()
    {
        using Context context = CreateContext();
        return [.. Entries(context).Select(entry => entry.Info)];
    }

    /// <summary>A context that knows every accelerator and compiles <c>XMath</c>.</summary>
    /// <param name="create">Creates it in the place of ILGPU, in tests.</param>
    /// <exception cref="InvalidOperationException">A driver fails; says in one line how.</exception>
    internal static Context CreateContext(Func<Context>? create = null)
    {
        create ??= () => Context.Create(builder => builder.Default().EnableAlgorithms());
        try
        {
            OpenClBarrier.Mend();
            return create();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"ILGPU cannot look for accelerators: {FirstLine(exception)}", exception);
        }
    }

    /// <summary>
    /// What is wrong, in one line: drivers report compilers' output, of which the first line says it.
    /// </summary>
    internal static string FirstLine(Exception exception) => exception.Message.Trim().Split('\n')[0].Trim();

    /// <summary>
    /// The GPU to use when none is asked for: the first CUDA device, else the first OpenCL device that is a GPU; null
    /// when there is none.
    /// </summary>
    internal static (AcceleratorInfo Info, Device Device)? PreferredGpu(Context context) =>
        Entries(context).Find(entry => entry.Info.IsGpu) is { Info: not null } gpu ? gpu : null;

    /// <summary>Finds the device that a name stands for.</summary>
    /// <param name="context">From <see cref="CreateContext"/>.</param>
    /// <param name="device">"cuda", "cuda:i", "opencl", "opencl:i" or "ilgpu-cpu".</param>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    /// <exception cref="InvalidOperationException">There is no such device here; says what there is.</exception>
    internal static (AcceleratorInfo Info, Device Device) Find(Context context, string device)
    {
        List<(AcceleratorInfo Info, Device Device)> entries = Entries(context);
        int found = entries.FindIndex(entry => entry.Info.Device == FullName(device));
        if (found >= 0)
            return entries[found];

        string there = string.Join(", ", entries.Select(entry => $"{entry.Info.Device} ({entry.Info.Name})"));
        throw new InvalidOperationException($"there is no {Missing(device, entries)}; there is: {there}");
    }

    /// <summary>"cuda" is "cuda:0"; a number is written the one way that the catalog writes it.</summary>
    private static string FullName(string device)
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
        if (!isKnown)
            throw new ArgumentException(
                $"'{device}' is not an accelerator: use cuda, cuda:1, opencl, opencl:1, … or {CpuDevice}");
        return $"{parts[0]}:{index}";
    }

    /// <summary>What is not there, why, and what to install to have it.</summary>
    private static string Missing(string device, List<(AcceleratorInfo Info, Device Device)> entries) => device.Split(':')[0] switch
    {
        CudaPrefix => $"{device}: it needs an NVIDIA GPU and its driver",
        _ when entries.FindLast(entry => entry.Info.Device.StartsWith(OpenClPrefix)) is { Info: AcceleratorInfo last } =>
            $"{device}: the last OpenCL device is {last.Device}",
        _ => $"{device}: {OpenClAdvice}",
    };

    private static List<(AcceleratorInfo Info, Device Device)> Entries(Context context)
    {
        List<(AcceleratorInfo Info, Device Device)> entries = [];
        int cuda = 0;
        foreach (Device device in context)
            if (device.AcceleratorType == AcceleratorType.Cuda)
                entries.Add(Entry($"{CudaPrefix}:{cuda++}", "CUDA GPU", isGpu: true, device));

        int openCl = 0;
        foreach (Device device in context)
            if (device is CLDevice { DeviceType: CLDeviceType type } openClDevice)
            {
                bool isGpu = type.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);
                bool isCpu = !isGpu && type.HasFlag(CLDeviceType.CL_DEVICE_TYPE_CPU);
                string kind = isGpu ? "OpenCL GPU" : isCpu ? "OpenCL CPU" : "OpenCL device";
                (AcceleratorInfo info, _) = Entry($"{OpenClPrefix}:{openCl++}", kind, isGpu, device);
                entries.Add((info with { RunsOnCpu = isCpu, Vendor = openClDevice.VendorName }, device));
            }

        if (context.Devices.FirstOrDefault(device => device.AcceleratorType == AcceleratorType.CPU) is Device cpu)
        {
            (AcceleratorInfo info, _) = Entry(CpuDevice, "ILGPU's CPU accelerator", isGpu: false, cpu);
            entries.Add((info with { RunsOnCpu = true }, cpu));
        }
        return entries;
    }

    private static (AcceleratorInfo Info, Device Device) Entry(string name, string kind, bool isGpu, Device device) =>
        (new AcceleratorInfo(
            name, device.Name, kind, isGpu, device.MemorySize == long.MaxValue ? null : device.MemorySize,
            device.MaxNumThreadsPerGroup), device);
}
