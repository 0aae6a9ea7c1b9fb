using MnistGpu.Core.Data;

namespace MnistGpu.Core.Training;

/// <summary>
/// How to train. The defaults are the same for every engine, so that timings compare. Rates and momentum that are not
/// given adapt to the sizes and the images: <see cref="WithDefaultRates"/>.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>Epochs that are worthwhile on distorted images: 3.6 million of them, where MNIST has 60,000 images.</summary>
    public const int EpochsWithAugment = 60;

    /// <summary>Passes over the training images, at least 1.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Images per step, at least 1. Their gradients are summed.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How the learning rate changes over the steps.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.OneCycle;

    /// <summary>The peak learning rate, for summed gradients; above 0 and finite in float32. Null: chosen automatically.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The same for the output layer, W2 and b2. Null: chosen automatically, at most <see cref="LearningRate"/>.</summary>
    public double? OutputLearningRate { get; init; }

    /// <summary>Fraction of each step carried into the next, 0 to below 1. Null: 0 with a given rate, otherwise chosen automatically.</summary>
    public double? Momentum { get; init; }

    /// <summary>Fraction of all steps over which a one-cycle schedule rises, 0 to 1.</summary>
    public double Warmup { get; init; } = 0.3;

    /// <summary>Seed of the order of the images, at least 0.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether each epoch sees the images in a new random order; otherwise in the order of the data.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Steps per epoch; the last one has the remaining images.</summary>
    /// <param name="images">Training images, at least 1.</param>
    public int StepsPerEpoch(int images) => (images - 1) / BatchSize + 1;

    /// <summary>Steps of the whole training.</summary>
    /// <param name="images">Training images, at least 1.</param>
    public long Steps(int images) => (long)StepsPerEpoch(images) * Epochs;

    /// <summary>The same options with all rates and the momentum filled in: <see cref="DefaultRates"/>.</summary>
    /// <param name="hidden">Hidden units, at least 1.</param>
    /// <param name="images">The training images, at least one.</param>
    public TrainingOptions WithDefaultRates(int hidden, ImageSet images) =>
        LearningRate is not null && OutputLearningRate is not null && Momentum is not null
            ? this
            : DefaultRates.FillIn(this, hidden, images.Count, images.MeanImageSquared);

    /// <summary>Whether each epoch sees new distortions of the images: <see cref="Augmentation.Distortion"/>.</summary>
    public bool Augment { get; init; }

    /// <summary>
    /// Training ends after the first epoch whose test accuracy, 0 to 1, is at least this; null trains all epochs.
    /// </summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the exception names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Seed);
        if (!Enum.IsDefined(Schedule))
            throw new ArgumentOutOfRangeException(nameof(Schedule), Schedule, "There is no such schedule.");
        ThrowIfNoRate(LearningRate, nameof(LearningRate));
        ThrowIfNoRate(OutputLearningRate, nameof(OutputLearningRate));
        if (Momentum is double momentum && !(momentum >= 0 && momentum < 1))
            throw new ArgumentOutOfRangeException(nameof(Momentum), momentum, "Momentum must be from 0 to below 1.");
        if (!(Warmup >= 0 && Warmup <= 1))
            throw new ArgumentOutOfRangeException(nameof(Warmup), Warmup, "The warm-up is a fraction of all steps, 0 to 1.");
        if (TargetAccuracy is double target && !(target >= 0 && target <= 1))
            throw new ArgumentOutOfRangeException(nameof(TargetAccuracy), target, "An accuracy is between 0 and 1.");
    }

    private static void ThrowIfNoRate(double? rate, string name)
    {
        if (rate is double value && !(value > 0 && float.IsFinite((float)value)))
            throw new ArgumentOutOfRangeException(name, value, "A learning rate must be above 0 and finite in float32.");
    }
}
