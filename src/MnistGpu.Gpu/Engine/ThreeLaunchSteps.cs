using ILGPU;
using MnistGpu.Core.Training;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Trains epochs with three launches per step. What is in the queue cannot be taken back, so the host waits for it after some
/// steps: twice as many as before if they took less than a tenth of a second, half as many if they took more than a quarter.
/// A cancelled epoch then ends well within a second on any device, and for a GPU, whose steps take microseconds, there are soon
/// no waits at all.
/// </summary>
/// <param name="queue">Launches and waits.</param>
/// <param name="clock">Times the waits.</param>
internal sealed class ThreeLaunchSteps(DeviceQueue queue, TimeProvider clock)
{
    /// <summary>Steps before the next wait; at first few enough to be quick on a slow device.</summary>
    private int _stepsPerWait = 8;

    /// <summary>Launches the steps of an epoch, without waiting for the last ones.</summary>
    /// <param name="images">The training images.</param>
    /// <param name="order">Indices of images, on the device.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="descent">A learning rate for each step, and momentum.</param>
    /// <param name="network">Updated.</param>
    /// <param name="velocity">Updated if there is momentum.</param>
    /// <param name="activations">Losses and hits are written; hits must be 0.</param>
    /// <param name="hiddenLayerOnTensorCores">Whether the first launch is <see cref="DeviceQueue.LaunchHiddenLayerOnTensorCores"/>.</param>
    /// <param name="updateOnTensorCores">Whether the third launch is <see cref="DeviceQueue.LaunchParameterUpdateOnTensorCores"/>.</param>
    /// <param name="progress">Notified after each step's launches; may be null.</param>
    /// <param name="cancellationToken">Checked before each step.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the parameters are those of some step.</exception>
    public void Train(
        Images images, ArrayView<int> order, int batchSize, Descent descent, Network network,
        Network velocity, Activations activations, bool hiddenLayerOnTensorCores, bool updateOnTensorCores,
        IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
    {
        Action<Images, Batch, Network, Matrix> hiddenLayer =
            hiddenLayerOnTensorCores ? queue.LaunchHiddenLayerOnTensorCores : queue.LaunchHiddenLayer;
        Action<Images, Batch, Activations, Network, StepRates> update =
            updateOnTensorCores ? queue.LaunchParameterUpdateOnTensorCores : queue.LaunchParameterUpdate;
        ReadOnlySpan<float> rates = descent.LearningRates.Span;
        long waited = clock.GetTimestamp();
        int sinceWait = 0;
        for (int step = 0, start = 0; start < order.IntLength; step++, start += batchSize, sinceWait++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                queue.Synchronize();
                throw new OperationCanceledException(cancellationToken);
            }
            if (sinceWait == _stepsPerWait)
            {
                queue.Synchronize();
                long now = clock.GetTimestamp();
                double seconds = clock.GetElapsedTime(waited, now).TotalSeconds;
                if (seconds < 0.1)
                    _stepsPerWait = Math.Min(2 * _stepsPerWait, 1 << 20);
                else if (seconds > 0.25)
                    _stepsPerWait = Math.Max(1, _stepsPerWait / 2);
                (waited, sinceWait) = (now, 0);
            }
            var batch = new Batch(order, start, Math.Min(batchSize, order.IntLength - start));
            hiddenLayer(images, batch, network, activations.H);
            queue.LaunchOutputLayerAndDeltas(images.Labels, batch, network, activations);
            float rate = rates[step];
            update(images, batch, activations, network,
                new StepRates(rate, rate * descent.OutputRatio, descent.Momentum, velocity));
            progress?.Report(new EpochProgress(start + batch.Count, null));
        }
    }
}
