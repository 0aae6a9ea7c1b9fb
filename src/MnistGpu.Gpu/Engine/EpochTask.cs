using ILGPU;
using MnistGpu.Core.Training;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Engine;

/// <summary>The work of an epoch: what to train, on which images, in which order. All views are of the device's memory.</summary>
/// <param name="Images">The training images.</param>
/// <param name="Order">Indices of images.</param>
/// <param name="BatchSize">Images per step, at most as many as there are; the last step may have fewer.</param>
/// <param name="Rates">A learning rate for each step, and momentum.</param>
/// <param name="Network">Updated.</param>
/// <param name="Velocity">Updated if there is momentum; otherwise any network.</param>
/// <param name="Activations">Losses and hits are written; hits must be 0.</param>
/// <param name="Progress">Notified after some steps; may be null.</param>
/// <param name="CancellationToken">Checked often.</param>
internal sealed record EpochTask(
    Images Images, ArrayView<int> Order, int BatchSize, EpochRates Rates, Network Network, Network Velocity,
    Activations Activations, IProgress<EpochProgress>? Progress, CancellationToken CancellationToken)
{
    /// <summary>Hidden units, including padding.</summary>
    public int Hidden => Network.Hidden;

    /// <summary>The number of steps.</summary>
    public int Steps => (Order.IntLength - 1) / BatchSize + 1;

    /// <summary>The images of a step, counted from 0.</summary>
    public Batch Batch(int step) => new(Order, step * BatchSize, Math.Min(BatchSize, Order.IntLength - step * BatchSize));

    /// <summary>How a step, counted from 0, moves the parameters.</summary>
    public StepRates RatesOf(int step)
    {
        float rate = Rates.LearningRates.Span[step];
        return new StepRates(rate, rate * Rates.OutputRatio, Rates.Momentum, Velocity);
    }

    /// <summary>Says how many steps have been launched.</summary>
    public void Report(int steps) =>
        Progress?.Report(new EpochProgress(Math.Min(steps * BatchSize, Order.IntLength), MeanLoss: null));
}
