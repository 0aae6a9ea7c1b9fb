namespace MnistGpu.Gpu.Devices;

/// <summary>An accelerator that ILGPU can use on this machine.</summary>
/// <param name="Device">What to ask for it by: "cuda:0", "opencl:1", "ilgpu-cpu".</param>
/// <param name="Name">Its driver's name for it.</param>
/// <param name="Kind">
/// What it is: "CUDA GPU", "OpenCL GPU", "OpenCL CPU", "OpenCL device", "ILGPU's CPU accelerator".
/// </param>
/// <param name="IsGpu">Whether it is a graphics processor, and so worth choosing unasked.</param>
/// <param name="MemoryBytes">Its memory, in bytes; null where ILGPU does not tell.</param>
/// <param name="MaxGroupSize">The most threads that a group may have.</param>
public sealed record AcceleratorInfo(
    string Device, string Name, string Kind, bool IsGpu, long? MemoryBytes, int MaxGroupSize)
{
    /// <summary>
    /// Whether a CPU takes a GPU's place: the kernels are right there, but their times say nothing about a GPU.
    /// </summary>
    public bool RunsOnCpu { get; init; }

    /// <summary>Whether it is a part of the processor and shares its memory.</summary>
    public bool IsIntegrated { get; init; }

    /// <summary>The company whose driver it is, as that driver says; null where it does not.</summary>
    public string? Vendor { get; init; }

    /// <summary>Multiprocessors, OpenCL's compute units; each runs groups of its own.</summary>
    public int Multiprocessors { get; init; }

    /// <summary>The most shared memory that a group may have, in bytes.</summary>
    public int SharedBytes { get; init; }

    /// <summary>"compute capability 9.0, driver for CUDA 12.4", "OpenCL 3.0"; null for ILGPU's CPU accelerator.</summary>
    public string? Version { get; init; }
}

/// <summary>What ILGPU finds on this machine.</summary>
/// <param name="Found">CUDA devices, then OpenCL devices, then ILGPU's CPU accelerator.</param>
/// <param name="LeftOut">Why there is no CUDA or no OpenCL, or not each of its devices: one line each.</param>
public sealed record AcceleratorList(IReadOnlyList<AcceleratorInfo> Found, IReadOnlyList<string> LeftOut)
{
    /// <summary>
    /// Hidden units from which an integrated GPU is used unasked. With few, its epoch is mostly the time of 2,814 launches,
    /// some 10 µs each, and a CPU engine is done in that time.
    /// </summary>
    public const int LeastHiddenOfIntegratedGpu = 512;

    /// <summary>
    /// The GPU to use when none is asked for: the first CUDA device, else the first OpenCL GPU; one that is integrated
    /// only from <see cref="LeastHiddenOfIntegratedGpu"/> on; or null.
    /// </summary>
    /// <param name="hidden">Hidden units of the network.</param>
    public AcceleratorInfo? PreferredGpu(int hidden) =>
        Found.FirstOrDefault(info => info.IsGpu && (!info.IsIntegrated || hidden >= LeastHiddenOfIntegratedGpu));
}
