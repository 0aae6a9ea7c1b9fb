namespace MnistGpu.Cli.Benchmarking;

/// <summary>When a device's network reached the requested accuracy.</summary>
/// <param name="Epoch">The first, from 1, whose test reached the target; null if none did.</param>
/// <param name="Accuracy">In that test, 0 to 1, or else in the best one; null before the first.</param>
/// <param name="Seconds">
/// From the first step to the end of that test, including earlier tests, without loading. Null if it was not reached.
/// </param>
/// <param name="Samples">These seconds for each timed training, in the order of measurement.</param>
internal sealed record TimeToAccuracy(
    int? Epoch, double? Accuracy, SampleSummary? Seconds, IReadOnlyList<double> Samples);
