using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Engines;

/// <summary>What to do about a device that fails.</summary>
internal static class DeviceAdvice
{
    private const string OrEndOthers = "close other programs that use its memory (nvidia-smi lists them), or use --device cpu";

    /// <summary>The advice, as a clause.</summary>
    public static string For(DeviceException failure) => failure switch
    {
        { LacksMemoryFor: MemoryUse.Images } => $"train on fewer images with --limit, {OrEndOthers}",
        { LacksMemoryFor: MemoryUse.DistortedImages } => $"leave out --augment, train on fewer images with --limit, {OrEndOthers}",
        { LacksMemoryFor: MemoryUse.Training } => $"use a smaller --batch-size or fewer hidden units, {OrEndOthers}",
        { LacksMemoryFor: MemoryUse.Network } => $"use fewer hidden units, {OrEndOthers}",
        { LacksMemoryFor: MemoryUse.Other } => OrEndOthers,
        { DriverIsTooOld: true } => "the NVIDIA driver is too old for the kernels, install a newer one; --device cpu works without it",
        _ => "--device cpu works without it",
    };
}
