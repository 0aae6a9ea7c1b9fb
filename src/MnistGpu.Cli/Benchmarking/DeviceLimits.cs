using MnistGpu.Cli.Output;
using MnistGpu.Gpu.Measurement;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>What limits an accelerator, at the median of some samples.</summary>
/// <param name="LaunchSeconds">From one launch to the next, of an empty kernel.</param>
/// <param name="BytesPerSecond">Read plus written, by a copy.</param>
/// <param name="OperationsPerSecond">Additions plus multiplications, of multiply-adds in registers.</param>
internal sealed record DeviceLimits(double LaunchSeconds, double BytesPerSecond, double OperationsPerSecond)
{
    /// <summary>Measures them.</summary>
    public static DeviceLimits Of(KernelMeasurement measurement)
    {
        KernelTiming copy = measurement.Copy(), multiplyAdd = measurement.MultiplyAdd();
        return new DeviceLimits(
            Median(measurement.Launch()), copy.Bytes / Median(copy), multiplyAdd.Operations / Median(multiplyAdd));

        static double Median(KernelTiming timing) => SampleSummary.Of(timing.Seconds)!.Median;
    }

    public override string ToString() =>
        $"{Format.ThreeDigits(BytesPerSecond / 1e9)} GB/s, {Format.ThreeDigits(OperationsPerSecond / 1e9)} GFLOP/s, "
        + $"{Format.ThreeDigits(LaunchSeconds * 1e6)} µs per launch";
}
