using System.Text.Json.Serialization;

namespace MnistGpu.Cli.Output;

/// <summary>What the network reads in one image, as <c>predict --json</c> prints it. Scripts read this, so names must not change.</summary>
internal sealed record Prediction
{
    /// <summary>The file; null for a test image.</summary>
    public string? Picture { get; init; }

    /// <summary>Which of several digits in the picture, from 1 on the left; null if there is only one.</summary>
    public int? Position { get; init; }

    /// <summary>How many digits the picture has; null if only one.</summary>
    public int? Of { get; init; }

    public int? TestIndex { get; init; }

    /// <summary>What the test image shows.</summary>
    public int? Label { get; init; }

    public required int Digit { get; init; }

    /// <summary>For each digit, its output's share of the ten outputs' sum.</summary>
    public required IReadOnlyList<float> Shares { get; init; }

    [JsonIgnore]
    public string Title => Picture is null ? $"test image {TestIndex}, labelled {Label}"
        : Terminal.OneLine(Position is null ? Picture : $"{Picture}, digit {Position} of {Of}");
}

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<Prediction>))]
internal sealed partial class PredictionJson : JsonSerializerContext;
