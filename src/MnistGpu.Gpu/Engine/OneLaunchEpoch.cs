using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Memory;
using MnistGpu.Kernels;
using MnistGpu.Kernels.Training;
using MnistGpu.Kernels.Training.OneLaunch;

namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Trains epochs with <see cref="EpochInOneLaunch"/>. A launch is kept to about a tenth of a second, so that cancelling is
/// prompt and no system ends it for taking too long: the first epoch, and on a slow device every epoch, is split into several
/// launches.
/// </summary>
internal sealed class OneLaunchEpoch : IEpochLauncher, IDisposable
{
    /// <summary>Steps of the first launch: few enough to be quick on a slow device.</summary>
    private const int FirstSteps = 64;

    private static readonly TimeSpan s_shortLaunch = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longLaunch = TimeSpan.FromMilliseconds(100);

    private readonly DeviceQueue _queue;
    private readonly DeviceBuffers _buffers;
    private readonly Action<
        AcceleratorStream, KernelConfig, Images, EpochInOneLaunch.Steps, Network, EpochInOneLaunch.Exchange, Vector,
        ArrayView<int>>? _kernel;
    private readonly int _maxGroups;
    private readonly string? _whyNotOnTensorCores;
    private EpochInOneLaunch.Exchange _exchange;
    private Network _backup;
    private Network _velocityBackup;
    private Vector _rates;
    private int _hidden;
    private int _stepsPerLaunch;

    /// <summary>Why no epoch can be one launch; null if some can.</summary>
    private string? _whyNone;

    /// <summary>Compiles the kernel if the accelerator can run it.</summary>
    /// <param name="accelerator">Where it runs.</param>
    /// <param name="queue">Copies, and counts launches.</param>
    /// <param name="residency">Shared by all launches of an accelerator; null if there are no others.</param>
    /// <param name="onTensorCores">Whether W1 is updated on tensor cores; null decides by <see cref="TensorCores"/>.</param>
    public OneLaunchEpoch(
        Accelerator accelerator, DeviceQueue queue, Residency? residency = null, bool? onTensorCores = null)
    {
        _queue = queue;
        _buffers = new DeviceBuffers(accelerator);
        if (accelerator.AcceleratorType != AcceleratorType.Cuda)
            _whyNone = "only CUDA guarantees that all groups of a launch make progress at the same time";
        else if (!queue.IsTuned)
            _whyNone = "these are the naive kernels";
        else
        {
            _whyNotOnTensorCores = TensorCores.WhyNotInOneLaunch(TensorCores.Capability(accelerator));
            _kernel = accelerator.LoadKernel<
                Images, EpochInOneLaunch.Steps, Network, EpochInOneLaunch.Exchange, Vector, ArrayView<int>>(
                onTensorCores ?? _whyNotOnTensorCores is null ? EpochInOneLaunch.OnTensorCores : EpochInOneLaunch.Tuned,
                EpochInOneLaunch.Specialization);
            // All groups must be resident at once, and a group has as many threads as a multiprocessor has registers for.
            int groupsPerMultiprocessor = accelerator.EstimateMaxActiveGroupsPerMultiprocessor(
                _kernel.GetKernel(), EpochInOneLaunch.GroupSize);
            _maxGroups = groupsPerMultiprocessor > 0 ? accelerator.NumMultiprocessors : 0;
        }
        Residency = residency ?? new Residency(_maxGroups);
    }

    /// <summary>Shared with the launches of this accelerator's other queues.</summary>
    public Residency Residency { get; }

    /// <summary>
    /// How often a group checks whether all have arrived before it gives up: about a second on a GPU, where they arrive within
    /// microseconds.
    /// </summary>
    internal int MaxSpins { get; set; } = 1 << 20;

    /// <inheritdoc/>
    public string? WhyNot(int hidden, int batchSize) =>
        _whyNone is not null ? _whyNone
        : batchSize > EpochInOneLaunch.MaxBatch
            ? $"one launch per epoch is possible for batches of up to {EpochInOneLaunch.MaxBatch} images"
        : GroupsFor(hidden) > _maxGroups
            ? $"one launch per epoch would need {GroupsFor(hidden)} groups, but there are {_maxGroups} multiprocessors, which run one each"
        : null;

    /// <summary>How many trainings of these sizes can be resident at once, at least 1.</summary>
    public int NetworksAtOnce(int hidden, int batchSize)
    {
        int units = DeviceNetwork.UnitsOf(hidden);
        return WhyNot(units, batchSize) is null ? _maxGroups / GroupsFor(units) : 1;
    }

    /// <inheritdoc/>
    public string Describe(EpochTask epoch, string? whyNotFaster) => "an epoch is one launch"
        + (_whyNotOnTensorCores is null
            ? ", with the update on tensor cores"
            : $"; tensor cores are not used: {_whyNotOnTensorCores}");

    /// <inheritdoc/>
    public bool TryTrain(EpochTask epoch)
    {
        Prepare(epoch);
        for (int step = 0; step < epoch.Steps;)
        {
            epoch.CancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(_stepsPerLaunch, epoch.Steps - step);
            if (Launch(epoch, step, count) is not TimeSpan time)
            {
                GiveUp(epoch);
                return false;
            }
            if (time < s_shortLaunch && count == _stepsPerLaunch)
                _stepsPerLaunch *= 2;
            else if (time > s_longLaunch)
                _stepsPerLaunch = Math.Max(1, _stepsPerLaunch / 2);
            step += count;
            epoch.Report(step);
        }
        return true;
    }

    /// <summary>Frees the buffers; never throws.</summary>
    public void Dispose() => _buffers.Dispose();

    private static int GroupsFor(int hidden) => hidden / EpochInOneLaunch.UnitsPerGroup;

    /// <summary>Uploads the learning rates, and keeps a copy of what the epoch will change.</summary>
    private void Prepare(EpochTask epoch)
    {
        ReadOnlySpan<float> rates = epoch.Rates.LearningRates.Span;
        int hidden = epoch.Hidden;
        if (_hidden != hidden || _rates.IntLength < rates.Length)
        {
            _hidden = 0;
            _buffers.Dispose();
            _exchange = new EpochInOneLaunch.Exchange(
                _buffers.AllocateMatrix(2 * hidden, EpochInOneLaunch.MaxBatch),
                _buffers.AllocateMatrix(2 * Mnist.Outputs, hidden), _buffers.Allocate<int>(2), MaxSpins);
            (_backup, _velocityBackup) = (DeviceNetwork.Allocate(_buffers, hidden), DeviceNetwork.Allocate(_buffers, hidden));
            _rates = _buffers.Allocate<float>(rates.Length);
            _stepsPerLaunch = FirstSteps;
            _hidden = hidden;
        }
        _queue.Upload(rates, _rates);
        DeviceNetwork.Copy(_queue, epoch.Network, _backup);
        DeviceNetwork.Copy(_queue, epoch.Velocity, _velocityBackup);
    }

    /// <summary>Launches some steps, and waits for them.</summary>
    /// <returns>How long they took; null if the groups did not meet.</returns>
    private TimeSpan? Launch(EpochTask epoch, int first, int count)
    {
        _queue.Upload([0, 0], _exchange.Meeting);
        using Residency.Place place = Residency.Take(GroupsFor(epoch.Hidden));
        long start = Stopwatch.GetTimestamp();
        _queue.Launch(() => _kernel!(
            _queue.Stream, EpochInOneLaunch.Launch(epoch.Hidden), epoch.Images,
            new EpochInOneLaunch.Steps(
                epoch.Order, _rates, epoch.Rates.OutputRatio, epoch.Rates.Momentum, epoch.Velocity,
                epoch.Order.IntLength, epoch.BatchSize, first, count),
            epoch.Network, _exchange with { MaxSpins = MaxSpins }, epoch.Activations.Losses, epoch.Activations.Hits));
        bool hasFailed = _queue.Download(_exchange.Meeting)[1] != 0;
        return hasFailed ? null : Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Undoes the epoch, and refuses all others: where groups have failed to meet once, they may again.</summary>
    private void GiveUp(EpochTask epoch)
    {
        DeviceNetwork.Copy(_queue, _backup, epoch.Network);
        DeviceNetwork.Copy(_queue, _velocityBackup, epoch.Velocity);
        _queue.Upload([0], epoch.Activations.Hits);
        _whyNone = "the groups of a launch did not meet";
        Dispose();
    }
}
