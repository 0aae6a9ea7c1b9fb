namespace MnistGpu.Gpu.Tests;

/// <summary>Devices that not every machine has.</summary>
internal static class GpuDevice
{
    /// <summary>Skips the test where there is no such device.</summary>
    /// <param name="device">"cuda" or "opencl".</param>
    public static void Require(string device) =>
        Skip.If(
            AcceleratorCatalog.List().Found.All(info => info.Device != $"{device}:0"),
            $"There is no {device} device here{(device == "cuda" ? "; tests/cuda-emulator/build.sh makes one" : "")}.");

    /// <summary>Skips the test where the CUDA device is not the emulator, which checks and fails what it is told to.</summary>
    public static void RequireCudaEmulator()
    {
        Require("cuda");
        AcceleratorInfo cuda = AcceleratorCatalog.List().Found.First(info => info.Device == "cuda:0");
        Skip.IfNot(cuda.Name.StartsWith("Emulated CUDA device"), "The CUDA device is no emulator.");
    }
}
