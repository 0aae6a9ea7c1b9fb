namespace MnistGpu.Cli.Benchmarking;

/// <summary>
/// Many measurements of one time in five numbers. Median and quartiles rather than mean and deviation, because a busy
/// machine makes a few samples much longer and none shorter, and a few samples do not move a median.
/// </summary>
internal sealed record SampleSummary(
    double Median, double LowerQuartile, double UpperQuartile, double Least, double Most)
{
    /// <summary>Half the distance between the quartiles, as a fraction of the median: the ± in the tables.</summary>
    public double Spread => (UpperQuartile - LowerQuartile) / 2 / Median;

    /// <summary>Summarises samples; null if there are none.</summary>
    public static SampleSummary? Of(IReadOnlyCollection<double> samples)
    {
        if (samples.Count == 0)
            return null;
        double[] sorted = [.. samples.Order()];
        return new SampleSummary(
            Quantile(sorted, 0.5), Quantile(sorted, 0.25), Quantile(sorted, 0.75), sorted[0], sorted[^1]);
    }

    /// <summary>
    /// Linear between two samples: type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996), the
    /// default of NumPy and R.
    /// </summary>
    private static double Quantile(double[] sorted, double part)
    {
        double rank = part * (sorted.Length - 1);
        int below = (int)rank;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
    }
}
