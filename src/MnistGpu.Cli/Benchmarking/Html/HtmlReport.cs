using System.Text;
using System.Xml;
using System.Xml.Linq;
using MnistGpu.Core;
using MnistGpu.Gpu;

namespace MnistGpu.Cli.Benchmarking.Html;

/// <summary>
/// The report as one HTML file: nothing is fetched, and it can be read by an XML parser as well. Every chart has a
/// table beside it with the same figures.
/// </summary>
internal sealed class HtmlReport
{
    private readonly BenchmarkReport _report;
    private readonly DeviceMeasurement[] _measured;
    private readonly string[] _devices;
    private readonly string? _baseline;

    private HtmlReport(BenchmarkReport report)
    {
        _report = report;
        _measured = [.. report.Results.Where(result => result.SecondsPerEpoch is not null)];
        _devices = [.. report.Results.Select(result => result.Device).Distinct()];
        _baseline = SpeedUp.BaselineOf(report.Results);
    }

    /// <summary>Writes the report.</summary>
    public static void Write(string path, BenchmarkReport report) => AtomicFile.Write(path, stream =>
    {
        using var writer = XmlWriter.Create(stream, new XmlWriterSettings
        {
            OmitXmlDeclaration = true,
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        });
        writer.WriteDocType("html", null, null, null);
        new HtmlReport(report).Page().WriteTo(writer);
    });

    private bool HasOneSize => _report.Settings is { BatchSizes.Count: 1, HiddenSizes.Count: 1 };

    /// <summary>The columns that tell sizes apart, where there are several.</summary>
    private string[] SizeColumns => HasOneSize ? [] : ["batch size", "hidden"];

    private XElement Page() => new("html", new XAttribute("lang", "en"),
        new XElement("head",
            new XElement("meta", new XAttribute("charset", "utf-8")),
            new XElement("meta", new XAttribute("name", "viewport"),
                new XAttribute("content", "width=device-width, initial-scale=1")),
            new XElement("meta", new XAttribute("name", "color-scheme"), new XAttribute("content", "light dark")),
            new XElement("title", "CPU against GPU: a benchmark of MnistGpu"),
            new XElement("style", Style.Css)),
        new XElement("body", new XElement("main",
            new XElement("h1", "CPU against GPU"),
            new XElement("p", new XAttribute("class", "quiet"),
                $"Training a 784-H-10 network with MnistGpu. {_report.Started:yyyy-MM-dd HH:mm} UTC, on "
                + $"{_report.Machine}."),
            _report.Complete ? null : new XElement("p", new XAttribute("class", "warning"),
                "This benchmark was interrupted: what was measured until then is here, the rest is missing."),
            new XElement("ul", new XAttribute("class", "conclusions"),
                _report.Conclusions.Select(sentence => new XElement("li", sentence))),
            Results(),
            SpeedUps(),
            Accuracy(),
            Settings(),
            Machine())));

    private XElement Results()
    {
        BenchmarkSettings settings = _report.Settings;
        return Section("Time of an epoch",
            $"An epoch is {settings.Dataset.Train:N0} images. The mark is the median of all measured epochs, the "
                + "thick line goes from quartile to quartile, the thin one from the shortest epoch to the longest. ± "
                + "in the table is half of the distance between the quartiles.",
            Beside(
                _measured.Length == 0 ? null : TimeChart.Draw(_measured, SeriesOf),
                Table(
                    ["device", .. SizeColumns, "ms an epoch", "±", "epochs", "images/s", "GFLOP/s"],
                    _report.Results.Select(m => (string[])[
                        m.Device, .. SizeOf(m),
                        m.SecondsPerEpoch is SampleSummary s ? Figures.Milliseconds(s.Median)
                            : m.Error is null ? "not measured" : "failed",
                        m.SecondsPerEpoch is SampleSummary { Spread: double spread } ? Figures.Percent(spread) : "",
                        $"{m.Samples.Count}",
                        m.ImagesPerSecond is double rate ? $"{rate:N0}" : "",
                        m.Gflops is double gflops ? Figures.ThreeDigits(gflops) : ""])),
                Table(
                    ["device", .. SizeColumns, "launches", "to device", "accuracy", "weights off"],
                    _report.Results.Select(m => (string[])[
                        m.Device, .. SizeOf(m),
                        m.LaunchShare is double share ? Figures.Percent(share) : "",
                        m.BytesToDevicePerEpoch is double bytes ? Figures.Bytes(bytes) : "",
                        m.LastAccuracy is double accuracy ? $"{accuracy:P2}" : "",
                        m.LargestWeightDifference is double difference ? Figures.Difference(difference) : ""])),
                new XElement("p", new XAttribute("class", "quiet"), Explanations.OfColumns)));
    }

    private XElement? SpeedUps()
    {
        List<XElement> figures = [];
        foreach (int batchSize in _report.Settings.BatchSizes)
            AddSweep("hidden", "hidden units", $"batch size {batchSize}",
                speedUp => speedUp.BatchSize == batchSize, speedUp => speedUp.Hidden);
        foreach (int hidden in _report.Settings.HiddenSizes)
            AddSweep("batch", "batch size", $"{hidden} hidden units",
                speedUp => speedUp.Hidden == hidden, speedUp => speedUp.BatchSize);
        return figures.Count == 0 ? null : Section($"Speed-up over {_baseline}",
            $"Above 1 a device is faster than {_baseline}. A crossover is marked where one of the two wins at "
                + "every size measured from there on and the other at a smaller one.", Grid(figures));

        void AddSweep(
            string axis, string label, string fixedSize, Func<SpeedUp, bool> isIncluded, Func<SpeedUp, int> sizeOf)
        {
            if (_baseline is null)
                return;
            var sweeps = _devices.Where(device => device != _baseline)
                .Select(device => (Device: device, SpeedUps: SpeedUp.Of(_report.Results, _baseline, device)
                    .Where(isIncluded).OrderBy(sizeOf).ToArray()))
                .Where(sweep => sweep.SpeedUps.Length > 1)
                .ToArray();
            if (sweeps.Length == 0)
                return;
            double[] sizes = [.. sweeps.SelectMany(s => s.SpeedUps).Select(s => (double)sizeOf(s)).Distinct().Order()];
            var chart = new LineChart
            {
                Id = $"{axis}{figures.Count}",
                Title = $"Speed-up over {_baseline} by {label}, at {fixedSize}",
                XLabel = label,
                YLabel = $"times as fast as {_baseline}",
                IsYLogarithmic = true,
                XText = size => $"{size:N0}",
                YText = ratio => ratio < 0.01 ? $"{ratio:0.000}" : $"{ratio:0.##}",
                XTicks = sizes,
                Level = (1, _baseline),
                Places =
                [
                    .. from sweep in sweeps
                       let crossover = Crossover.Find(sweep.SpeedUps.Select(s => (sizeOf(s), s.Faster)))
                       where crossover is not null
                       let winner = crossover.Winner == Faster.First ? _baseline : sweep.Device
                       let loser = crossover.Winner == Faster.First ? sweep.Device : _baseline
                       select ((double)crossover.Size, $"{winner} beats {loser} from {crossover.Size:N0} on"),
                ],
                Curves =
                [
                    .. sweeps.Select(sweep => new Curve(
                        sweep.Device, SeriesOf(sweep.Device),
                        [.. sweep.SpeedUps.Select(speedUp => ((double)sizeOf(speedUp), speedUp.Ratio))])),
                ],
            };
            figures.Add(Figure($"At {fixedSize}", chart.Draw(), Table(
                [label, .. sweeps.Select(sweep => sweep.Device)],
                sizes.Select(size => (string[])[
                    $"{size:N0}",
                    .. sweeps.Select(sweep => Text(sweep.SpeedUps.FirstOrDefault(s => sizeOf(s) == size)))]))));
        }
    }

    private static string Text(SpeedUp? speedUp) => speedUp switch
    {
        null => "",
        { Faster: Faster.Neither } => $"{Figures.ThreeDigits(speedUp.Ratio)}× (too close to call)",
        _ => $"{Figures.ThreeDigits(speedUp.Ratio)}×",
    };

    private XElement? Accuracy()
    {
        var sizes = _measured.GroupBy(m => (m.BatchSize, m.Hidden)).ToArray();
        if (sizes.Length == 0)
            return null;
        return Section("Accuracy over time",
            "The part of the test images that is classified rightly after each epoch, over the time that the "
                + "training takes until then at the median. All devices train the same network on the same images in "
                + "the same order: only when they get there differs.",
            Grid(sizes.Select((size, number) => Figure(
                $"At batch size {size.Key.BatchSize}, {size.Key.Hidden} hidden units",
                AccuracyChart(size, number),
                Table(
                    [
                        "device", "time of an epoch",
                        .. Enumerable.Range(1, _report.Settings.Epochs).Select(epoch => $"after epoch {epoch}"),
                    ],
                    size.Select(m => (string[])[
                        m.Device, TimeChart.Seconds(m.SecondsPerEpoch!.Median),
                        .. m.TestAccuracy.Select(accuracy => $"{accuracy:P2}")]))))));
    }

    private XElement AccuracyChart(IGrouping<(int BatchSize, int Hidden), DeviceMeasurement> size, int number) =>
        new LineChart
        {
            Id = $"accuracy{number}",
            Title = $"Accuracy over time, at batch size {size.Key.BatchSize}, {size.Key.Hidden} hidden units",
            XLabel = "time",
            YLabel = "accuracy",
            XText = TimeChart.Seconds,
            YText = accuracy => $"{accuracy:P1}",
            Curves =
            [
                .. size.Select(m => new Curve(
                    m.Device, SeriesOf(m.Device),
                    [.. m.TestAccuracy.Select((accuracy, i) => (TimeOf(m, i), accuracy))])),
            ],
        }.Draw();

    /// <summary>Seconds from the start of a training to the end of an epoch, counted from 0.</summary>
    private static double TimeOf(DeviceMeasurement m, int epoch) => (epoch + 1) * m.SecondsPerEpoch!.Median;

    private XElement Settings()
    {
        BenchmarkSettings settings = _report.Settings;
        return Section("What was trained", Explanations.OfMethod,
            Pairs([
                ("data", $"{settings.Dataset.Name}: {settings.Dataset.Train:N0} images to train on, "
                    + $"{settings.Dataset.Test:N0} to test with"),
                .. _devices.Select(device => (
                    device, _report.Results.First(result => result.Device == device).Description ?? "not opened")),
                ("batch sizes", string.Join(", ", settings.BatchSizes)),
                ("hidden units", string.Join(", ", settings.HiddenSizes)),
                ("epochs of a training", $"{settings.Epochs}"),
                ("repeats", $"{settings.Repeats}"),
                ("seed", $"{settings.Seed}")]));
    }

    private XElement Machine()
    {
        MachineInfo machine = _report.Machine;
        return Section("The machine", null,
            Pairs([
                ("CPU", machine.ToString()),
                .. machine.Accelerators.Select(info => (info.Device, AcceleratorText(info))),
                ("operating system", machine.OperatingSystem),
                (".NET", machine.DotNet),
                ("ILGPU", machine.Ilgpu)]));
    }

    private static string AcceleratorText(AcceleratorInfo info) =>
        $"{info.Name} ({info.Kind}{(info.Vendor is null ? "" : $", driver by {info.Vendor}")})"
        + (info.RunsOnCpu ? ", no GPU: its kernels run on the CPU" : "");

    private string[] SizeOf(DeviceMeasurement m) => HasOneSize ? [] : [$"{m.BatchSize}", $"{m.Hidden}"];

    private int SeriesOf(string device) => Array.IndexOf(_devices, device);

    private static XElement Section(string title, string? text, XElement content) => new("section",
        new XElement("h2", title), text is null ? null : new XElement("p", text), content);

    /// <summary>A chart, and on a wide screen its tables to the right.</summary>
    private static XElement Beside(XElement? chart, params XElement[] tables) =>
        new("div", new XAttribute("class", "beside"),
            chart is null ? null : new XElement("figure", chart),
            new XElement("div", new XAttribute("class", "tables"), tables));

    /// <summary>As many figures side by side as the screen has room for.</summary>
    private static XElement Grid(IEnumerable<XElement> figures) =>
        new("div", new XAttribute("class", "grid-of-figures"), figures);

    private static XElement Figure(string caption, XElement chart, XElement table) =>
        new("figure", new XElement("figcaption", caption), chart, table);

    /// <summary>
    /// A table in a box of its own that scrolls where the screen is narrower. The first column names the row.
    /// </summary>
    private static XElement Table(IReadOnlyList<string> columns, IEnumerable<string[]> rows) =>
        new("div", new XAttribute("class", "scroll"), new XAttribute("tabindex", "0"), new XElement("table",
            new XElement("thead", new XElement("tr",
                columns.Select(column => new XElement("th", new XAttribute("scope", "col"), column)))),
            new XElement("tbody", rows.Select(row => new XElement("tr",
                new XElement("th", new XAttribute("scope", "row"), row[0]),
                row.Skip(1).Select(cell => new XElement("td", cell)))))));

    private static XElement Pairs(params (string Name, string Value)[] pairs) =>
        new("div", new XAttribute("class", "scroll"), new XElement("table", new XAttribute("class", "pairs"),
            new XElement("tbody", pairs.Select(pair => new XElement("tr",
                new XElement("th", new XAttribute("scope", "row"), pair.Name),
                new XElement("td", pair.Value))))));
}
