namespace MnistGpu.Cli.Benchmarking;

/// <summary>How a device compares with the baseline at one size.</summary>
/// <param name="BatchSize">Images a step.</param>
/// <param name="Hidden">Hidden units.</param>
/// <param name="Ratio">The baseline's median by the device's: above 1 the device is faster.</param>
/// <param name="Faster">First is the baseline, Second the device.</param>
internal sealed record SpeedUp(int BatchSize, int Hidden, double Ratio, Faster Faster)
{
    /// <summary>
    /// The device that all others are compared with: the CPU engine, else the first that was measured at all; null
    /// where none was.
    /// </summary>
    public static string? BaselineOf(IReadOnlyList<DeviceMeasurement> measurements)
    {
        string[] measured = [.. measurements.Where(m => m.SecondsPerEpoch is not null).Select(m => m.Device)];
        return measured.Contains("cpu") ? "cpu" : measured.FirstOrDefault();
    }

    /// <summary>A device against the baseline, at each size at which both were measured.</summary>
    public static IReadOnlyList<SpeedUp> Of(
        IReadOnlyList<DeviceMeasurement> measurements, string baseline, string device) =>
    [
        .. from theirs in measurements
           where theirs.Device == device
           from ours in measurements
           where ours.Device == baseline && ours.BatchSize == theirs.BatchSize && ours.Hidden == theirs.Hidden
           let first = ours.SecondsPerEpoch
           let second = theirs.SecondsPerEpoch
           where first is not null && second is not null
           select new SpeedUp(
               theirs.BatchSize, theirs.Hidden, first.Median / second.Median, Crossover.Compare(first, second)),
    ];
}
