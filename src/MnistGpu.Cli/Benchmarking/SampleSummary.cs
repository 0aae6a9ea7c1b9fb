namespace MnistGpu.Cli.Benchmarking;

/// <summary>
/// What many measurements of one time come down to. The median and the quartiles are used, not the mean and the
/// deviation: a machine that is busy with something else makes some samples much longer, never shorter, and a few such
/// samples do not move a median.
/// </summary>
/// <param name="Median">Half of the samples are below.</param>
/// <param name="LowerQuartile">A quarter of the samples is below.</param>
/// <param name="UpperQuartile">Three quarters of the samples are below.</param>
/// <param name="Least">The smallest sample.</param>
/// <param name="Most">The largest sample.</param>
internal sealed record SampleSummary(
    double Median, double LowerQuartile, double UpperQuartile, double Least, double Most)
{
    /// <summary>
    /// Half of the distance between the quartiles, by the median: the middle half of the samples lies about this part
    /// above or below the median.
    /// </summary>
    public double Spread => (UpperQuartile - LowerQuartile) / 2 / Median;

    /// <summary>Summarises samples; null where there are none.</summary>
    public static SampleSummary? Of(IReadOnlyCollection<double> samples)
    {
        if (samples.Count == 0)
            return null;
        double[] sorted = [.. samples.Order()];
        return new SampleSummary(
            Quantile(sorted, 0.5), Quantile(sorted, 0.25), Quantile(sorted, 0.75), sorted[0], sorted[^1]);
    }

    /// <summary>
    /// The value below which a part of the sorted samples lies, linear between two samples: the usual definition, type
    /// 7 of R. Hyndman, Y. Fan: Sample Quantiles in Statistical Packages, 1996.
    /// </summary>
    private static double Quantile(double[] sorted, double part)
    {
        double rank = part * (sorted.Length - 1);
        int below = (int)rank;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
    }
}
