using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using ILGPU;

namespace MnistGpu.Gpu.Devices;

/// <summary>The libraries of the drivers that ILGPU calls.</summary>
internal static class DriverLibraries
{
    private const string Cuda = "cuda";
    private const string OpenCl = "OpenCL";

    private static bool s_isResolving;

    /// <summary>The file name of the CUDA driver on this system.</summary>
    public static string CudaFile => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The file name of the OpenCL loader on this system.</summary>
    public static string OpenClFile => OperatingSystem.IsWindows() ? "OpenCL.dll" : "libOpenCL.so.1";

    /// <summary>Whether the CUDA driver is installed.</summary>
    public static bool HasCuda => Has(OperatingSystem.IsWindows() ? CudaFile : Cuda);

    /// <summary>
    /// The error with which the CUDA driver fails to start or to count the GPUs, in its own words: "error 100,
    /// CUDA_ERROR_NO_DEVICE"; null if it does both, or is not installed. ILGPU does not report it.
    /// </summary>
    public static unsafe string? CudaStartError()
    {
        nint library = Load(typeof(Context).Assembly, OperatingSystem.IsWindows() ? CudaFile : Cuda);
        if (library == 0 || !NativeLibrary.TryGetExport(library, "cuInit", out nint init))
            return null;
        int error = ((delegate* unmanaged<uint, int>)init)(0);
        int devices;
        if (error == 0 && NativeLibrary.TryGetExport(library, "cuDeviceGetCount", out nint count))
            error = ((delegate* unmanaged<int*, int>)count)(&devices);
        if (error == 0)
            return null;
        byte* name = null;
        if (NativeLibrary.TryGetExport(library, "cuGetErrorName", out nint getName))
            _ = ((delegate* unmanaged<int, byte**, int>)getName)(error, &name);
        return $"error {error}" + (name == null ? "" : $", {Marshal.PtrToStringUTF8((nint)name)}");
    }

    /// <summary>Whether the OpenCL loader is installed.</summary>
    public static bool HasOpenCl => Has(OperatingSystem.IsWindows() ? OpenClFile : OpenCl);

    /// <summary>
    /// Makes ILGPU find libcuda.so.1 and libOpenCL.so.1. It asks for the names without a version, which on Linux only
    /// development packages install. (Not with SetDllImportResolver, because under WSL ILGPU sets its own.)
    /// </summary>
    [MethodImpl(MethodImplOptions.Synchronized)]
    public static void ResolveByVersion()
    {
        if (s_isResolving)
            return;
        s_isResolving = true;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (assembly, name) => name switch
        {
            Cuda => Load(assembly, CudaFile),
            OpenCl => Load(assembly, OpenClFile),
            _ => 0,
        };
    }

    private static nint Load(Assembly assembly, string file) =>
        NativeLibrary.TryLoad(file, assembly, searchPath: null, out nint library) ? library : 0;

    private static bool Has(string name) => Load(typeof(Context).Assembly, name) != 0;
}
