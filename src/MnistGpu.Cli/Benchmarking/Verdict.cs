using MnistGpu.Cli.Output;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>Whether an accelerator can train MNIST faster than the CPU engine, given what limits it.</summary>
internal static class Verdict
{
    private const int Images = 60_000;
    private const int LitPixels = 150;
    private const int LaunchesPerStep = 3;

    private static readonly int[] s_hidden = [100, 512, 2048];

    /// <summary>Times the CPU engine as <c>benchmark</c> does, on few enough images to take little time.</summary>
    /// <returns>Seconds per epoch of MNIST at some numbers of hidden units.</returns>
    public static IReadOnlyList<(int Hidden, double Seconds)> TimeCpu(CancellationToken cancellationToken)
    {
        const int images = 6_400;
        var plan = new BenchmarkPlan
        {
            BatchSizes = [BatchSize],
            HiddenSizes = s_hidden,
            Epochs = 1,
            Repeats = 5,
            Seed = 1,
            Turn = TimeSpan.Zero,
            ComparesWeights = false,
        };
        var benchmark = new TrainingBenchmark(
            plan, GeneratedDigits.Draw(seed: 1, images, test: 0, cancellationToken: cancellationToken),
            [new BenchmarkDevice("cpu", () => new SimdEngine())]);
        benchmark.Run(_ => { }, cancellationToken);
        return [.. benchmark.Measurements.Select(measurement => (
            measurement.Hidden,
            (measurement.SecondsPerEpoch ?? throw new InvalidOperationException(measurement.Error)).Median * Images / images))];
    }

    /// <summary>The verdict, with the numbers behind it.</summary>
    public static string Of(string device, DeviceLimits limits, IReadOnlyList<(int Hidden, double Seconds)> cpu)
    {
        double launching = Launches * limits.LaunchSeconds;
        int small = cpu[0].Hidden;
        string sentence = $"An epoch of MNIST with {small} hidden units is {Launches:N0} launches of "
            + $"{Format.ThreeDigits(limits.LaunchSeconds * 1e6)} µs = {Milliseconds(launching)} on {device}, and at least "
            + $"{Milliseconds(LeastWork(limits, small))} of work; the CPU engine takes {Milliseconds(cpu[0].Seconds)}";
        int[] won = [.. cpu.Where(size => launching + LeastWork(limits, size.Hidden) < size.Seconds).Select(size => size.Hidden)];
        sentence += won.Length == 0
            ? $", and is faster up to at least {cpu[^1].Hidden:N0} units."
            : $". {device} can be faster from {won[0]:N0} units up.";
        return device.StartsWith("cuda", StringComparison.Ordinal)
            ? $"{sentence} Where an epoch is a single launch, there is only that one."
            : sentence;

        static string Milliseconds(double seconds) => $"{Format.Milliseconds(seconds)} ms";
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
