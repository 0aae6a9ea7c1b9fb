namespace MnistGpu.Cli.Benchmarking;

/// <summary>Says in words what was measured, and nothing else.</summary>
internal static class Conclusions
{
    /// <summary>A sentence each.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<DeviceMeasurement> measurements)
    {
        List<string> sentences = [];
        if (SpeedUp.BaselineOf(measurements) is string baseline)
            foreach (string device in measurements.Select(m => m.Device).Distinct().Where(d => d != baseline))
            {
                IReadOnlyList<SpeedUp> speedUps = SpeedUp.Of(measurements, baseline, device);
                if (speedUps.Count > 0)
                    sentences.Add(Overall(baseline, device, speedUps));
                sentences.AddRange(Crossovers(baseline, device, speedUps));
            }
        string[] simulated = [.. measurements.Where(m => m.SimulatesGpu).Select(m => m.Device).Distinct()];
        if (simulated is [string one])
            sentences.Add($"{one} is no GPU: it runs a GPU's kernels on the CPU, and its times say nothing of a GPU.");
        else if (simulated.Length > 1)
            sentences.Add($"{Enumeration(simulated)} are no GPUs: they run a GPU's kernels on the CPU, and their times "
                + "say nothing of a GPU.");
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

    /// <summary>"3.1×": how many times faster, two digits.</summary>
    public static string Times(double ratio) => ratio < 9.95 ? $"{ratio:0.0}×" : $"{ratio:N0}×";

    private static string At(int batchSize, int hidden) => $"batch size {batchSize}, {hidden} hidden units";

    private static string Overall(string baseline, string device, IReadOnlyList<SpeedUp> speedUps)
    {
        if (speedUps is [SpeedUp only])
            return only.Faster switch
            {
                Faster.First => $"{baseline} is {Times(1 / only.Ratio)} faster than {device}",
                Faster.Second => $"{device} is {Times(only.Ratio)} faster than {baseline}",
                _ => $"{baseline} and {device} are too close to call",
            } + $" at {At(only.BatchSize, only.Hidden)}.";

        double[] won = [.. speedUps.Where(s => s.Faster == Faster.First).Select(s => 1 / s.Ratio).Order()];
        double[] lost = [.. speedUps.Where(s => s.Faster == Faster.Second).Select(s => s.Ratio).Order()];
        int undecided = speedUps.Count - won.Length - lost.Length;
        List<string> parts = [];
        if (won.Length > 0)
            parts.Add($"{baseline} is {Range(won)} faster than {device} at {Sizes(won.Length)}");
        if (lost.Length > 0)
            parts.Add($"{device} is {Range(lost)} faster than {baseline} at {Sizes(lost.Length)}");
        if (undecided > 0)
            parts.Add($"{baseline} and {device} are too close to call at {Sizes(undecided)}");
        return string.Join("; ", parts) + ".";

        string Sizes(int count) =>
            count < speedUps.Count ? $"{count} of {speedUps.Count} sizes measured"
            : count == 2 ? "both sizes measured"
            : $"all {count} sizes measured";
    }

    private static string Range(double[] sorted) =>
        Times(sorted[0]) == Times(sorted[^1]) ? Times(sorted[0]) : $"{Times(sorted[0])} to {Times(sorted[^1])}";

    private static IEnumerable<string> Crossovers(string baseline, string device, IReadOnlyList<SpeedUp> speedUps)
    {
        foreach (IGrouping<int, SpeedUp> batch in speedUps.GroupBy(speedUp => speedUp.BatchSize))
            if (Crossover.Find(batch.Select(s => (s.Hidden, s.Faster))) is Crossover at)
                yield return $"{Name(at)} wins from {at.Size} hidden units on, at batch size {batch.Key}.";
        foreach (IGrouping<int, SpeedUp> hidden in speedUps.GroupBy(speedUp => speedUp.Hidden))
            if (Crossover.Find(hidden.Select(s => (s.BatchSize, s.Faster))) is Crossover at)
                yield return $"{Name(at)} wins from batch size {at.Size} on, with {hidden.Key} hidden units.";

        string Name(Crossover crossover) =>
            crossover.Winner == Faster.First ? $"{baseline} (against {device})" : $"{device} (against {baseline})";
    }

    private static string Enumeration(string[] names) => $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
