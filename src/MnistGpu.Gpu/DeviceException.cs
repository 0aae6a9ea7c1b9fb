using ILGPU.Runtime;

namespace MnistGpu.Gpu;

/// <summary>
/// An accelerator cannot be used, has failed, or has too little memory. The message is one line that names the device
/// and what it failed in.
/// </summary>
public sealed class DeviceException : Exception
{
    /// <param name="device">The device and its name: "cuda:0 (NVIDIA A100)".</param>
    /// <param name="problem">What went wrong: "failed in training".</param>
    /// <param name="failure">What ILGPU or the driver threw.</param>
    internal DeviceException(string device, string problem, Exception failure)
        : base($"{device} {problem}: {FirstLine(failure)}", failure) =>
        Advice = failure is OutOfMemoryException || Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            || Message.Contains("ALLOCATION_FAILURE", StringComparison.Ordinal)
            ? "use fewer hidden units or a smaller batch, or --device cpu"
            : "--device cpu works without it";

    /// <summary>What a user of the command line can do, in half a sentence.</summary>
    public string Advice { get; }

    /// <summary>Whether an exception says that a device has failed or has too little memory.</summary>
    internal static bool IsDeviceFault(Exception exception) =>
        exception is AcceleratorException or OutOfMemoryException;

    /// <summary>Drivers append a compiler's output to what is wrong; the first line says it.</summary>
    internal static string FirstLine(Exception exception) => exception.Message.Trim().Split('\n')[0].Trim();
}
