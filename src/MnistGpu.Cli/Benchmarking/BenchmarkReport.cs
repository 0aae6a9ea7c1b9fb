using System.Text.Json.Serialization;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>
/// All there is to tell of a benchmark, as <c>--json</c> writes it. Scripts read this file: names stay.
/// </summary>
internal sealed record BenchmarkReport
{
    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>False where it was interrupted: some of what was asked for is then missing.</summary>
    public required bool Complete { get; init; }

    public required MachineInfo Machine { get; init; }

    public required BenchmarkSettings Settings { get; init; }

    /// <summary>Size after size, at each size device after device.</summary>
    public required IReadOnlyList<DeviceMeasurement> Results { get; init; }

    /// <summary>What follows from the results, a sentence each.</summary>
    public required IReadOnlyList<string> Conclusions { get; init; }
}

/// <summary>What was asked for.</summary>
/// <param name="Dataset">What was trained on and tested with.</param>
/// <param name="Devices">As <c>--device</c> takes them.</param>
/// <param name="BatchSizes">Images a step.</param>
/// <param name="HiddenSizes">Hidden units.</param>
/// <param name="Epochs">Epochs of a training.</param>
/// <param name="Repeats">How often each device's turn comes.</param>
/// <param name="Seed">Seed of the initial weights and of the order of the images.</param>
internal sealed record BenchmarkSettings(
    DatasetMetrics Dataset, IReadOnlyList<string> Devices, IReadOnlyList<int> BatchSizes,
    IReadOnlyList<int> HiddenSizes, int Epochs, int Repeats, int Seed);

/// <summary>How the report becomes JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchmarkReport))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
