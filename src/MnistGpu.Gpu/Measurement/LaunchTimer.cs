using System.Diagnostics;
using ILGPU.Runtime;

namespace MnistGpu.Gpu.Measurement;

/// <summary>
/// Times launches. A sample is a series of them that lasts some milliseconds, including the wait until they are done; the
/// time of a launch is that divided by their number. Kernels to be compared are timed in turn.
/// </summary>
internal sealed class LaunchTimer(
    Accelerator accelerator, int samples, TimeSpan warmUp, CancellationToken cancellationToken)
{
    /// <summary>The minimum length of a sample, so that the clock and the wait at its end matter little.</summary>
    private static readonly TimeSpan s_sample = TimeSpan.FromMilliseconds(10);

    /// <summary>The timer of a measurement.</summary>
    public LaunchTimer(Accelerator accelerator, CancellationToken cancellationToken)
        // On ILGPU's CPU accelerator a kernel is .NET code, which the JIT optimises after it has run for a while.
        : this(
            accelerator, samples: 9,
            accelerator.AcceleratorType == AcceleratorType.CPU ? TimeSpan.FromSeconds(0.3) : default, cancellationToken)
    {
    }

    /// <summary>Takes samples of some launches in turn.</summary>
    /// <returns>For each of them, the seconds per launch in each sample.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public List<double>[] Time(params Action[] launches)
    {
        int[] counts = [.. launches.Select(LaunchesPerSample)];
        List<double>[] seconds = [.. launches.Select(_ => new List<double>())];
        for (int sample = 0; sample < samples; sample++)
            for (int i = 0; i < launches.Length; i++)
                seconds[i].Add(TimeSample(launches[i], counts[i]).TotalSeconds / counts[i]);
        return seconds;
    }

    /// <summary>How many launches last long enough. Finding out also warms up.</summary>
    private int LaunchesPerSample(Action launch)
    {
        // Drivers finish compiling a kernel at its first launch.
        long start = Stopwatch.GetTimestamp();
        do
            TimeSample(launch, 1);
        while (Stopwatch.GetElapsedTime(start) < warmUp);
        int count = 1;
        while (TimeSample(launch, count) is TimeSpan time && time < s_sample)
            count = (int)Math.Min(count * 10L, Math.Ceiling(1.2 * count * s_sample.Ticks / Math.Max(1, time.Ticks)));
        return count;
    }

    private TimeSpan TimeSample(Action launch, int count)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            launch();
        accelerator.Synchronize();
        return Stopwatch.GetElapsedTime(start);
    }
}
