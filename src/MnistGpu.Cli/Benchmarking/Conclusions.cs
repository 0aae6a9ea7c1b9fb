namespace MnistGpu.Cli.Benchmarking;

/// <summary>Puts the measurements into words.</summary>
internal static class Conclusions
{
    public static IReadOnlyList<string> Of(IReadOnlyList<DeviceMeasurement> measurements)
    {
        List<string> sentences = [];
        if (SpeedComparison.BaselineOf(measurements) is string baseline)
            foreach (string device in measurements.Select(m => m.Device).Distinct().Where(d => d != baseline))
            {
                IReadOnlyList<SpeedComparison> comparisons = SpeedComparison.Of(measurements, baseline, device);
                if (comparisons.Count > 0)
                    sentences.Add(Overall(baseline, device, comparisons));
                sentences.AddRange(Crossovers(baseline, device, comparisons));
            }

        if (sentences.Count > 0 && measurements[0].ToAccuracy is not null)
            sentences.Insert(0, "The faster device is the one that reaches the accuracy in less time.");

        string[] simulated = [.. measurements.Where(m => m.SimulatesGpu).Select(m => m.Device).Distinct()];
        if (simulated is [string one])
            sentences.Add($"{one} is not a GPU: it runs GPU kernels on the CPU, so its times say nothing about a GPU.");
        else if (simulated.Length > 1)
            sentences.Add($"{string.Join(", ", simulated[..^1])} and {simulated[^1]} are not GPUs: they run GPU kernels "
                + "on the CPU, so their times say nothing about a GPU.");

        int sizes = measurements.DistinctBy(m => (m.BatchSize, m.Hidden)).Count();
        foreach (var failed in measurements.Where(m => m.Error is not null).GroupBy(m => (m.Device, m.Error)))
        {
            DeviceMeasurement first = failed.First();
            string where = failed.Count() == 1
                ? At(first.BatchSize, first.Hidden)
                : $"{failed.Count()} of {sizes} sizes";
            sentences.Add($"{first.Device} failed at {where}: {first.Error}");
        }
        return sentences;
    }

    private static string At(int batchSize, int hidden) => $"batch size {batchSize}, {hidden} hidden units";

    private static string Overall(string baseline, string device, IReadOnlyList<SpeedComparison> comparisons)
    {
        if (comparisons is [SpeedComparison only])
            return only.Faster switch
            {
                Faster.Baseline => $"{baseline} is {Times(1 / only.SpeedUp)} faster than {device}",
                Faster.Device => $"{device} is {Times(only.SpeedUp)} faster than {baseline}",
                _ => $"{baseline} and {device} are too close to call",
            } + $" at {At(only.BatchSize, only.Hidden)}.";

        double[] won = [.. comparisons.Where(c => c.Faster == Faster.Baseline).Select(c => 1 / c.SpeedUp).Order()];
        double[] lost = [.. comparisons.Where(c => c.Faster == Faster.Device).Select(c => c.SpeedUp).Order()];
        int undecided = comparisons.Count - won.Length - lost.Length;
        List<string> parts = [];
        if (won.Length > 0)
            parts.Add($"{baseline} is {Range(won)} faster than {device} at {Sizes(won.Length)}");
        if (lost.Length > 0)
            parts.Add($"{device} is {Range(lost)} faster than {baseline} at {Sizes(lost.Length)}");
        if (undecided > 0)
            parts.Add($"{baseline} and {device} are too close to call at {Sizes(undecided)}");
        return string.Join("; ", parts) + ".";

        string Sizes(int count) =>
            count < comparisons.Count ? $"{count} of {comparisons.Count} sizes measured"
            : count == 2 ? "both sizes measured"
            : $"all {count} sizes measured";
    }

    private static IEnumerable<string> Crossovers(
        string baseline, string device, IReadOnlyList<SpeedComparison> comparisons)
    {
        foreach (IGrouping<int, SpeedComparison> batch in comparisons.GroupBy(c => c.BatchSize))
            if (SpeedComparison.Crossover(batch.Select(c => (c.Hidden, c.Faster))) is var (hidden, winner))
                yield return $"{Name(winner)} wins from {hidden} hidden units up, at batch size {batch.Key}.";
        foreach (IGrouping<int, SpeedComparison> hidden in comparisons.GroupBy(c => c.Hidden))
            if (SpeedComparison.Crossover(hidden.Select(c => (c.BatchSize, c.Faster))) is var (batchSize, winner))
                yield return $"{Name(winner)} wins from batch size {batchSize} up, with {hidden.Key} hidden units.";

        string Name(Faster winner) =>
            winner == Faster.Baseline ? $"{baseline} (against {device})" : $"{device} (against {baseline})";
    }

    private static string Range(double[] sorted) =>
        Times(sorted[0]) == Times(sorted[^1]) ? Times(sorted[0]) : $"{Times(sorted[0])} to {Times(sorted[^1])}";

    private static string Times(double ratio) => ratio < 9.95 ? $"{ratio:0.0}×" : $"{ratio:N0}×";
}
