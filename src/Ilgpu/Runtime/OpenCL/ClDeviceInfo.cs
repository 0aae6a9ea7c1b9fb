using System.Text;

namespace ILGPU.Runtime.OpenCL;

/// <summary>Reads what a platform or device says about itself (OpenCL 1.2, tables 4.1 and 4.3).</summary>
internal static unsafe class ClDeviceInfo
{
    internal const uint PlatformName = 0x0902;
    internal const uint PlatformVendor = 0x0903;

    internal const uint Type = 0x1000;
    internal const uint MaxComputeUnits = 0x1002;
    internal const uint MaxWorkItemDimensions = 0x1003;
    internal const uint MaxWorkGroupSize = 0x1004;
    internal const uint MaxWorkItemSizes = 0x1005;
    internal const uint MaxMemAllocSize = 0x1010;
    internal const uint SingleFpConfig = 0x101B;
    internal const uint GlobalMemSize = 0x101F;
    internal const uint LocalMemSize = 0x1023;
    internal const uint Available = 0x1027;
    internal const uint CompilerAvailable = 0x1028;
    internal const uint Name = 0x102B;
    internal const uint Version = 0x102F;

    /// <summary>Extension cl_nv_device_attribute_query.</summary>
    internal const uint WarpSizeNv = 0x4003;

    /// <summary>Extension cl_amd_device_attribute_query.</summary>
    internal const uint WavefrontWidthAmd = 0x4043;

    /// <summary>OpenCL 3.0.</summary>
    internal const uint PreferredWorkGroupSizeMultiple = 0x1067;

    internal static string PlatformText(nint platform, uint name)
    {
        nuint size = 0;
        if (Cl.clGetPlatformInfo(platform, name, 0, null, &size) != 0 || size == 0)
            return "";
        byte[] text = new byte[size];
        fixed (byte* pinned = text)
            return Cl.clGetPlatformInfo(platform, name, size, pinned, null) == 0 ? Text(text) : "";
    }

    internal static string DeviceText(nint device, uint name)
    {
        nuint size = 0;
        if (Cl.clGetDeviceInfo(device, name, 0, null, &size) != 0 || size == 0)
            return "";
        byte[] text = new byte[size];
        fixed (byte* pinned = text)
            return Cl.clGetDeviceInfo(device, name, size, pinned, null) == 0 ? Text(text) : "";
    }

    /// <summary>A number, or 0 where the device does not know the name.</summary>
    internal static T Number<T>(nint device, uint name)
        where T : unmanaged
    {
        T value = default;
        return Cl.clGetDeviceInfo(device, name, (nuint)sizeof(T), &value, null) == 0 ? value : default;
    }

    /// <summary>The text up to its terminating zero.</summary>
    internal static string Text(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]).Trim();
    }
}
