using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Engines;

/// <summary>What to do about a device that fails.</summary>
internal static class DeviceAdvice
{
    private const string EndOthers = "close other programs that use its memory (nvidia-smi lists them)";

    /// <summary>The failure and the advice, for a command that needs one device.</summary>
    public static string Explain(DeviceException failure) => failure.Message + "; " + (failure.LacksMemoryFor is null
        ? string.Join("; ", [.. Remedies(failure), "--device cpu works without it"])
        : string.Join(", ", [.. Remedies(failure), "or use --device cpu"]));

    /// <summary>The same for a command that continues with the other devices.</summary>
    public static string ExplainOneOfSeveral(DeviceException failure) => Remedies(failure) is [_, ..] remedies
        ? $"{failure.Message}; {string.Join(", or ", remedies)}" : failure.Message;

    /// <summary>What helps on this device, as clauses.</summary>
    private static string[] Remedies(DeviceException failure) => failure switch
    {
        { LacksMemoryFor: MemoryUse.Images } => ["train on fewer images with --limit", EndOthers],
        { LacksMemoryFor: MemoryUse.DistortedImages } => ["leave out --augment", "train on fewer images with --limit", EndOthers],
        { LacksMemoryFor: MemoryUse.Training } => ["use a smaller batch or fewer hidden units", EndOthers],
        { LacksMemoryFor: MemoryUse.Network } => ["use fewer hidden units", EndOthers],
        { LacksMemoryFor: MemoryUse.Other } => [EndOthers],
        { DriverIsTooOld: true } => ["the NVIDIA driver is too old for the kernels, install a newer one"],
        _ => [],
    };
}
