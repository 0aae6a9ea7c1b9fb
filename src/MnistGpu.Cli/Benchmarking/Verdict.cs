using System.Diagnostics;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Measurement;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>What limits an accelerator, at the median of some samples.</summary>
/// <param name="LaunchSeconds">From one launch to the next, of an empty kernel.</param>
/// <param name="BytesPerSecond">Read plus written, by a copy.</param>
/// <param name="OperationsPerSecond">Additions plus multiplications, of multiply-adds in registers.</param>
internal sealed record DeviceLimits(double LaunchSeconds, double BytesPerSecond, double OperationsPerSecond)
{
    public static DeviceLimits Of(AcceleratorEngine engine, bool isGpu, CancellationToken cancellationToken)
    {
        var measurement = new KernelMeasurement(engine, isGpu, cancellationToken);
        KernelTiming copy = measurement.Copy(), multiplyAdd = measurement.MultiplyAdd();
        return new DeviceLimits(
            Median(measurement.Launch()), copy.Bytes / Median(copy), multiplyAdd.Operations / Median(multiplyAdd));

        static double Median(KernelTiming timing) => SampleSummary.Of(timing.Seconds)!.Median;
    }

    public override string ToString() =>
        $"{Figures.ThreeDigits(BytesPerSecond / 1e9)} GB/s, {Figures.ThreeDigits(OperationsPerSecond / 1e9)} GFLOP/s, "
        + $"{Figures.ThreeDigits(LaunchSeconds * 1e6)} µs per launch";
}

/// <summary>Whether an accelerator can train MNIST faster than the CPU engine, given what limits it.</summary>
internal static class Verdict
{
    private const int Images = 60_000;
    private const int LitPixels = 150;
    private const int LaunchesPerStep = 3;

    private static readonly int[] s_hidden = [100, 512, 2048];

    /// <summary>Times the CPU engine, on few enough images to take little time.</summary>
    /// <returns>Seconds per epoch of MNIST at some numbers of hidden units.</returns>
    public static IReadOnlyList<(int Hidden, double Seconds)> TimeCpu(CancellationToken cancellationToken)
    {
        const int images = 6_400, epochs = 5;
        using var engine = new SimdEngine();
        engine.LoadTrainingImages(GeneratedDigits.Draw(seed: 1, images, test: 1, cancellationToken: cancellationToken).Train);
        int[] order = [.. Enumerable.Range(0, images)];
        var rates = new float[images];
        return [.. s_hidden.Select(hidden =>
        {
            engine.SetParameters(GlorotInitializer.Draw(hidden, seed: 1));
            double[] seconds = [.. Enumerable.Range(0, epochs).Select(_ =>
            {
                long start = Stopwatch.GetTimestamp();
                engine.TrainEpoch(order, BatchSize, rates, progress: null, cancellationToken);
                return Stopwatch.GetElapsedTime(start).TotalSeconds * Images / images;
            })];
            return (hidden, SampleSummary.Of(seconds)!.Median);
        })];
    }

    /// <summary>The verdict, with the numbers behind it.</summary>
    /// <param name="device">As <c>--device</c> takes it.</param>
    /// <param name="limits">The accelerator's.</param>
    /// <param name="cpu">From <see cref="TimeCpu"/>.</param>
    public static string Of(string device, DeviceLimits limits, IReadOnlyList<(int Hidden, double Seconds)> cpu)
    {
        double launching = Launches * limits.LaunchSeconds;
        int small = cpu[0].Hidden;
        string sentence = $"An epoch of MNIST with {small} hidden units is {Launches:N0} launches of "
            + $"{Figures.ThreeDigits(limits.LaunchSeconds * 1e6)} µs = {Milliseconds(launching)} on {device}, and at least "
            + $"{Milliseconds(LeastWork(limits, small))} of work; the CPU engine takes {Milliseconds(cpu[0].Seconds)}";
        int[] won = [.. cpu.Where(size => launching + LeastWork(limits, size.Hidden) < size.Seconds).Select(size => size.Hidden)];
        sentence += won.Length == 0
            ? $", and is faster up to at least {cpu[^1].Hidden:N0} units."
            : $". {device} can be faster from {won[0]:N0} units up.";
        return device.StartsWith("cuda", StringComparison.Ordinal)
            ? $"{sentence} Where an epoch is a single launch, there is only that one."
            : sentence;

        static string Milliseconds(double seconds) => $"{Figures.Milliseconds(seconds)} ms";
    }

    private static int BatchSize { get; } = new TrainingOptions().BatchSize;

    private static int Steps => (Images - 1) / BatchSize + 1;

    private static int Launches => LaunchesPerStep * Steps;

    /// <summary>
    /// Seconds for an epoch's arithmetic, or for moving its weights through memory, whichever is more: a step multiplies and
    /// adds at lit pixels in two products, and reads W1 twice and writes it once.
    /// </summary>
    private static double LeastWork(DeviceLimits limits, int hidden)
    {
        double operations = (double)Images * hidden * (2 * 2 * LitPixels + 3 * 2 * NetworkParameters.Outputs);
        double bytes = 3.0 * sizeof(float) * Steps * NetworkParameters.Inputs * hidden;
        return Math.Max(operations / limits.OperationsPerSecond, bytes / limits.BytesPerSecond);
    }
}
