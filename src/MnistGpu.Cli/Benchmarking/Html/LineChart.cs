using System.Xml.Linq;

namespace MnistGpu.Cli.Benchmarking.Html;

/// <summary>Curves with marks, a legend below, a level to compare with and places of interest.</summary>
internal sealed class LineChart
{
    private const double Left = 46;
    private const double Right = Chart.Width - 12;
    private const double Top = 22;
    private const double Bottom = 206;

    /// <summary>Unique on the page.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>What the horizontal axis shows; it is logarithmic.</summary>
    public required string XLabel { get; init; }

    /// <summary>What the vertical axis shows.</summary>
    public required string YLabel { get; init; }

    /// <summary>Whether equal heights are equal ratios.</summary>
    public bool IsYLogarithmic { get; init; }

    /// <summary>How a value of the horizontal axis is written.</summary>
    public required Func<double, string> XText { get; init; }

    /// <summary>How a value of the vertical axis is written.</summary>
    public required Func<double, string> YText { get; init; }

    /// <summary>Values of the horizontal axis to label; null for round ones.</summary>
    public IReadOnlyList<double>? XTicks { get; init; }

    /// <summary>A level across the chart, and what it is; null for none.</summary>
    public (double Y, string Text)? Level { get; init; }

    /// <summary>Places of the horizontal axis, and what is there.</summary>
    public IReadOnlyList<(double X, string Text)> Places { get; init; } = [];

    /// <summary>The curves; at least one, with at least one point.</summary>
    public required IReadOnlyList<Curve> Curves { get; init; }

    public XElement Draw()
    {
        var chart = new Chart();
        // Labels of the places stand above the curves.
        double top = Top + 14 * Places.Count;
        double bottom = Bottom + 14 * Places.Count;
        var x = new Axis([.. Curves.SelectMany(c => c.Points).Select(p => p.X)], isLogarithmic: true, Left, Right);
        List<double> heights = [.. Curves.SelectMany(c => c.Points).Select(p => p.Y)];
        if (Level is var (height, _))
            heights.Add(height);
        var y = new Axis(heights, IsYLogarithmic, bottom, top);

        chart.Text(2, 12, YLabel, style: "quiet");
        foreach (double tick in y.Ticks())
        {
            chart.Line(Left, y.Place(tick), Right, y.Place(tick), "grid");
            chart.Text(Left - 6, y.Place(tick) + 4, YText(tick), "end", "quiet");
        }
        foreach (double tick in XTicks ?? [.. x.Ticks()])
        {
            chart.Line(x.Place(tick), bottom, x.Place(tick), bottom + 5, "axis");
            chart.Text(x.Place(tick), bottom + 18, XText(tick), "middle", "quiet");
        }
        chart.Line(Left, bottom, Right, bottom, "axis");
        chart.Text((Left + Right) / 2, bottom + 34, XLabel, "middle", "quiet");

        if (Level is var (level, levelText))
        {
            chart.Line(Left, y.Place(level), Right, y.Place(level), "level");
            chart.Text(Left + 4, y.Place(level) - 4, levelText, style: "quiet");
        }
        for (int i = 0; i < Places.Count; i++)
        {
            (double place, string text) = Places[i];
            double labelled = Top + 14 * i + 8;
            bool isOnTheRight = x.Place(place) > (Left + Right) / 2;
            chart.Line(x.Place(place), labelled - 8, x.Place(place), bottom, "place");
            if (isOnTheRight)
                chart.Text(x.Place(place) - 4, labelled, text, "end", "strong");
            else
                chart.Text(x.Place(place) + 4, labelled, text, style: "strong");
        }
        foreach (Curve curve in Curves)
        {
            (double X, double Y)[] places = [.. curve.Points.Select(point => (x.Place(point.X), y.Place(point.Y)))];
            chart.Polyline(places, curve.Series);
            foreach ((double atX, double atY) in places)
                chart.Mark(atX, atY, curve.Series);
        }
        double legend = bottom + 54;
        foreach (Curve curve in Curves)
        {
            chart.Mark(Left + 6, legend - 4, curve.Series);
            chart.Text(Left + 18, legend, curve.Name);
            legend += 18;
        }
        return chart.ToSvg(legend - 8, Id, Title, Description());
    }

    private string Description() => string.Join(". ", [
        .. Curves.Select(curve =>
            $"{curve.Name}: {string.Join(", ", curve.Points.Select(p => $"{YText(p.Y)} at {XText(p.X)}"))}"),
        .. Places.Select(place => place.Text)]) + ".";
}

/// <summary>A curve of a <see cref="LineChart"/>.</summary>
/// <param name="Name">What it is, for the legend.</param>
/// <param name="Series">Its colour and its mark.</param>
/// <param name="Points">From left to right.</param>
internal sealed record Curve(string Name, int Series, IReadOnlyList<(double X, double Y)> Points);
