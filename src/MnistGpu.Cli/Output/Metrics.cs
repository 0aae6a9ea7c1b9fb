using System.Text.Json.Serialization;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Output;

/// <summary>The figures of a training, as <c>--metrics</c> writes them. Scripts read this file, so names must not change.</summary>
internal sealed record TrainingMetrics
{
    /// <summary>As <c>--device</c> takes it: "cpu", "cuda:0"; never "auto".</summary>
    public required string Device { get; init; }

    /// <summary>"reference", "cpu" or "accelerator".</summary>
    public required string Engine { get; init; }

    /// <summary>The version of ILGPU: "1.5.3".</summary>
    public required string Ilgpu { get; init; }
    public required DatasetMetrics Dataset { get; init; }
    public required int Hidden { get; init; }
    public required int Epochs { get; init; }
    public required int BatchSize { get; init; }
    public required string Schedule { get; init; }
    public required double LearningRate { get; init; }
    public required double OutputLearningRate { get; init; }
    public required double Momentum { get; init; }

    /// <summary>Of the training images, with pixels from 0 to 1. Besides the sizes, the default rates depend on it.</summary>
    public required double MeanImageSquared { get; init; }
    public required int Seed { get; init; }
    public required IReadOnlyList<EpochMetrics> History { get; init; }

    /// <summary>The epochs of this run only, without loading and evaluation.</summary>
    public required double TrainSeconds { get; init; }
    public required double ImagesPerSecond { get; init; }

    /// <summary>After the last epoch, 0 to 1; null if its test did not finish.</summary>
    public required double? TestAccuracy { get; init; }

    /// <summary>The same for each digit; null if no test image shows it.</summary>
    public required IReadOnlyList<double?>? DigitAccuracy { get; init; }

    /// <summary>The digits that the network predicts for no test image, though at least ten show them; null if not tested.</summary>
    public required IReadOnlyList<int>? NeverSaid { get; init; }

    /// <summary>What went wrong and what to try; null if nothing did.</summary>
    public required string? Warning { get; init; }
}

/// <summary>The data set, with the numbers of images to train on, if any, and to test with.</summary>
internal sealed record DatasetMetrics(string Name, int? Train, int Test);

/// <summary>
/// One epoch. Loss and training accuracy are measured on each image before the step that used it. The seconds are null if
/// the epoch was trained before <c>--resume</c>.
/// </summary>
internal sealed record EpochMetrics(
    int Epoch, double Loss, double TrainAccuracy, double? TrainSeconds, double? TestAccuracy, double? TestLoss);

/// <summary>How the figures become JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TrainingMetrics))]
[JsonSerializable(typeof(EvaluationMetrics))]
internal sealed partial class MetricsJson : JsonSerializerContext;
