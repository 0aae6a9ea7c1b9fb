using System.Xml.Linq;

namespace MnistGpu.Cli.Benchmarking.Html;

/// <summary>
/// Seconds an epoch by device: a mark at the median, a thick line between the quartiles, a thin one from the shortest
/// epoch to the longest. The axis is logarithmic, since devices differ by factors of a hundred; so there are no bars,
/// whose lengths would mean nothing there.
/// </summary>
internal static class TimeChart
{
    private const double Left = 84;
    private const double Right = Chart.Width - 14;
    private const double RowHeight = 36;

    /// <param name="measurements">The devices that were measured, size by size.</param>
    /// <param name="seriesOf">The colour and the mark of a device.</param>
    public static XElement Draw(IReadOnlyList<DeviceMeasurement> measurements, Func<string, int> seriesOf)
    {
        var chart = new Chart();
        var axis = new Axis(
            [.. measurements.SelectMany(m => new[] { m.SecondsPerEpoch!.Least, m.SecondsPerEpoch.Most })],
            isLogarithmic: true, Left, Right);
        double y = 8;
        bool hasSizes = measurements.DistinctBy(m => (m.BatchSize, m.Hidden)).Count() > 1;
        foreach (var size in measurements.GroupBy(m => (m.BatchSize, m.Hidden)))
        {
            if (hasSizes)
            {
                y += 16;
                chart.Text(2, y, $"batch size {size.Key.BatchSize}, {size.Key.Hidden} hidden units", style: "strong");
            }
            foreach (DeviceMeasurement m in size)
            {
                SampleSummary seconds = m.SecondsPerEpoch!;
                double middle = y + RowHeight - 12;
                double median = axis.Place(seconds.Median);
                string colour = Chart.Colour(seriesOf(m.Device));
                chart.Text(2, middle + 4, m.Device);
                chart.Line(Left, middle, Right, middle, "grid");
                chart.Line(axis.Place(seconds.Least), middle, axis.Place(seconds.Most), middle, $"range {colour}");
                chart.Line(
                    axis.Place(seconds.LowerQuartile), middle, axis.Place(seconds.UpperQuartile), middle,
                    $"quartiles {colour}");
                chart.Mark(median, middle, seriesOf(m.Device));
                chart.Text(
                    Math.Clamp(median, Left + 22, Right - 22), middle - 9, Seconds(seconds.Median), "middle", "strong");
                y += RowHeight;
            }
            y += 4;
        }
        double bottom = y + 4;
        foreach (double tick in axis.Ticks())
        {
            chart.Line(axis.Place(tick), bottom, axis.Place(tick), bottom + 5, "axis");
            chart.Text(axis.Place(tick), bottom + 18, Seconds(tick), "middle", "quiet");
        }
        chart.Line(Left, bottom, Right, bottom, "axis");
        string description = string.Join("; ", measurements.Select(m =>
            $"{m.Device}, batch size {m.BatchSize}, {m.Hidden} hidden units: {Seconds(m.SecondsPerEpoch!.Median)}"));
        return chart.ToSvg(
            bottom + 26, "time", "Time of an epoch by device", $"Medians on a logarithmic axis. {description}.");
    }

    /// <summary>A time with the unit that suits it: "2.13 s", "22.1 ms", "870 µs".</summary>
    public static string Seconds(double seconds) => seconds switch
    {
        >= 0.9995 => $"{Short(seconds)} s",
        >= 0.9995e-3 => $"{Short(seconds * 1e3)} ms",
        _ => $"{Short(seconds * 1e6)} µs",
    };

    private static string Short(double value) => value switch
    {
        < 9.995 => $"{value:0.##}",
        < 99.95 => $"{value:0.#}",
        _ => $"{value:N0}",
    };
}
