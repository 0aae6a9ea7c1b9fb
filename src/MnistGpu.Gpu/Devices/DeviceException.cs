using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace MnistGpu.Gpu.Devices;

/// <summary>
/// An accelerator cannot be used, has failed, or has too little memory. The message is one line that names the device and
/// what it was doing.
/// </summary>
public sealed class DeviceException : Exception
{
    // CUDA's errors for code that the driver does not know; the last is not in ILGPU's list.
    private const int NoBinaryForGpu = 209, InvalidPtx = 218, UnsupportedPtxVersion = 222;

    private const string OrEndOthers = "close other programs that use its memory (nvidia-smi lists them), or use --device cpu";

    /// <param name="device">The device and its name: "cuda:0 (NVIDIA A100)".</param>
    /// <param name="problem">What went wrong: "failed in training".</param>
    /// <param name="failure">What ILGPU or the driver threw.</param>
    /// <param name="less">How to need less memory: "train on fewer images with --limit"; null if there is no way.</param>
    internal DeviceException(string device, string problem, Exception failure, string? less = null)
        : base($"{device} {problem}: {FirstLine(failure)}{NumberOf(failure)}", failure) =>
        Advice = IsOutOfMemory(failure) ? (less is null ? OrEndOthers : $"{less}, {OrEndOthers}")
            : IsDriverTooOld(failure) ? "the NVIDIA driver is too old for the kernels, install a newer one; --device cpu works without it"
            : "--device cpu works without it";

    /// <summary>What a user of the command line can do, as a clause.</summary>
    public string Advice { get; }

    /// <summary>Whether an exception says that a device has failed or has too little memory.</summary>
    internal static bool IsDeviceFault(Exception exception) =>
        exception is AcceleratorException or OutOfMemoryException;

    /// <summary>The first line of a message: drivers append a compiler's output to it.</summary>
    internal static string FirstLine(Exception exception) => exception.Message.Trim().Split('\n')[0].Trim();

    /// <summary>The CUDA driver's own number and name for an error, which can be looked up; empty for other errors.</summary>
    private static string NumberOf(Exception failure) => CudaErrorOf(failure) is CudaError error
        ? $" (error {(int)error}, {((int)error == UnsupportedPtxVersion ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION" : error)})"
        : "";

    private static bool IsOutOfMemory(Exception failure) => failure is OutOfMemoryException
        || failure.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || failure.Message.Contains("ALLOCATION_FAILURE", StringComparison.Ordinal);

    private static bool IsDriverTooOld(Exception failure) =>
        CudaErrorOf(failure) is CudaError error && (int)error is NoBinaryForGpu or InvalidPtx or UnsupportedPtxVersion;

    /// <summary>ILGPU gives the error as text: its name, or its number if ILGPU has no name for it.</summary>
    private static CudaError? CudaErrorOf(Exception failure) =>
        failure.GetBaseException() is CudaException cuda && Enum.TryParse(cuda.Error, out CudaError error) ? error : null;
}
