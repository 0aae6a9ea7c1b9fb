namespace ILGPU.Runtime.CPU;

/// <summary>Which device's group sizes a CPU device imitates.</summary>
public enum CPUDeviceKind
{
    /// <summary>4 warps of 4 threads: groups of at most 16 threads.</summary>
    Default,

    /// <summary>32 warps of 32 threads: groups of at most 1024 threads.</summary>
    Nvidia,

    /// <summary>8 warps of 32 threads: groups of at most 256 threads.</summary>
    AMD,

    /// <summary>4 warps of 64 threads: groups of at most 256 threads.</summary>
    LegacyAMD,

    /// <summary>8 warps of 16 threads: groups of at most 128 threads.</summary>
    Intel
}
