using System.Text.Json.Serialization;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Sweeping;

/// <summary>What trainings of a sweep share that differ only in their seed.</summary>
/// <param name="Hidden">Hidden units.</param>
/// <param name="Options">With rates and momentum, and with no seed: <see cref="TrainingOptions.WithDefaultRates"/>.</param>
internal sealed record Setting(int Hidden, TrainingOptions Options)
{
    /// <summary>What a sweep may vary besides the seed: its name in files, in words, and its value.</summary>
    public static readonly (string Name, string Words, Func<Setting, string> Text)[] Variables =
    [
        ("hidden", "hidden", setting => $"{setting.Hidden}"),
        ("batchSize", "batch size", setting => $"{setting.Options.BatchSize}"),
        ("epochs", "epochs", setting => $"{setting.Options.Epochs}"),
        ("learningRate", "learning rate", setting => $"{setting.Options.LearningRate}"),
        ("outputLearningRate", "output rate", setting => $"{setting.Options.OutputLearningRate}"),
        ("momentum", "momentum", setting => $"{setting.Options.Momentum}"),
        ("augment", "augment", setting => setting.Options.Augment ? "on" : "off"),
    ];
}

/// <summary>One training of a sweep.</summary>
internal sealed record Run(Setting Setting, int Seed);

/// <summary>
/// The result of a training: the figures of its last epoch, as in <c>train --metrics</c>. All except the seconds are null if the
/// weights became NaN or infinite; that of the last tenth of the training images also if it was trained on.
/// </summary>
internal sealed record RunFigures(
    int Seed, double? Loss, double? TrainAccuracy, double? TestLoss, double? TestAccuracy, double? LastTenthAccuracy, double TrainSeconds)
{
    /// <summary>What settings and networks are ranked by: never the test images if others were held out.</summary>
    [JsonIgnore]
    public double? Rank => LastTenthAccuracy ?? TestAccuracy;
}
