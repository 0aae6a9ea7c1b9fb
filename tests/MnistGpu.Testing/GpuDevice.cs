using MnistGpu.Gpu.Devices;

namespace MnistGpu.Testing;

/// <summary>Devices that not every machine has.</summary>
public static class GpuDevice
{
    /// <summary>Skips the test where there is no such device.</summary>
    /// <param name="device">"cuda" or "opencl".</param>
    public static void Require(string device) =>
        Skip.If(
            AcceleratorCatalog.List().Found.All(info => info.Device != $"{device}:0"),
            $"There is no {device} device here{(device == "cuda" ? "; tests/cuda-emulator/build.sh makes one" : "")}.");

    /// <summary>Whether the first CUDA device is the emulator, which checks and fails what it is told to.</summary>
    public static bool HasCudaEmulator => AcceleratorCatalog.List().Found
        .Any(info => info.Device == "cuda:0" && info.Name.StartsWith("Emulated CUDA device"));

    /// <summary>Skips the test where it is not.</summary>
    public static void RequireCudaEmulator()
    {
        Require("cuda");
        Skip.IfNot(HasCudaEmulator, "The CUDA device is a real one.");
    }
}
