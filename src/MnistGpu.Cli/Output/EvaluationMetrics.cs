using System.Diagnostics;
using MnistGpu.Cli.Engines;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Output;

/// <summary>The figures of an evaluation, as <c>--metrics</c> writes them. Scripts read this file, so names must not change.</summary>
internal sealed record EvaluationMetrics
{
    private const int MostMistakes = 100;

    public required string Device { get; init; }
    public required string Engine { get; init; }
    public required string Ilgpu { get; init; }
    public required DatasetMetrics Dataset { get; init; }
    public required int Hidden { get; init; }
    public required double EvaluateSeconds { get; init; }
    public required double TestLoss { get; init; }
    public required double TestAccuracy { get; init; }

    /// <summary>A row for each digit.</summary>
    public required IReadOnlyList<DigitMetrics> Digits { get; init; }

    /// <summary>10×10: how many images of a digit (row) were classified as which digit (column).</summary>
    public required IReadOnlyList<int[]> Confusion { get; init; }

    /// <summary>Up to 100, the most confident first.</summary>
    public required IReadOnlyList<MistakeMetrics> Mistakes { get; init; }

    /// <summary>Tests a network on an engine.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static EvaluationMetrics Of(
        ITrainingEngine engine, NetworkParameters parameters, DatasetMetrics dataset, ImageSet test,
        CancellationToken cancellation)
    {
        engine.SetParameters(parameters);
        long start = Stopwatch.GetTimestamp();
        float[] outputs = engine.Predict(test.Pixels, cancellation);
        Evaluation evaluation = Evaluation.Of(outputs, test.Labels);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int[] digits = [.. Enumerable.Range(0, NetworkParameters.Outputs)];
        return new EvaluationMetrics
        {
            Device = EngineCatalog.DeviceOf(engine),
            Engine = engine.Name,
            Ilgpu = AcceleratorCatalog.Ilgpu,
            Dataset = dataset,
            Hidden = parameters.Hidden,
            EvaluateSeconds = seconds,
            TestLoss = evaluation.MeanLoss,
            TestAccuracy = evaluation.Accuracy,
            Digits = [.. digits.Select(digit => DigitMetrics.Of(digit, evaluation.Confusion))],
            Confusion = [.. digits.Select(digit => Array.ConvertAll(digits, taken => evaluation.Confusion[digit, taken]))],
            Mistakes = [.. Enumerable.Range(0, test.Count)
                .Select(i => MistakeMetrics.Of(i, test.Labels[i], outputs.AsSpan(i * digits.Length, digits.Length)))
                .Where(answer => answer.Said != answer.Label)
                .OrderByDescending(mistake => mistake.Share).Take(MostMistakes)],
        };
    }
}

/// <summary>A digit's row of the table.</summary>
/// <param name="Digit">0 to 9.</param>
/// <param name="Images">How many test images show it.</param>
/// <param name="Right">How many of them were recognised.</param>
/// <param name="Accuracy">Their fraction, 0 to 1; null if there are no images.</param>
/// <param name="MostOftenTakenFor">The most frequent mistake; null if there is none.</param>
/// <param name="Times">How often it was made.</param>
internal sealed record DigitMetrics(int Digit, int Images, int Right, double? Accuracy, int? MostOftenTakenFor, int Times)
{
    public static DigitMetrics Of(int digit, int[,] confusion)
    {
        int[] others = [.. Enumerable.Range(0, NetworkParameters.Outputs).Where(taken => taken != digit)];
        int right = confusion[digit, digit];
        int images = right + others.Sum(taken => confusion[digit, taken]);
        int worst = others.MaxBy(taken => confusion[digit, taken]);
        int times = confusion[digit, worst];
        return new(digit, images, right, images == 0 ? null : (double)right / images, times == 0 ? null : worst, times);
    }
}

/// <summary>A test image that was taken for another digit.</summary>
/// <param name="Index">Which, from 0.</param>
/// <param name="Label">What it shows.</param>
/// <param name="Said">What it was taken for.</param>
/// <param name="Share">How confidently: that output divided by the sum of all ten.</param>
internal sealed record MistakeMetrics(int Index, int Label, int Said, double Share)
{
    public static MistakeMetrics Of(int index, int label, ReadOnlySpan<float> outputs)
    {
        int said = Evaluation.Digit(outputs);
        double sum = 0;
        foreach (float output in outputs)
            sum += output;
        return new(index, label, said, sum > 0 ? outputs[said] / sum : 0);
    }
}
