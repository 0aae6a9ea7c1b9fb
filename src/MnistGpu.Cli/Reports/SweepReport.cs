using System.Text.Json.Serialization;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Sweeping;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Reports;

/// <summary>Everything a sweep measured, as <c>--json</c> writes it. Scripts read this file, so names must not change.</summary>
internal sealed record SweepReport
{
    /// <summary>False if it was interrupted, so that some results are missing.</summary>
    public required bool Complete { get; init; }

    public required MachineInfo Machine { get; init; }

    /// <summary>As <c>--device</c> takes it.</summary>
    public required string Device { get; init; }

    public required int TrainingsAtATime { get; init; }

    /// <summary>The time of this run, from the first training to the last, including tests.</summary>
    public required double Seconds { get; init; }

    /// <summary>The data to train on and to test with.</summary>
    public required DatasetMetrics Dataset { get; init; }

    /// <summary>Number of images at the end of the training images that were held out to choose by; 0 if nothing is chosen.</summary>
    public required int LastTenth { get; init; }

    public required string Schedule { get; init; }

    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>Which settings have several values, by their names in the results: "hidden", "learningRate".</summary>
    public required IReadOnlyList<string> Varied { get; init; }

    /// <summary>The best first: by the last tenth if it was held out, otherwise by the test images.</summary>
    public required IReadOnlyList<SettingResult> Results { get; init; }

    /// <summary>The network that <c>--output</c> saves; null without that option.</summary>
    public required BestNetwork? Best { get; init; }

    /// <summary>The mean of the outputs of the best setting's networks; null if not asked for.</summary>
    public required EnsembleResult? Ensemble { get; init; }

    /// <summary>Writes the report as a page with a plot, which it draws from this same JSON.</summary>
    public void WriteHtml(string path) => HtmlPage.Write(path, "sweep.html", this, SweepJson.Default.SweepReport);
}

/// <summary>A setting, and the results of its trainings.</summary>
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

/// <summary>Accuracies, 0 to 1, over the seeds. The deviation is the sample standard deviation, null for a single seed.</summary>
internal sealed record AccuracySummary(double Mean, double? Deviation, double Least, double Most)
{
    /// <summary>Leaves out nulls; null if nothing is left.</summary>
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

/// <summary>Several networks combined.</summary>
/// <param name="Networks">How many.</param>
/// <param name="TestAccuracy">The accuracy of the mean of their outputs, 0 to 1.</param>
internal sealed record EnsembleResult(int Networks, double TestAccuracy);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SweepReport))]
internal sealed partial class SweepJson : JsonSerializerContext;
