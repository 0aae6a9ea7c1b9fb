using System.Text.Json.Serialization;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;

namespace MnistGpu.Cli.Reports;

/// <summary>
/// Everything a benchmark measured, as <c>--json</c> writes it. Scripts read this file, so names must not change.
/// </summary>
internal sealed record BenchmarkReport
{
    public required DateTimeOffset Started { get; init; }

    /// <summary>False if it was interrupted, so that some results are missing.</summary>
    public required bool Complete { get; init; }

    public required MachineInfo Machine { get; init; }

    public required BenchmarkSettings Settings { get; init; }

    /// <summary>Ordered by size, then by device.</summary>
    public required IReadOnlyList<DeviceMeasurement> Results { get; init; }

    /// <summary>What follows from the results, one sentence each.</summary>
    public required IReadOnlyList<string> Conclusions { get; init; }

    /// <summary>Writes the report as a page with charts, which it draws from this same JSON.</summary>
    public void WriteHtml(string path) => HtmlPage.Write(path, "report.html", this, BenchmarkJson.Default.BenchmarkReport);
}

/// <summary>The options of a benchmark.</summary>
internal sealed record BenchmarkSettings(
    DatasetMetrics Dataset, IReadOnlyList<string> Devices, IReadOnlyList<int> BatchSizes,
    IReadOnlyList<int> HiddenSizes, int Epochs, int Repeats, int Seed, double? TargetAccuracy, bool Augment);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchmarkReport))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
