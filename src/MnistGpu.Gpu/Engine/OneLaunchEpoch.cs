using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Training;
using MnistGpu.Kernels;
using MnistGpu.Kernels.Training;
using MnistGpu.Kernels.Training.OneLaunch;

namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Trains epochs with <see cref="EpochInOneLaunch"/>. A launch is kept to about a tenth of a second, so that cancelling is
/// prompt and no system ends it for taking too long: the first epoch, and on a slow device every epoch, is split into several
/// launches.
/// </summary>
internal sealed class OneLaunchEpoch : IDisposable
{
    /// <summary>Steps of the first launch: few enough to be quick on a slow device.</summary>
    private const int FirstSteps = 64;

    private static readonly TimeSpan s_shortLaunch = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longLaunch = TimeSpan.FromMilliseconds(100);

    private readonly Accelerator _accelerator;
    private readonly DeviceQueue _queue;
    private readonly DeviceBuffers _buffers;
    private readonly Action<
        AcceleratorStream, KernelConfig, Images, EpochInOneLaunch.Steps, Network, EpochInOneLaunch.Exchange, Vector,
        ArrayView<int>> _kernel;
    private readonly int _maxGroups;
    private readonly Residency _residency;
    private EpochInOneLaunch.Exchange _exchange;
    private Network _backup;
    private Network _velocityBackup;
    private Vector _rates;
    private int _hidden;
    private int _stepsPerLaunch;

    /// <summary>Compiles the kernel.</summary>
    /// <param name="accelerator">A CUDA device.</param>
    /// <param name="queue">Copies, and counts launches.</param>
    /// <param name="residency">Shared by all launches of an accelerator; null if there are no others.</param>
    public OneLaunchEpoch(Accelerator accelerator, DeviceQueue queue, Residency? residency = null)
    {
        _accelerator = accelerator;
        _queue = queue;
        _buffers = new DeviceBuffers(accelerator);
        _kernel = accelerator.LoadKernel<
            Images, EpochInOneLaunch.Steps, Network, EpochInOneLaunch.Exchange, Vector, ArrayView<int>>(
            EpochInOneLaunch.Kernel, EpochInOneLaunch.Specialization);
        // All groups must be resident at once, and a group has as many threads as a multiprocessor has registers for.
        int groupsAMultiprocessor = accelerator.EstimateMaxActiveGroupsPerMultiprocessor(
            _kernel.GetKernel(), EpochInOneLaunch.GroupSize);
        _maxGroups = groupsAMultiprocessor > 0 ? accelerator.NumMultiprocessors : 0;
        _residency = residency ?? new Residency(_maxGroups);
    }

    /// <summary>Shared with the launches of this accelerator's other queues.</summary>
    public Residency Residency => _residency;

    /// <summary>
    /// How often a group checks whether all have arrived before it gives up: about a second on a GPU, where they arrive within
    /// microseconds.
    /// </summary>
    internal int MaxSpins { get; init; } = 1 << 20;

    /// <summary>
    /// The initial count of arrivals. In tests, a value below 0 makes groups wait for one that never arrives, and one above 0
    /// makes them continue too early.
    /// </summary>
    internal int FirstArrivals { get; init; }

    /// <summary>Why a training of these sizes takes three launches per step; null if it takes one per epoch.</summary>
    public string? WhyNot(int hidden, int batchSize)
    {
        int groups = hidden / EpochInOneLaunch.UnitsPerGroup;
        return batchSize > EpochInOneLaunch.MaxBatch
            ? $"one launch per epoch is possible for batches of up to {EpochInOneLaunch.MaxBatch} images"
            : groups > _maxGroups
                ? $"one launch per epoch would need {groups} groups, but there are {_maxGroups} multiprocessors, which run one each"
                : null;
    }

    /// <summary>How many trainings of these sizes can be resident at once, at least 1.</summary>
    public int NetworksAtOnce(int hidden, int batchSize)
    {
        int units = DeviceNetwork.UnitsOf(hidden);
        return WhyNot(units, batchSize) is null ? _maxGroups / (units / EpochInOneLaunch.UnitsPerGroup) : 1;
    }

    /// <summary>Trains an epoch.</summary>
    /// <param name="images">The training images.</param>
    /// <param name="order">Indices of images, on the device.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="descent">A learning rate for each step, and momentum.</param>
    /// <param name="network">Updated.</param>
    /// <param name="velocity">Updated if there is momentum.</param>
    /// <param name="activations">Losses and hits are written; hits must be 0.</param>
    /// <param name="progress">Notified after each launch; may be null.</param>
    /// <param name="cancellationToken">Checked after each launch.</param>
    /// <returns>
    /// False if the groups did not meet: parameters, velocity and hits are as before, and this should not be tried again on the
    /// device.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancelled; the parameters are those of some step.</exception>
    public bool TryTrain(
        Images images, ArrayView<int> order, int batchSize, Descent descent, Network network,
        Network velocity, Activations activations, IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
    {
        Prepare(network, descent.LearningRates.Span);
        Copy(network, _backup);
        Copy(velocity, _velocityBackup);
        int steps = (order.IntLength - 1) / batchSize + 1;
        for (int step = 0; step < steps;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(_stepsPerLaunch, steps - step);
            _queue.Upload([FirstArrivals, 0], _exchange.Meeting);
            using Residency.Place place = _residency.Take(network.Hidden / EpochInOneLaunch.UnitsPerGroup);
            long start = Stopwatch.GetTimestamp();
            _queue.Launch(() => _kernel(
                _queue.Stream, EpochInOneLaunch.Launch(network.Hidden), images,
                new EpochInOneLaunch.Steps(
                    order, _rates, descent.OutputRatio, descent.Momentum, velocity, order.IntLength, batchSize, step, count),
                network, _exchange, activations.Losses, activations.Hits));
            if (_queue.Download(_exchange.Meeting)[1] != 0)
            {
                Copy(_backup, network);
                Copy(_velocityBackup, velocity);
                _queue.Upload([0], activations.Hits);
                return false;
            }
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            if (time < s_shortLaunch && count == _stepsPerLaunch)
                _stepsPerLaunch *= 2;
            else if (time > s_longLaunch)
                _stepsPerLaunch = Math.Max(1, _stepsPerLaunch / 2);
            step += count;
            progress?.Report(new EpochProgress(Math.Min(step * batchSize, order.IntLength), null));
        }
        return true;
    }

    /// <summary>Frees the buffers; never throws.</summary>
    public void Dispose() => _buffers.Dispose();

    private void Prepare(Network network, ReadOnlySpan<float> learningRates)
    {
        int hidden = network.Hidden;
        if (_hidden != hidden || _rates.IntLength < learningRates.Length)
        {
            _hidden = 0;
            _buffers.Dispose();
            _exchange = new EpochInOneLaunch.Exchange(
                _buffers.AllocateMatrix(2 * hidden, EpochInOneLaunch.MaxBatch),
                _buffers.AllocateMatrix(2 * Mnist.Outputs, hidden), _buffers.Allocate<int>(2), MaxSpins);
            (_backup, _velocityBackup) = (DeviceNetwork.Allocate(_buffers, hidden), DeviceNetwork.Allocate(_buffers, hidden));
            _rates = _buffers.Allocate<float>(learningRates.Length);
            _stepsPerLaunch = FirstSteps;
            _hidden = hidden;
        }
        _queue.Upload(learningRates, _rates);
    }

    private void Copy(Network source, Network target)
    {
        lock (_accelerator)
        {
            source.W1.BaseView.CopyTo(_queue.Stream, target.W1.BaseView);
            source.B1.CopyTo(_queue.Stream, target.B1);
            source.W2T.BaseView.CopyTo(_queue.Stream, target.W2T.BaseView);
            source.B2.CopyTo(_queue.Stream, target.B2);
        }
    }
}
