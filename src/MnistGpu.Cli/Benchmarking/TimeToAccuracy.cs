namespace MnistGpu.Cli.Benchmarking;

/// <summary>When a device's network became as accurate as was asked for.</summary>
/// <param name="Epoch">The first, from 1, whose test reached the target; null if none did.</param>
/// <param name="Accuracy">Of that test, 0 to 1, or else of the best; null before there is any.</param>
/// <param name="Seconds">
/// From the first step to the end of that test, with those before it; without loading. Null if it was not reached.
/// </param>
/// <param name="Samples">Those seconds of each timed training, in the order of measurement.</param>
internal sealed record TimeToAccuracy(
    int? Epoch, double? Accuracy, SampleSummary? Seconds, IReadOnlyList<double> Samples);
