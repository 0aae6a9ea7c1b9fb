using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>
/// The default learning rates and momentum. Every rate is the lowest of a few bounds; docs/step.md says where they come
/// from, and benchmarks/README.md what they lead to.
/// </summary>
internal static class DefaultRates
{
    /// <summary>MNIST's <see cref="Data.ImageSet.MeanImageSquared"/>, rounded up.</summary>
    private const double MnistMeanImage = 36;

    /// <summary>Above this many hidden units, what all activations share begins to outweigh what tells digits apart.</summary>
    private const int Wide = 500;

    /// <summary>Steps of warm-up assumed for a training without any.</summary>
    private const double LeastWarmup = 3;

    /// <summary>A batch this large almost certainly contains all ten classes, in much the same numbers each time.</summary>
    private const int MixedBatch = 64;

    /// <summary>Fills in what is null; values that are given stay, and the others adapt to them.</summary>
    /// <param name="options">Not changed.</param>
    /// <param name="hidden">Hidden units, at least 1.</param>
    /// <param name="images">Training images, at least 1.</param>
    /// <param name="meanImageSquared">Their <see cref="Data.ImageSet.MeanImageSquared"/>.</param>
    public static TrainingOptions FillIn(TrainingOptions options, int hidden, int images, double meanImageSquared)
    {
        bool isConstant = options.Schedule == LearningRateSchedule.Constant;
        double batch = Math.Min(options.BatchSize, images);
        long steps = options.Steps(images);
        // Steps of warm-up: the more there are, the further the network has come by the time the rates are high.
        double warmup = isConstant ? LeastWarmup : Math.Max(LeastWarmup, steps * options.Warmup);

        // Many small steps learn as much without momentum, and then touch only the rows of W1 under lit pixels.
        bool isPlain = options.LearningRate is not null || isConstant || (batch * hidden <= 9_000 && steps >= 900);
        double momentum = options.Momentum ?? (isPlain ? 0 : 0.9);
        // Momentum takes every step 1 / (1 − µ) times as far, and stays stable on a loss 1 + µ times as steep.
        double reach = 1 / (1 - momentum), stability = 1 + momentum;
        // The more lit pixels, the steeper the loss.
        double lit = Math.Pow(Math.Max(1, meanImageSquared / MnistMeanImage), 1.5);
        // With more units, initial weights are smaller, and hidden activations differ less from each other.
        double spread = (double)(NetworkParameters.Inputs + Wide) / (NetworkParameters.Inputs + Math.Max(hidden, Wide));
        // A constant rate does not fall at the end, so its noise remains.
        double highest = isConstant ? 0.1 : options.Augment ? 0.3 : 0.5;

        // Over the many epochs on distorted images, lower rates reach a higher accuracy, whatever the size.
        double noise = options.Augment ? 0.4 : Math.Sqrt(Math.Min(Math.Max(hidden, 200), 2_000 / lit) / 100);
        double shock = Math.Sqrt(warmup / (5.4 * lit) * Math.Max(1, (double)Wide / hidden));
        double curvature = Math.Min(120, (8 + 2.4 * warmup) * spread) * stability / batch;
        double rate = options.LearningRate ?? Math.Min(highest, Math.Min(Math.Min(noise, shock) / reach, curvature) / lit);

        double outputNoise = 0.5 * Math.Sqrt(100.0 / hidden);
        // Momentum adds up several batches: if some of them lack a class, its output would be thrown to 0. The bound is then that of
        // larger batches, of which the same images make fewer steps; the root is fitted.
        double mixed = momentum == 0 ? batch : Math.Max(batch, MixedBatch);
        double mixedWarmup = warmup * Math.Sqrt(batch / mixed);
        double outputCurvature = Math.Max(40, mixedWarmup * mixedWarmup / 40) * spread * stability / (mixed * hidden);
        double outputRate = options.OutputLearningRate ?? Math.Min(rate, Math.Min(outputNoise / reach, outputCurvature) / lit);

        return options with { LearningRate = rate, OutputLearningRate = outputRate, Momentum = momentum };
    }
}
