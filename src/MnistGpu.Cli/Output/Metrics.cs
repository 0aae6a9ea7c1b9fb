using System.Text.Json.Serialization;
using MnistGpu.Cli.Commands;
using MnistGpu.Cli.Engines;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;

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

    /// <summary>The figures of a training of which at least one epoch has finished; its options have rates and momentum.</summary>
    public static TrainingMetrics Of(
        Trainer trainer, ITrainingEngine engine, MnistDataset dataset, NetworkParameters start, TrainingOptions options)
    {
        IReadOnlyList<EpochResult> history = trainer.History;
        Evaluation? test = trainer.LastTest;
        // Epochs from before --resume have no time.
        double seconds = history.Sum(epoch => epoch.TrainSeconds) ?? 0;
        int timed = history.Count(epoch => epoch.TrainSeconds is not null);
        return new TrainingMetrics
        {
            Device = EngineCatalog.DeviceOf(engine),
            Engine = engine.Name,
            Ilgpu = AcceleratorCatalog.Ilgpu,
            Dataset = new DatasetMetrics(dataset.Name, dataset.Train.Count, dataset.Test.Count),
            Hidden = start.Hidden,
            Epochs = history.Count,
            BatchSize = options.BatchSize,
            Schedule = TrainSettings.NameOf(options.Schedule),
            LearningRate = options.LearningRate!.Value,
            OutputLearningRate = options.OutputLearningRate!.Value,
            Momentum = options.Momentum!.Value,
            MeanImageSquared = dataset.Train.MeanImageSquared,
            Seed = options.Seed,
            History = [.. history.Select(e => new EpochMetrics(e.Epoch, e.Loss, e.TrainAccuracy, e.TrainSeconds, e.TestAccuracy, e.TestLoss))],
            TrainSeconds = seconds,
            ImagesPerSecond = timed == 0 ? 0 : (double)dataset.Train.Count * timed / seconds,
            TestAccuracy = history[^1].TestAccuracy,
            DigitAccuracy = test is null
                ? null
                : [.. Enumerable.Range(0, NetworkParameters.Outputs).Select(digit => DigitMetrics.Of(digit, test.Confusion).Accuracy)],
            NeverSaid = test?.NeverSaid,
            Warning = test is null ? null : TrainingAdvice.Of(options, start, dataset.Train, test),
        };
    }
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
