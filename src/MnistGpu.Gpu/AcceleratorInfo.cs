namespace MnistGpu.Gpu;

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
    /// Whether a CPU takes a GPU's place: the kernels are right there, but what they take says nothing of a GPU.
    /// </summary>
    public bool RunsOnCpu { get; init; }

    /// <summary>The company whose driver it is, as that driver says; null where it does not.</summary>
    public string? Vendor { get; init; }
}
