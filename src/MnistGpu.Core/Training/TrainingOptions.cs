namespace MnistGpu.Core.Training;

/// <summary>How to train. The defaults are the same for every engine, so that timings compare.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training images, at least 1.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Images a step, at least 1. Their gradients are added up.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How the learning rate goes over the steps.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.OneCycle;

    /// <summary>The peak of the learning rate, per summed gradient; above 0 and finite.</summary>
    public double LearningRate { get; init; } = 0.5;

    /// <summary>The part of all steps over which a one-cycle schedule rises, 0 to 1.</summary>
    public double Warmup { get; init; } = 0.3;

    /// <summary>Seed of the order of the images, at least 0.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether each epoch sees the images in a new random order; otherwise in the data's own.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option that is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Seed);
        if (!(LearningRate > 0 && double.IsFinite(LearningRate)))
            throw new ArgumentOutOfRangeException(nameof(LearningRate), LearningRate, "A learning rate is above 0 and finite.");
        if (!(Warmup >= 0 && Warmup <= 1))
            throw new ArgumentOutOfRangeException(nameof(Warmup), Warmup, "The warm-up is a part of all steps, 0 to 1.");
    }
}
