namespace MnistGpu.Core.Training;

/// <summary>How the learning rate changes over the steps of a training.</summary>
public enum LearningRateSchedule
{
    /// <summary>
    /// Rises linearly from 0 to the peak over the first part of all steps (the warm-up), then falls linearly to 0. A high
    /// peak makes fast progress, the warm-up keeps it from doing harm at the start, and the fall lets the network settle.
    /// (L. Smith, N. Topin: Super-convergence, 2018.)
    /// </summary>
    OneCycle,

    /// <summary>The same rate at every step.</summary>
    Constant,
}

/// <summary>The learning rate of each step.</summary>
public static class LearningRates
{
    /// <summary>The learning rates of the steps of one epoch.</summary>
    /// <param name="options">Schedule, peak, warm-up and number of epochs; see <see cref="TrainingOptions.WithDefaultRates"/>.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="stepsPerEpoch">Steps per epoch.</param>
    public static float[] OfEpoch(TrainingOptions options, int epoch, int stepsPerEpoch)
    {
        var rates = new float[stepsPerEpoch];
        double total = (double)stepsPerEpoch * options.Epochs;
        double peak = options.LearningRate ?? throw new ArgumentException("There is no learning rate.", nameof(options));
        for (int step = 0; step < stepsPerEpoch; step++)
        {
            // At the middle of the step, so that no step is wasted on a rate of 0, and the mean over all steps is exact.
            double done = ((double)epoch * stepsPerEpoch + step + 0.5) / total;
            rates[step] = (float)(options.Schedule switch
            {
                LearningRateSchedule.Constant => peak,
                _ when done < options.Warmup => peak * done / options.Warmup,
                _ => peak * (1 - done) / (1 - options.Warmup),
            });
        }
        return rates;
    }
}
