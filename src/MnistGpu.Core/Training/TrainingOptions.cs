namespace MnistGpu.Core.Training;

/// <summary>
/// How to train. The defaults are the same for every engine, so that timings compare. Rates and momentum that are not
/// given suit the sizes: <see cref="For"/>.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>Epochs that distorted images are worth: 3.6 million of them, where MNIST has 60,000 images.</summary>
    public const int EpochsWithAugment = 60;

    /// <summary>Passes over the training images, at least 1.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Images a step, at least 1. Their gradients are added up.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How the learning rate goes over the steps.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.OneCycle;

    /// <summary>The peak of the learning rate, per summed gradient; above 0 and finite in float32. Null is chosen.</summary>
    public double? LearningRate { get; init; }

    /// <summary>That of the output layer, W2 and b2. Null is <see cref="LearningRate"/>, or chosen if that is.</summary>
    public double? OutputLearningRate { get; init; }

    /// <summary>How much of a step is left in the next one, from 0 to below 1. Null is 0, or chosen with the rate.</summary>
    public double? Momentum { get; init; }

    /// <summary>The part of all steps over which a one-cycle schedule rises, 0 to 1.</summary>
    public double Warmup { get; init; } = 0.3;

    /// <summary>Seed of the order of the images, at least 0.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether each epoch sees the images in a new random order; otherwise in the data's own.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>The same options with no rate and no momentum left to choose.</summary>
    /// <remarks>
    /// All hidden activations lie around ½, so the gradients of W2 share one direction, whose curvature grows with
    /// batch size × hidden units and bounds the output layer's rate. The hidden layer has another bound: the weights
    /// through which its gradients come start at about 1/√H, so its rate may grow with √H. Momentum µ goes as far as
    /// rates 1/(1 − µ) times as high, while those bounds rise: they are proportional to 1 + µ. A warm-up of few steps
    /// takes a lower rate of the output layer still, or it drives outputs to 0 for good. Where batches are small
    /// and steps are many, plain descent with a high rate learns as much in less time. Distorted images take many
    /// epochs, in which lower rates lead further. (benchmarks/README.md)
    /// </remarks>
    /// <param name="hidden">Hidden units.</param>
    /// <param name="images">Images of an epoch.</param>
    public TrainingOptions For(int hidden, int images)
    {
        if (LearningRate is double given)
            return this with { OutputLearningRate = OutputLearningRate ?? given, Momentum = Momentum ?? 0 };

        double work = (double)Math.Min(BatchSize, images) * hidden;
        double steps = ((images - 1L) / BatchSize + 1.0) * Epochs;
        bool isConstant = Schedule == LearningRateSchedule.Constant;
        bool isPlain = isConstant || (work <= 9_000 && steps >= 900);
        double momentum = Momentum ?? (isPlain ? 0 : 0.9);
        double forWarmup = Math.Clamp(steps * Warmup / 200, 0.15, 1);
        (double rate, double outputRate) = isConstant
            ? (Math.Min(0.1, 128 / work) * (1 - momentum), double.PositiveInfinity)
            : isPlain && momentum == 0
                ? (Augment ? 0.3 : 0.5, double.PositiveInfinity)
                : (Math.Min(0.5, (1 - momentum) * (Augment ? 0.4 : Math.Sqrt(hidden / 100.0))),
                    420 * (1 + momentum) * forWarmup / work);
        return this with
        {
            LearningRate = rate,
            OutputLearningRate = OutputLearningRate ?? Math.Min(rate, outputRate),
            Momentum = momentum,
        };
    }

    /// <summary>Whether each epoch sees new distortions of the images: <see cref="Augmentation.Distortion"/>.</summary>
    public bool Augment { get; init; }

    /// <summary>
    /// The training ends after the first epoch whose test accuracy, 0 to 1, is at least this; null goes through them all.
    /// </summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option that is out of its range.</exception>
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
            throw new ArgumentOutOfRangeException(nameof(Momentum), momentum, "Momentum is from 0 to below 1.");
        if (!(Warmup >= 0 && Warmup <= 1))
            throw new ArgumentOutOfRangeException(nameof(Warmup), Warmup, "The warm-up is a part of all steps, 0 to 1.");
        if (TargetAccuracy is double target && !(target >= 0 && target <= 1))
            throw new ArgumentOutOfRangeException(nameof(TargetAccuracy), target, "An accuracy is from 0 to 1.");
    }

    private static void ThrowIfNoRate(double? rate, string name)
    {
        if (rate is double value && !(value > 0 && float.IsFinite((float)value)))
            throw new ArgumentOutOfRangeException(name, value, "A learning rate is above 0 and a finite float32 number.");
    }
}
