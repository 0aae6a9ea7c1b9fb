using ILGPU.Runtime;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Trains epochs with three launches per step. What is in the queue cannot be taken back, so the host waits for it after some
/// steps: twice as many as before if they took less than a tenth of a second, half as many if they took more than a quarter.
/// A cancelled epoch then ends well within a second on any device, and for a GPU, whose steps take microseconds, there are soon
/// no waits at all.
/// </summary>
internal sealed class ThreeLaunchSteps(Accelerator accelerator, DeviceQueue queue, TimeProvider clock) : IEpochLauncher
{
    /// <summary>Few enough to be quick on a slow device.</summary>
    private const int FirstStepsPerWait = 8;

    private (int BatchSize, int Hidden) _sizes;

    /// <summary>Steps before the next wait.</summary>
    private int _stepsPerWait;

    /// <summary>Null: any epoch can be launched this way.</summary>
    public string? WhyNot(int hidden, int batchSize) => null;

    /// <inheritdoc/>
    public string Describe(EpochTask epoch, string? whyNotFaster) =>
        $"a step is three launches{(whyNotFaster is null ? "" : $": {whyNotFaster}")}; {DescribeTensorCores(epoch)}";

    /// <summary>Launches the steps of an epoch, without waiting for the last ones.</summary>
    public bool TryTrain(EpochTask epoch)
    {
        if (_sizes != (epoch.BatchSize, epoch.Hidden))
            (_sizes, _stepsPerWait) = ((epoch.BatchSize, epoch.Hidden), FirstStepsPerWait);
        Action<Images, Batch, Network, Matrix> hiddenLayer = WhyNotOnTensorCores(TensorCores.WhyNotHiddenLayer, epoch) is null
            ? queue.LaunchHiddenLayerOnTensorCores
            : queue.LaunchHiddenLayer;
        Action<Images, Batch, Activations, Network, StepRates> update = WhyNotOnTensorCores(TensorCores.WhyNotUpdate, epoch) is null
            ? queue.LaunchParameterUpdateOnTensorCores
            : queue.LaunchParameterUpdate;
        long waited = clock.GetTimestamp();
        for (int step = 0, sinceWait = 0; step < epoch.Steps; step++, sinceWait++)
        {
            if (epoch.CancellationToken.IsCancellationRequested)
            {
                queue.Synchronize();
                throw new OperationCanceledException(epoch.CancellationToken);
            }
            if (sinceWait == _stepsPerWait)
            {
                waited = WaitSince(waited);
                sinceWait = 0;
            }
            Batch batch = epoch.Batch(step);
            hiddenLayer(epoch.Images, batch, epoch.Network, epoch.Activations.H);
            queue.LaunchOutputLayerAndDeltas(epoch.Images.Labels, batch, epoch.Network, epoch.Activations);
            update(epoch.Images, batch, epoch.Activations, epoch.Network, epoch.RatesOf(step));
            epoch.Report(step + 1);
        }
        return true;
    }

    /// <summary>Waits for the steps launched so far, and decides how many to launch before the next wait.</summary>
    /// <returns>The time of this one.</returns>
    private long WaitSince(long waited)
    {
        queue.Synchronize();
        long now = clock.GetTimestamp();
        double seconds = clock.GetElapsedTime(waited, now).TotalSeconds;
        if (seconds < 0.1)
            _stepsPerWait = Math.Min(2 * _stepsPerWait, 1 << 20);
        else if (seconds > 0.25)
            _stepsPerWait = Math.Max(1, _stepsPerWait / 2);
        return now;
    }

    /// <summary>What part of a step runs on tensor cores, and why not all of it does.</summary>
    private string DescribeTensorCores(EpochTask epoch)
    {
        string? whyNotHidden = WhyNotOnTensorCores(TensorCores.WhyNotHiddenLayer, epoch);
        string? whyNotUpdate = WhyNotOnTensorCores(TensorCores.WhyNotUpdate, epoch);
        if (whyNotUpdate is not null)
            return $"tensor cores are not used: {whyNotUpdate}";
        return whyNotHidden is null
            ? $"the hidden layer and the update are on tensor cores, for {epoch.BatchSize} images × {epoch.Hidden} units"
            : $"the update is on tensor cores; the hidden layer is not: {whyNotHidden}";
    }

    private string? WhyNotOnTensorCores(Func<(int Major, int Minor)?, int, int, string?> whyNot, EpochTask epoch) => queue.IsTuned
        ? whyNot(TensorCores.Capability(accelerator), epoch.BatchSize, epoch.Hidden)
        : "these are the naive kernels";
}
