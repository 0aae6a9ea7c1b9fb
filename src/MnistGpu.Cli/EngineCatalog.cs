using System.Text.RegularExpressions;
using MnistGpu.Engines.Reference;
using MnistGpu.Engines.Simd;
using MnistGpu.Gpu;
using MnistGpu.Training;

namespace MnistGpu.Cli;

/// <summary>From a device's name on the command line to the engine that computes there.</summary>
internal static partial class EngineCatalog
{
    /// <summary>The names that <c>--device</c> takes, as help shows them.</summary>
    public const string DeviceNames = "auto|cpu|reference|cuda[:i]|opencl[:i]|ilgpu-cpu";

    [GeneratedRegex(@"^(auto|cpu|reference|ilgpu-cpu|(cuda|opencl)(:\d{1,3})?)$")]
    private static partial Regex DeviceName { get; }

    /// <summary>Whether this is a name that <c>--device</c> takes.</summary>
    public static bool IsDeviceName(string device) => DeviceName.IsMatch(device);

    /// <summary>
    /// Makes the engine of a device; the caller disposes it. "auto" is the first GPU there is, and the CPU engine where
    /// there is none or the GPU fails to start, which is said.
    /// </summary>
    /// <param name="device">A name that <see cref="IsDeviceName"/>.</param>
    /// <param name="threads">Threads of the CPU engine; null for all cores.</param>
    /// <param name="terminal">Told of a GPU that is there and fails.</param>
    /// <exception cref="InvalidOperationException">The device that was named is not there or cannot be used.</exception>
    public static ITrainingEngine Open(string device, int? threads, Terminal terminal)
    {
        switch (device)
        {
            case "reference":
                return new ReferenceEngine();
            case "cpu":
                return new SimdEngine(threads ?? 0);
            case "auto":
                try
                {
                    if (AcceleratorCatalog.PreferredGpu() is AcceleratorInfo gpu)
                        return AcceleratorEngine.Open(gpu.Device);
                }
                catch (Exception exception)
                {
                    terminal.WriteError($"warning: {exception.Message}; the CPU takes over");
                }
                return new SimdEngine(threads ?? 0);
            default:
                return AcceleratorEngine.Open(device);
        }
    }
}
