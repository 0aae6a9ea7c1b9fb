namespace MnistGpu.Cli.Benchmarking;

/// <summary>Which of two devices is faster, as far as the samples show.</summary>
internal enum Faster
{
    /// <summary>The middle halves of their samples overlap.</summary>
    Neither,
    Baseline,
    Device,
}

/// <summary>A device against the baseline at one size.</summary>
/// <param name="BatchSize">Images per step.</param>
/// <param name="Hidden">Hidden units.</param>
/// <param name="SpeedUp">The baseline's median divided by the device's: above 1, the device is faster.</param>
/// <param name="Faster">Which of them is clearly faster.</param>
internal sealed record SpeedComparison(int BatchSize, int Hidden, double SpeedUp, Faster Faster)
{
    /// <summary>
    /// The device that all others are compared with: the CPU engine, or else the first one with samples; null if there is
    /// none.
    /// </summary>
    public static string? BaselineOf(IReadOnlyList<DeviceMeasurement> measurements)
    {
        string[] measured = [.. measurements.Where(m => m.Seconds is not null).Select(m => m.Device)];
        return measured.Contains("cpu") ? "cpu" : measured.FirstOrDefault();
    }

    /// <summary>Compares a device with the baseline at every size at which both were measured.</summary>
    public static IReadOnlyList<SpeedComparison> Of(
        IReadOnlyList<DeviceMeasurement> measurements, string baseline, string device) =>
    [
        .. from theirs in measurements
           where theirs.Device == device
           from ours in measurements
           where ours.Device == baseline && ours.BatchSize == theirs.BatchSize && ours.Hidden == theirs.Hidden
           let first = ours.Seconds
           let second = theirs.Seconds
           where first is not null && second is not null
           select new SpeedComparison(
               theirs.BatchSize, theirs.Hidden, first.Median / second.Median, FasterOf(first, second)),
    ];

    public static Faster FasterOf(SampleSummary baseline, SampleSummary device) =>
        baseline.UpperQuartile < device.LowerQuartile ? Faster.Baseline
        : device.UpperQuartile < baseline.LowerQuartile ? Faster.Device
        : Faster.Neither;

    /// <summary>
    /// The size from which one device wins at all larger ones; null if the measurements do not show one. They do if a device
    /// is faster at the largest size and at all sizes down to that one, and the other is faster at a smaller size.
    /// </summary>
    /// <param name="sizes">What was measured, in any order.</param>
    public static (int Size, Faster Winner)? Crossover(IEnumerable<(int Size, Faster Faster)> sizes)
    {
        (int Size, Faster Faster)[] fromLargest = [.. sizes.OrderByDescending(size => size.Size)];
        if (fromLargest is not [{ Faster: Faster.Baseline or Faster.Device }, ..])
            return null;
        Faster winner = fromLargest[0].Faster;
        int won = fromLargest.TakeWhile(size => size.Faster == winner).Count();
        bool otherWinsBelow = fromLargest.Skip(won).Any(size => size.Faster != winner && size.Faster != Faster.Neither);
        return otherWinsBelow ? (fromLargest[won - 1].Size, winner) : null;
    }
}
