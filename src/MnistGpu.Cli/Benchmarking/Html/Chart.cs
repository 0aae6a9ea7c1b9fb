using System.Xml.Linq;

namespace MnistGpu.Cli.Benchmarking.Html;

/// <summary>
/// An SVG drawing, as wide as a phone's screen: its text keeps a readable size there, and on a large screen several
/// stand side by side. Colours come from the page's style, so that they follow its light or dark scheme; series also
/// differ by the shape of their marks.
/// </summary>
internal sealed class Chart
{
    /// <summary>Width of every chart, in the units of the drawing.</summary>
    public const double Width = 360;

    private readonly List<XElement> _elements = [];

    public void Line(double x1, double y1, double x2, double y2, string style) => _elements.Add(new XElement("line",
        new XAttribute("x1", Number(x1)), new XAttribute("y1", Number(y1)),
        new XAttribute("x2", Number(x2)), new XAttribute("y2", Number(y2)), new XAttribute("class", style)));

    /// <param name="x">Where the text begins, has its middle or ends: see <paramref name="anchor"/>.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">What it says.</param>
    /// <param name="anchor">"start", "middle" or "end".</param>
    /// <param name="style">Classes of the page's style.</param>
    public void Text(double x, double y, string text, string anchor = "start", string style = "") => _elements.Add(
        new XElement("text",
            new XAttribute("x", Number(x)), new XAttribute("y", Number(y)),
            new XAttribute("text-anchor", anchor), new XAttribute("class", style), text));

    public void Polyline(IEnumerable<(double X, double Y)> points, int series) => _elements.Add(new XElement("polyline",
        new XAttribute("points", string.Join(' ', points.Select(p => $"{Number(p.X)},{Number(p.Y)}"))),
        new XAttribute("class", $"curve {Colour(series)}")));

    /// <summary>A circle, square, triangle or diamond.</summary>
    public void Mark(double x, double y, int series)
    {
        string path = (series % 4) switch
        {
            0 => "m-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0z",
            1 => "m-4,-4h8v8h-8z",
            2 => "m0,-5l5,9h-10z",
            _ => "m0,-5.5l5.5,5.5l-5.5,5.5l-5.5,-5.5z",
        };
        _elements.Add(new XElement("path",
            new XAttribute("d", $"M{Number(x)},{Number(y)}{path}"), new XAttribute("class", $"mark {Colour(series)}")));
    }

    /// <summary>The class that gives a series its colour.</summary>
    public static string Colour(int series) => $"series{series % 6}";

    /// <summary>The drawing.</summary>
    /// <param name="height">In its units.</param>
    /// <param name="id">Unique on the page.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="description">For those who do not see it.</param>
    public XElement ToSvg(double height, string id, string title, string description) => new("svg",
        new XAttribute("viewBox", $"0 0 {Number(Width)} {Number(height)}"),
        new XAttribute("role", "img"),
        new XAttribute("aria-labelledby", $"{id}-title {id}-desc"),
        new XElement("title", new XAttribute("id", $"{id}-title"), title),
        new XElement("desc", new XAttribute("id", $"{id}-desc"), description),
        _elements);

    private static string Number(double value) => $"{value:0.##}";
}
