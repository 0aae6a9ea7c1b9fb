using System.Text.Json.Serialization;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Gpu.Measurement;

namespace MnistGpu.Cli.Reports;

/// <summary>The kernels of some devices, as <c>--json</c> writes them.</summary>
/// <param name="Complete">False if it was interrupted.</param>
/// <param name="Machine">What it ran on.</param>
/// <param name="Devices">One element per device.</param>
internal sealed record KernelReport(bool Complete, MachineInfo Machine, IReadOnlyList<DeviceKernels> Devices);

/// <summary>The kernels of one device; it grows while they are measured.</summary>
internal sealed class DeviceKernels(BenchmarkDevice device)
{
    /// <summary>As <c>--device</c> takes it.</summary>
    public string Device => device.Name;

    /// <summary>What it is; null before it is opened.</summary>
    public string? Description { get; set; }

    /// <summary>Whether it runs GPU kernels on a CPU.</summary>
    public bool SimulatesGpu => device.SimulatesGpu;

    /// <summary>Why the device was not measured, or not completely; null if it was.</summary>
    public string? Error { get; set; }

    /// <summary>What limits it; null before that is measured.</summary>
    [JsonIgnore]
    public DeviceLimits? Limits { get; set; }

    /// <summary>Bytes per second of the copy kernel; null before it is measured.</summary>
    public double? CopyRate => Limits?.BytesPerSecond;

    /// <summary>Operations per second of the multiply-add kernel; null before it is measured.</summary>
    public double? MultiplyAddRate => Limits?.OperationsPerSecond;

    /// <summary>Seconds from one launch of an empty kernel to the next; null before it is measured.</summary>
    public double? LaunchSeconds => Limits?.LaunchSeconds;

    /// <summary>Whether the tuned versions can run on it.</summary>
    public bool IncludesTuned { get; set; }

    /// <summary>The kernels of a training step.</summary>
    public List<KernelResult> Kernels { get; } = [];

    /// <summary>Why the ladder has no product on tensor cores; null if it has one, or is not measured.</summary>
    public string? WhyNotOnTensorCores { get; set; }

    /// <summary>The matrix products of the ladder, and cuBLAS's where it is installed.</summary>
    public List<KernelResult> Ladder { get; } = [];
}

/// <summary>A kernel's rates, at the median time of a launch.</summary>
internal sealed record KernelResult
{
    /// <summary>Computes the rates from the samples.</summary>
    public KernelResult(KernelTiming timing, DeviceLimits limits)
    {
        Timing = timing;
        Seconds = SampleSummary.Of(timing.Seconds)!;
        Gflops = timing.Operations / Seconds.Median / 1e9;
        GigabytesPerSecond = timing.Bytes / Seconds.Median / 1e9;
        ShareOfMultiplyAdd = timing.Operations / Seconds.Median / limits.OperationsPerSecond;
        ShareOfCopy = timing.Bytes / Seconds.Median / limits.BytesPerSecond;
    }

    public KernelTiming Timing { get; }

    /// <summary>Seconds per launch.</summary>
    public SampleSummary Seconds { get; }

    public double Gflops { get; }

    public double GigabytesPerSecond { get; }

    /// <summary>The fraction of the multiply-add kernel's rate.</summary>
    public double ShareOfMultiplyAdd { get; }

    /// <summary>
    /// The fraction of the copy kernel's rate. Above 1 if the data is in a cache; the copy kernel's is not.
    /// </summary>
    public double ShareOfCopy { get; }

    /// <summary>The fraction of cuBLAS's rate for the same product; null if it is not installed.</summary>
    public double? ShareOfCuBlas { get; init; }
}

/// <summary>How the kernels become JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KernelReport))]
internal sealed partial class KernelJson : JsonSerializerContext;
