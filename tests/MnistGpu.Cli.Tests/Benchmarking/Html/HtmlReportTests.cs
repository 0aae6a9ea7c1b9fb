using System.Xml.Linq;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Benchmarking.Html;

namespace MnistGpu.Cli.Tests.Benchmarking.Html;

public sealed class HtmlReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItHasTheNumbersAndAChartWithATableBesideIt()
    {
        (XElement html, string text) = Write(FakeMeasurements.Report(
            FakeMeasurements.Of("cpu", 0.0123), FakeMeasurements.Of("ilgpu-cpu", 1.5, simulatesGpu: true)));

        string[] cells = [.. html.Descendants("td").Select(cell => cell.Value)];
        Assert.Contains("12.3", cells);
        Assert.Contains("1,500", cells);
        // 1,000 images in 12.3 ms.
        Assert.Contains("81,301", cells);
        // 1,000 × 319,600 operations in 12.3 ms.
        Assert.Contains("26.0", cells);
        Assert.Contains("25 %", cells);
        Assert.Contains("4.0 KB", cells);
        Assert.Contains("91.25 %", cells);
        Assert.Contains("ilgpu-cpu is no GPU", text);
        // The time of an epoch, and the accuracy over time.
        Assert.Equal(2, html.Descendants("svg").Count());
        Assert.All(
            html.Descendants("svg"), svg => Assert.NotEmpty(svg.Ancestors("section").Single().Descendants("table")));
    }

    [Fact]
    public void EveryChartHasATitleAndADescription()
    {
        (XElement html, _) = Write(Sweep());

        string[] ids = [.. html.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(html.Descendants("svg"), svg =>
        {
            Assert.Equal("img", svg.Attribute("role")!.Value);
            Assert.Equal(
                $"{svg.Element("title")!.Attribute("id")!.Value} {svg.Element("desc")!.Attribute("id")!.Value}",
                svg.Attribute("aria-labelledby")!.Value);
            Assert.NotEqual("", svg.Element("desc")!.Value);
        });
    }

    [Fact]
    public void TheCrossoverIsMarkedInTheSpeedUp()
    {
        (XElement html, _) = Write(Sweep());

        XElement speedUp = Assert.Single(
            html.Descendants("svg"),
            svg => svg.Element("title")!.Value == "Speed-up over cpu by hidden units, at batch size 64");
        Assert.Contains(speedUp.Descendants("text"), text => text.Value == "cuda:0 beats cpu from 512 on");
        Assert.Single(speedUp.Descendants("line"), line => line.Attribute("class")!.Value == "place");
        // 1 s against 4 s, and 8 s against 4 s.
        Assert.Contains("0.250×", html.Descendants("td").Select(cell => cell.Value));
        Assert.Contains("2.00×", html.Descendants("td").Select(cell => cell.Value));
    }

    [Fact]
    public void NothingIsFetchedAndNamesAreText()
    {
        (XElement html, string text) = Write(Sweep());

        Assert.Contains("Fast & Furious <9>, 8 cores", html.Value);
        Assert.DoesNotContain("http", text);
        Assert.DoesNotContain("url(", text);
        Assert.DoesNotContain("@import", text);
        Assert.Empty(html.Descendants("script"));
        Assert.DoesNotContain(html.Descendants().Attributes(), a => a.Name.LocalName is "src" or "href");
        // HTML, unlike XML, takes an element that is not void as opened.
        Assert.All(
            html.Descendants().Where(e => e.Name.LocalName is "td" or "th" or "div" or "p" or "li" or "text"),
            element => Assert.False(element.IsEmpty));
        Assert.DoesNotContain("&", html.Descendants("style").Single().Value);
        Assert.DoesNotContain(">", html.Descendants("style").Single().Value);
    }

    [Fact]
    public void WhatIsMissingIsSaid()
    {
        DeviceMeasurement failed = FakeMeasurements.Of("cpu", 1);
        failed.Error = "out of memory";
        BenchmarkReport report = FakeMeasurements.Report(failed) with { Complete = false };

        (_, string text) = Write(report);

        Assert.Contains("interrupted", text);
        Assert.Contains("cpu failed at batch size 64, 100 hidden units: out of memory", text);
    }

    [Fact]
    public void AReportWithoutASingleSampleIsWrittenToo()
    {
        var failed = new DeviceMeasurement(
            new BenchmarkDevice("cuda:0", () => throw new NotSupportedException()), new(), 100, 1000)
        { Error = "no" };

        (XElement html, _) = Write(FakeMeasurements.Report(failed));

        Assert.Empty(html.Descendants("svg"));
        Assert.Contains("failed", html.Descendants("td").Select(cell => cell.Value));
    }

    private static BenchmarkReport Sweep() => FakeMeasurements.Report(
        FakeMeasurements.Of("cpu", 1, hidden: 100), FakeMeasurements.Of("cuda:0", 4, hidden: 100),
        FakeMeasurements.Of("cpu", 8, hidden: 512), FakeMeasurements.Of("cuda:0", 4, hidden: 512));

    /// <summary>Writes a report and reads it as XML, which it must be.</summary>
    private (XElement Html, string Text) Write(BenchmarkReport report)
    {
        string file = Path.Combine(_folder.Path, "report.html");
        HtmlReport.Write(file, report);
        string text = File.ReadAllText(file);
        Assert.StartsWith("<!DOCTYPE html", text);
        return (XDocument.Parse(text).Root!, text);
    }
}
