using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;

namespace MnistGpu.Cli.Tests.Benchmarking;

public sealed class BenchmarkReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ScriptsFindTheFiguresByTheirNames()
    {
        string file = Path.Combine(_folder.Path, "report.json");

        JsonFile.Write(file, FakeMeasurements.Report(
            FakeMeasurements.Of("cpu", 0.5), FakeMeasurements.Of("ilgpu-cpu", 2, simulatesGpu: true)),
            BenchmarkJson.Default.BenchmarkReport);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
        JsonElement root = json.RootElement;
        Assert.True(root.GetProperty("complete").GetBoolean());
        JsonElement machine = root.GetProperty("machine");
        Assert.Equal(8, machine.GetProperty("cores").GetInt32());
        Assert.Equal(256, machine.GetProperty("simdBits").GetInt32());
        Assert.Equal("cuda:0", machine.GetProperty("accelerators")[0].GetProperty("device").GetString());
        Assert.Equal("1.5.3", machine.GetProperty("ilgpu").GetString());
        Assert.Equal(1000, root.GetProperty("settings").GetProperty("dataset").GetProperty("train").GetInt32());
        Assert.Equal(2, root.GetProperty("results").GetArrayLength());
        Assert.StartsWith("cpu is 4.0× faster", root.GetProperty("conclusions")[0].GetString());

        JsonElement cpu = root.GetProperty("results")[0];
        Assert.Equal(0.5, cpu.GetProperty("secondsPerEpoch").GetProperty("median").GetDouble());
        Assert.Equal(0.01, cpu.GetProperty("secondsPerEpoch").GetProperty("spread").GetDouble(), 0.005 + 1e-9);
        Assert.Equal(2000, cpu.GetProperty("imagesPerSecond").GetDouble());
        Assert.Equal(3, cpu.GetProperty("samples").GetArrayLength());
        Assert.Equal(0.9125, cpu.GetProperty("testAccuracy")[1].GetDouble());
        Assert.Equal(JsonValueKind.Null, cpu.GetProperty("launchShare").ValueKind);
        Assert.Equal(JsonValueKind.Null, cpu.GetProperty("error").ValueKind);
        Assert.Equal(JsonValueKind.Null, cpu.GetProperty("toAccuracy").ValueKind);

        JsonElement simulated = root.GetProperty("results")[1];
        Assert.True(simulated.GetProperty("simulatesGpu").GetBoolean());
        Assert.Equal(0.25, simulated.GetProperty("launchShare").GetDouble(), 1e-6);
        Assert.Equal(48, simulated.GetProperty("launchesPerEpoch").GetDouble());
        Assert.Equal(4004, simulated.GetProperty("bytesToDevicePerEpoch").GetDouble());
    }

    [Fact]
    public void ThePageHoldsTheReportAsJson()
    {
        BenchmarkReport report = Sweep();

        string page = File.ReadAllText(WriteHtml(report));

        Match embedded = Regex.Match(
            page, """<script type="application/json" id="report">(.*?)</script>""", RegexOptions.Singleline);
        using JsonDocument actual = JsonDocument.Parse(embedded.Groups[1].Value);
        Assert.True(JsonElement.DeepEquals(
            JsonSerializer.SerializeToElement(report, BenchmarkJson.Default.BenchmarkReport), actual.RootElement));
    }

    [Fact]
    public void ThePageFetchesNothing()
    {
        string page = File.ReadAllText(WriteHtml(Sweep()));

        Assert.Contains("default-src 'none'", page);
        Assert.DoesNotMatch(@"\b(src|href)=|url\(|@import|\b(fetch|import|XMLHttpRequest)\b", page);
        // The one address is the name of SVG's elements.
        Assert.Equal("http://www.w3.org/2000/svg", Assert.Single(Regex.Matches(page, @"https?:[^'""]*")).Value);
    }

    [SkippableFact]
    public async Task ABrowserShowsTheFiguresAndTheCharts()
    {
        string shown = await Show(FakeMeasurements.Report(
            FakeMeasurements.Of("cpu", 0.0123), FakeMeasurements.Of("ilgpu-cpu", 1.5, simulatesGpu: true)));

        // 12.3 ms and 1.5 s an epoch; 1,000 images, and 1,000 × 319,600 operations, in 12.3 ms.
        foreach (string cell in (string[])["12.3", "1,500", "81,301", "26.0", "25 %", "4.0 KB", "91.25 %"])
            Assert.Contains($"<td>{cell}</td>", shown);
        Assert.Contains("<li>ilgpu-cpu is not a GPU", shown);
        Assert.Matches("""<p [^>]*id="interrupted" hidden""", shown);
        Assert.Equal(["At batch size 64, 100 hidden units"], Captions(shown));
        Assert.Equal(2, Regex.Count(shown, "<svg "));
        Assert.Matches("""<section [^>]*id="toAccuracy" hidden""", shown);
        Assert.Contains(
            "cpu, batch size 64, 100 hidden units: 12.3 ms. ilgpu-cpu, batch size 64, 100 hidden units: 1.5 s", shown);
    }

    [SkippableFact]
    public async Task ABrowserShowsHowTheTimeGrowsAndOnWhatMachine()
    {
        string shown = await Show(Sweep());

        Assert.Equal("By hidden units, at batch size 64", Captions(shown)[0]);
        Assert.Contains("cpu: 1 s at 100, 8 s at 512. cuda:0: 4 s at 100, 4 s at 512", shown);
        // The speed with the CPU as 1: 1 s against 4 s, and 8 s against 4 s.
        Assert.Contains("<td>0.250</td>", shown);
        Assert.Contains("<td>2.00</td>", shown);
        // Names are text, whatever they are.
        Assert.Contains("<td>Fast &amp; Furious &lt;/script&gt;&lt;b&gt;9&lt;/b&gt;, 8 cores", shown);
        Assert.DoesNotContain("<b>", shown);
    }

    [SkippableFact]
    public async Task ABrowserShowsWhoReachedTheAccuracyAndWhen()
    {
        BenchmarkReport report = FakeMeasurements.Report(
            FakeMeasurements.Of("cpu", 0.0123, target: 0.9), FakeMeasurements.Of("cuda:0", 1.5, target: 0.92));

        string shown = await Show(report with { Settings = report.Settings with { TargetAccuracy = 0.9 } });

        Assert.Matches("""<section id="toAccuracy">\s*<h2>Time to 90 %</h2>""", shown);
        Assert.Contains("<td>epoch 2 of 2</td><td>91.25 %</td><td>0.025</td><td>0.5 %</td>", shown);
        Assert.Contains("<td>no, best 91.25 %</td><td></td><td></td><td></td>", shown);
        // The times to the accuracy, those of an epoch, and the accuracy over time.
        Assert.Equal(3, Regex.Count(shown, "<svg "));
        Assert.Contains("\"cpu, batch size 64, 100 hidden units: 24.6 ms\"", shown);
    }

    [SkippableFact]
    public async Task ABrowserShowsWhatIsMissing()
    {
        var failed = new DeviceMeasurement(
            new BenchmarkDevice("cuda:0", () => throw new NotSupportedException()), new() { LearningRate = 0.1 }, 100, 1000)
        { Error = "out of memory" };

        string shown = await Show(FakeMeasurements.Report(failed) with { Complete = false });

        Assert.Contains("<td>failed</td>", shown);
        Assert.Contains("<li>cuda:0 failed at batch size 64, 100 hidden units: out of memory</li>", shown);
        Assert.DoesNotMatch("""<p [^>]*id="interrupted" hidden""", shown);
        Assert.DoesNotContain("<svg ", shown);
    }

    private static BenchmarkReport Sweep() => FakeMeasurements.Report(
        FakeMeasurements.Of("cpu", 1, hidden: 100), FakeMeasurements.Of("cuda:0", 4, hidden: 100),
        FakeMeasurements.Of("cpu", 8, hidden: 512), FakeMeasurements.Of("cuda:0", 4, hidden: 512));

    private static string[] Captions(string shown) =>
        [.. Regex.Matches(shown, "<figcaption>(.*?)</figcaption>").Select(match => match.Groups[1].Value)];

    private string WriteHtml(BenchmarkReport report)
    {
        string file = Path.Combine(_folder.Path, "report.html");
        report.WriteHtml(file);
        return file;
    }

    /// <summary>The page as Chromium has it after running its script, without the scripts themselves.</summary>
    private async Task<string> Show(BenchmarkReport report)
    {
        string? chromium = Chromium.Find();
        Skip.If(chromium is null, "No Chromium on the PATH to show the report.");
        using Process process = Process.Start(new ProcessStartInfo(chromium,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                $"--user-data-dir={Path.Combine(_folder.Path, "browser")}",
                "--dump-dom", new Uri(WriteHtml(report)).AbsoluteUri,
            ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string dom = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync();
        await errors;
        string shown = Regex.Replace(dom, "<script.*?</script>", "", RegexOptions.Singleline);
        // The last row that the script writes: an error before it would have ended the script.
        Assert.Contains("""<th scope="row">ILGPU</th><td>1.5.3</td>""", shown);
        return shown;
    }
}
