namespace ILGPU.Runtime.OpenCL;

/// <summary>What an OpenCL device is, as its driver says.</summary>
[Flags]
public enum CLDeviceType
{
    /// <summary>The platform's default device.</summary>
    CL_DEVICE_TYPE_DEFAULT = 1 << 0,

    /// <summary>The processor.</summary>
    CL_DEVICE_TYPE_CPU = 1 << 1,

    /// <summary>A GPU.</summary>
    CL_DEVICE_TYPE_GPU = 1 << 2,

    /// <summary>A device made for computing only.</summary>
    CL_DEVICE_TYPE_ACCELERATOR = 1 << 3,

    /// <summary>A device that runs built-in kernels only.</summary>
    CL_DEVICE_TYPE_CUSTOM = 1 << 4,

    /// <summary>All of them but custom ones.</summary>
    CL_DEVICE_TYPE_ALL = -1
}
