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

    /// <param name="device">The device and its name: "cuda:0 (NVIDIA A100)".</param>
    /// <param name="problem">What went wrong: "failed in training".</param>
    /// <param name="failure">What ILGPU or the driver threw.</param>
    /// <param name="need">What was being put into the device's memory.</param>
    internal DeviceException(string device, string problem, Exception failure, MemoryUse need = MemoryUse.Other)
        : base($"{device} {problem}: {FirstLine(failure).TrimEnd('.')}{NumberOf(failure)}", failure)
    {
        LacksMemoryFor = IsOutOfMemory(failure) ? need : null;
        DriverIsTooOld = LacksMemoryFor is null && IsTooOld(failure);
    }

    /// <summary>What did not fit into the device's memory; null if something else is wrong.</summary>
    public MemoryUse? LacksMemoryFor { get; }

    /// <summary>Whether the NVIDIA driver is too old for the kernels.</summary>
    public bool DriverIsTooOld { get; }

    /// <summary>Whether an exception says that a device has failed or has too little memory.</summary>
    internal static bool IsDeviceFault(Exception exception) =>
        exception is AcceleratorException or OutOfMemoryException;

    /// <summary>The first line of any exception's message: drivers append a compiler's output to it.</summary>
    public static string FirstLine(Exception exception) => exception.Message.Trim().Split('\n')[0].Trim();

    /// <summary>The CUDA driver's own number and name for an error, which can be looked up; empty for other errors.</summary>
    private static string NumberOf(Exception failure) => CudaErrorOf(failure) switch
    {
        null => "",
        (CudaError)UnsupportedPtxVersion => $" (error {UnsupportedPtxVersion}, CUDA_ERROR_UNSUPPORTED_PTX_VERSION)",
        CudaError error when Enum.IsDefined(error) => $" (error {(int)error}, {error})",
        CudaError error => $" (error {(int)error})",
    };

    private static bool IsOutOfMemory(Exception failure) => failure is OutOfMemoryException
        || failure.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || failure.Message.Contains("ALLOCATION_FAILURE", StringComparison.Ordinal);

    private static bool IsTooOld(Exception failure) =>
        CudaErrorOf(failure) is CudaError error && (int)error is NoBinaryForGpu or InvalidPtx or UnsupportedPtxVersion;

    /// <summary>ILGPU gives the error as text: its name, or its number if ILGPU has no name for it.</summary>
    private static CudaError? CudaErrorOf(Exception failure) =>
        failure.GetBaseException() is CudaException cuda && Enum.TryParse(cuda.Error, out CudaError error) ? error : null;
}

/// <summary>What a device's memory is used for.</summary>
public enum MemoryUse
{
    /// <summary>The kernels, or the device's own needs.</summary>
    Other,

    /// <summary>The training images.</summary>
    Images,

    /// <summary>The distorted images of an epoch, beside the training images.</summary>
    DistortedImages,

    /// <summary>The activations of a batch, and the velocity.</summary>
    Training,

    /// <summary>The parameters, or the activations of a prediction.</summary>
    Network,
}
