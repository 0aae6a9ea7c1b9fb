namespace MnistGpu.Gpu.Devices;

/// <summary>An accelerator that ILGPU can use on this machine.</summary>
/// <param name="Device">The name to open it by: "cuda:0", "opencl:1", "ilgpu-cpu".</param>
/// <param name="Name">The driver's name for it.</param>
/// <param name="Kind">
/// What it is: "CUDA GPU", "OpenCL GPU", "OpenCL CPU", "OpenCL device", "ILGPU's CPU accelerator".
/// </param>
/// <param name="IsGpu">Whether it is a GPU, and so worth choosing automatically.</param>
/// <param name="MemoryBytes">Its memory, in bytes; null if ILGPU does not say.</param>
/// <param name="MaxGroupSize">The maximum number of threads per group.</param>
public sealed record AcceleratorInfo(
    string Device, string Name, string Kind, bool IsGpu, long? MemoryBytes, int MaxGroupSize)
{
    /// <summary>
    /// Whether it runs kernels on a CPU: their results are right, but their times say nothing about a GPU.
    /// </summary>
    public bool RunsOnCpu { get; init; }

    /// <summary>Whether it is integrated into the processor and shares its memory.</summary>
    public bool IsIntegrated { get; init; }

    /// <summary>The driver's vendor, according to the driver; null if it does not say.</summary>
    public string? Vendor { get; init; }

    /// <summary>Number of multiprocessors, or OpenCL compute units, each of which runs its own groups.</summary>
    public int Multiprocessors { get; init; }

    /// <summary>The maximum shared memory per group, in bytes.</summary>
    public int SharedBytes { get; init; }

    /// <summary>"compute capability 9.0, driver for CUDA 12.4", "OpenCL 3.0"; null for ILGPU's CPU accelerator.</summary>
    public string? Version { get; init; }
}

/// <summary>The accelerators that ILGPU finds on this machine.</summary>
/// <param name="Found">CUDA devices, then OpenCL devices, then ILGPU's CPU accelerator.</param>
/// <param name="LeftOut">Why there is no CUDA or OpenCL, or not all of its devices: one line each.</param>
public sealed record AcceleratorList(IReadOnlyList<AcceleratorInfo> Found, IReadOnlyList<string> LeftOut)
{
    /// <summary>
    /// Hidden units from which an integrated GPU is chosen automatically. With fewer, its epoch is mostly the time of 2,814
    /// launches, some 10 µs each, in which a CPU engine finishes the work.
    /// </summary>
    public const int LeastHiddenOfIntegratedGpu = 512;

    /// <summary>
    /// Why an installed NVIDIA driver offers no GPU, as a line of <see cref="LeftOut"/>; null if none is installed, or its GPUs are
    /// hidden from this program on purpose.
    /// </summary>
    public string? Fault { get; init; }

    /// <summary>
    /// The GPU to use if none is named: the first CUDA device, else the first OpenCL GPU; an integrated one only from
    /// <see cref="LeastHiddenOfIntegratedGpu"/> hidden units up; or null.
    /// </summary>
    /// <param name="hidden">Hidden units of the network.</param>
    public AcceleratorInfo? PreferredGpu(int hidden) =>
        Found.FirstOrDefault(info => info.IsGpu && (!info.IsIntegrated || hidden >= LeastHiddenOfIntegratedGpu));

    /// <summary>
    /// That an accelerator which is not among those found is not here, and what there is instead, or why there is none of its kind:
    /// "there is no cuda: no NVIDIA driver was found (libcuda.so.1)".
    /// </summary>
    /// <param name="device">A name as <see cref="AcceleratorCatalog.FullName"/> takes it.</param>
    public string WhyThereIsNo(string device)
    {
        string prefix = device.Split(':')[0];
        string[] others =
        [
            .. Found.Where(info => info.Device.StartsWith(prefix)).Select(info => $"{info.Device} ({info.Name})"),
        ];
        string why = others.Length > 0
            ? $"there is {string.Join(", ", others)}"
            : string.Join(", ", LeftOut
                .Where(reason => reason.StartsWith($"{prefix}: ", StringComparison.OrdinalIgnoreCase))
                .Select(reason => reason[(prefix.Length + 2)..]));
        return why == "" ? $"there is no {device}" : $"there is no {device}: {why}";
    }
}
