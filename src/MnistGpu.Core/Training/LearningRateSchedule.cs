namespace MnistGpu.Core.Training;

/// <summary>How the learning rate goes over the steps of a training.</summary>
public enum LearningRateSchedule
{
    /// <summary>
    /// Rises linearly from 0 to the peak over the first part of all steps (the warm-up), then falls linearly to 0. A
    /// high peak makes fast progress, the warm-up keeps it from doing harm at the start, the fall settles it.
    /// (L. Smith, N. Topin: Super-convergence, 2018.)
    /// </summary>
    OneCycle,

    /// <summary>The same rate at every step.</summary>
    Constant,
}

/// <summary>The learning rate of each step.</summary>
public static class LearningRates
{
    /// <summary>The highest constant rate that <see cref="Constant"/> gives.</summary>
    public const double LargestConstant = 0.1;

    /// <summary>
    /// A peak for a one-cycle schedule that learns and does not diverge: 0.5, less for larger steps. The output layer's
    /// gradient is a sum over the images of a step, and each pulls at all hidden units at once, so the product of both
    /// counts; the highest peak that learns was found to fall with its square, or a little faster. A warm-up of few
    /// steps, which is over before the network has settled, takes less as well. (benchmarks/README.md)
    /// </summary>
    /// <param name="hidden">Hidden units.</param>
    /// <param name="batchSize">Images a step.</param>
    /// <param name="steps">Steps of the whole training.</param>
    /// <param name="warmup">The part of them over which the rate rises, 0 to 1.</param>
    /// <returns>Above 0, up to 0.5, per summed gradient.</returns>
    public static double OneCyclePeak(int hidden, int batchSize, long steps, double warmup)
    {
        double forStep = Math.Min(1, Math.Pow(9_000.0 / ((double)batchSize * hidden), 2));
        double forWarmup = Math.Clamp(steps * warmup / 250, 0.1, 1);
        return 0.5 * Math.Min(forStep, forWarmup);
    }

    /// <summary>
    /// A constant rate that learns and does not diverge: 0.1, less for larger steps. There is no warm-up to settle the
    /// network first, so the rates that learn end lower than a one-cycle schedule's peaks. (benchmarks/README.md)
    /// </summary>
    /// <param name="hidden">Hidden units.</param>
    /// <param name="batchSize">Images a step.</param>
    /// <returns>Above 0, up to 0.1, per summed gradient.</returns>
    public static double Constant(int hidden, int batchSize) =>
        Math.Min(LargestConstant, 128.0 / ((double)batchSize * hidden));

    /// <summary>The learning rates of the steps of one epoch.</summary>
    /// <param name="options">Schedule, peak, warm-up and number of epochs.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="stepsPerEpoch">Steps an epoch.</param>
    public static float[] OfEpoch(TrainingOptions options, int epoch, int stepsPerEpoch)
    {
        var rates = new float[stepsPerEpoch];
        double total = (double)stepsPerEpoch * options.Epochs;
        for (int step = 0; step < stepsPerEpoch; step++)
        {
            // The middle of the step: no step is wasted on a rate of 0, and the mean over all steps is exact.
            double done = ((double)epoch * stepsPerEpoch + step + 0.5) / total;
            rates[step] = (float)(options.Schedule switch
            {
                LearningRateSchedule.Constant => options.LearningRate,
                _ when done < options.Warmup => options.LearningRate * done / options.Warmup,
                _ => options.LearningRate * (1 - done) / (1 - options.Warmup),
            });
        }
        return rates;
    }
}
