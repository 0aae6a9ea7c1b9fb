using System.Text.Json.Serialization;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;

namespace MnistGpu.Cli.Reports;

/// <summary>
/// Everything a benchmark found out, as <c>--json</c> writes it. Scripts read this file: the names stay.
/// </summary>
internal sealed record BenchmarkReport
{
    public required DateTimeOffset Started { get; init; }

    /// <summary>False if it was interrupted: some of what was asked for is then missing.</summary>
    public required bool Complete { get; init; }

    public required MachineInfo Machine { get; init; }

    public required BenchmarkSettings Settings { get; init; }

    /// <summary>Size by size, and device by device within a size.</summary>
    public required IReadOnlyList<DeviceMeasurement> Results { get; init; }

    /// <summary>What follows from the results, one sentence each.</summary>
    public required IReadOnlyList<string> Conclusions { get; init; }

    /// <summary>Writes the report as a page with charts, which it draws from this same JSON.</summary>
    public void WriteHtml(string path) => HtmlPage.Write(path, "report.html", this, BenchmarkJson.Default.BenchmarkReport);
}

/// <summary>What was asked for.</summary>
internal sealed record BenchmarkSettings(
    DatasetMetrics Dataset, IReadOnlyList<string> Devices, IReadOnlyList<int> BatchSizes,
    IReadOnlyList<int> HiddenSizes, int Epochs, int Repeats, int Seed, double? TargetAccuracy, bool Augment);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchmarkReport))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
