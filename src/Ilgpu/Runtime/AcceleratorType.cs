namespace ILGPU.Runtime;

/// <summary>What kind of device runs the kernels.</summary>
public enum AcceleratorType
{
    /// <summary>The processor, for tests and debugging.</summary>
    CPU,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda,

    /// <summary>Any device with an OpenCL driver.</summary>
    OpenCL
}
