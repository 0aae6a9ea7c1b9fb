using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>What a benchmark trains, the same on every device.</summary>
internal sealed record BenchmarkPlan
{
    /// <summary>Images per step; each size is measured with each of <see cref="HiddenSizes"/>.</summary>
    public required IReadOnlyList<int> BatchSizes { get; init; }

    /// <summary>Hidden units.</summary>
    public required IReadOnlyList<int> HiddenSizes { get; init; }

    /// <summary>Epochs of a training, at most.</summary>
    public required int Epochs { get; init; }

    /// <summary>How many turns each device takes.</summary>
    public required int Repeats { get; init; }

    /// <summary>Seed of the initial weights and of the order of the images.</summary>
    public required int Seed { get; init; }

    /// <summary>
    /// The test accuracy, 0 to 1, at which a training ends, to measure the time it takes; null to measure the time per epoch.
    /// </summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>
    /// Whether to train the reference too, and compare all weights with its own. Trainings that end at an accuracy are not
    /// compared, because rounding may make them end at different epochs.
    /// </summary>
    public bool ComparesWeights { get => field && TargetAccuracy is null; init; } = true;

    /// <summary>Whether to train on distortions of the images.</summary>
    public bool Augment { get; init; }

    /// <summary>
    /// The shortest turn. A fast device trains several times within it, so that the median of its many short epochs is as
    /// reliable as that of a slow device's few.
    /// </summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The settings of a training.</summary>
    /// <remarks>
    /// To reach an accuracy, devices train as <c>train</c> does. Otherwise the peak learning rate falls with the batch size,
    /// because gradients are summed, and with the hidden units, because an output's slope grows with them. Without that,
    /// large sizes would diverge: the sigmoids would saturate, and the benchmark would time denormal numbers, which are slow
    /// on some processors.
    /// </remarks>
    public TrainingOptions Options(int batchSize, int hidden)
    {
        double? rate = TargetAccuracy is null ? Math.Min(0.1, 320.0 / ((double)batchSize * hidden)) : null;
        return new TrainingOptions
        {
            Epochs = Epochs,
            BatchSize = batchSize,
            LearningRate = rate,
            OutputLearningRate = rate,
            Seed = Seed,
            Augment = Augment,
            TargetAccuracy = TargetAccuracy,
        };
    }

    /// <summary>
    /// Floating-point operations of an epoch: the additions and multiplications of the five matrix products.
    /// <code>
    ///   X·W1 and Xᵀ·δh           2·784·H per image, each
    ///   h·W2, δo·W2ᵀ and hᵀ·δo   2·10·H per image, each
    /// </code>
    /// Biases, sigmoids and the update itself are less than a hundredth of that. This is the count for a dense network, the
    /// same for all devices, so that their rates compare as their times do. Every engine does fewer, since it skips pixels
    /// that are 0.
    /// </summary>
    public static double OperationsPerEpoch(int images, int hidden) =>
        (double)images * hidden * (2 * 2 * NetworkParameters.Inputs + 3 * 2 * NetworkParameters.Outputs);
}
