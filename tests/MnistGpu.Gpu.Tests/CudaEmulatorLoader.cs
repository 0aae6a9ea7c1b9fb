using System.Runtime.CompilerServices;

namespace MnistGpu.Gpu.Tests;

/// <summary>Makes the emulated CUDA device known before any test looks for devices.</summary>
internal static class CudaEmulatorLoader
{
    [ModuleInitializer]
    internal static void Load() => CudaEmulator.Load();
}
