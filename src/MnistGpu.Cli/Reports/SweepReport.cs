using System.Text.Json.Serialization;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Sweeping;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Reports;

/// <summary>Everything a sweep found out, as <c>--json</c> writes it. Scripts read this file: the names stay.</summary>
internal sealed record SweepReport
{
    /// <summary>False if it was interrupted: some of what was asked for is then missing.</summary>
    public required bool Complete { get; init; }

    public required MachineInfo Machine { get; init; }

    /// <summary>As <c>--device</c> takes it.</summary>
    public required string Device { get; init; }

    public required int TrainingsAtATime { get; init; }

    /// <summary>Of this run, from the first training to the last, tests included.</summary>
    public required double Seconds { get; init; }

    /// <summary>What was trained on and tested with.</summary>
    public required DatasetMetrics Dataset { get; init; }

    /// <summary>Images at the end of the training images that were held out, to choose by; 0 where nothing is chosen.</summary>
    public required int LastTenth { get; init; }

    public required string Schedule { get; init; }

    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>Which of the settings have several values: "hidden", "learningRate", as they are called in the results.</summary>
    public required IReadOnlyList<string> Varied { get; init; }

    /// <summary>The best first, by the last tenth where it was held out, by the test images where not.</summary>
    public required IReadOnlyList<SettingResult> Results { get; init; }

    /// <summary>The network that <c>--output</c> saves; null where it does not.</summary>
    public required BestNetwork? Best { get; init; }

    /// <summary>The mean of the outputs of the best setting's networks; null where it was not asked for.</summary>
    public required EnsembleResult? Ensemble { get; init; }

    /// <summary>Writes the report as a page with a plot, which it draws from this same JSON.</summary>
    public void WriteHtml(string path) => HtmlPage.Write(path, "sweep.html", this, SweepJson.Default.SweepReport);
}

/// <summary>A setting, and how its trainings ended.</summary>
internal sealed record SettingResult(
    int Hidden, int BatchSize, int Epochs, double LearningRate, double OutputLearningRate, double Momentum, bool Augment,
    AccuracySummary? TestAccuracy, AccuracySummary? LastTenthAccuracy, double TrainSeconds, int Failed, IReadOnlyList<RunFigures> Runs)
{
    public static SettingResult Of(Setting setting, IReadOnlyList<RunFigures> runs)
    {
        TrainingOptions options = setting.Options;
        return new SettingResult(
            setting.Hidden, options.BatchSize, options.Epochs, options.LearningRate!.Value, options.OutputLearningRate!.Value,
            options.Momentum!.Value, options.Augment, AccuracySummary.Of(runs.Select(run => run.TestAccuracy)),
            AccuracySummary.Of(runs.Select(run => run.LastTenthAccuracy)),
            runs.Average(run => run.TrainSeconds), runs.Count(run => run.TestAccuracy is null), runs);
    }
}

/// <summary>Of accuracies, 0 to 1, over the seeds. The deviation is the sample's standard deviation, null of one.</summary>
internal sealed record AccuracySummary(double Mean, double? Deviation, double Least, double Most)
{
    /// <summary>Leaves out what is null; null where nothing is left.</summary>
    public static AccuracySummary? Of(IEnumerable<double?> accuracies)
    {
        double[] values = [.. accuracies.OfType<double>()];
        if (values.Length == 0)
            return null;
        double mean = values.Average();
        return new AccuracySummary(
            mean, values.Length == 1 ? null : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)),
            values.Min(), values.Max());
    }
}

/// <summary>A network, by its place in the results and its seed.</summary>
internal sealed record BestNetwork(int Result, int Seed, double LastTenthAccuracy, double TestAccuracy);

/// <summary>Several networks as one.</summary>
/// <param name="Networks">How many.</param>
/// <param name="TestAccuracy">Of the mean of their outputs, 0 to 1.</param>
internal sealed record EnsembleResult(int Networks, double TestAccuracy);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SweepReport))]
internal sealed partial class SweepJson : JsonSerializerContext;
