using System.Runtime.InteropServices;

namespace MnistGpu.Testing;

/// <summary>The CUDA driver that tests/cuda-emulator/build.sh makes.</summary>
public static class CudaEmulator
{
    private const string SearchPath = "LD_LIBRARY_PATH";

    private static readonly string s_folder = Path.Combine(Repository.Folder, "tests", "cuda-emulator", "lib");

    /// <summary>
    /// Uses it where it is built and the machine has no driver of its own: in this process, where a library that is
    /// loaded is found again by its name, and in those that the tests start.
    /// </summary>
    public static void Load()
    {
        string library = Path.Combine(s_folder, "libcuda.so.1");
        if (NativeLibrary.TryLoad("libcuda.so.1", out _) || !NativeLibrary.TryLoad(library, out _))
            return;
        string? others = Environment.GetEnvironmentVariable(SearchPath);
        Environment.SetEnvironmentVariable(SearchPath, string.IsNullOrEmpty(others) ? s_folder : $"{s_folder}:{others}");
    }
}
