using System.Buffers;
using System.Runtime.Intrinsics;
using MnistGpu.Core.Augmentation;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The fast CPU engine: exact gradient descent in vectors of floats, on every core. Nothing is skipped except zeros.
/// docs/cpu.md says how it works, and why.
/// <para>The same start gives the same weights, bit for bit, in every run and for any number of threads.</para>
/// </summary>
public sealed unsafe class SimdEngine : ITrainingEngine
{
    private const int Inputs = NetworkParameters.Inputs, Outputs = NetworkParameters.Outputs;

    private readonly int _threads;
    private readonly int _lanes;
    private readonly TimeProvider _clock;
    private ImageSet? _loaded;
    private AugmentedImages? _augmented;
    private byte[]? _pixels;
    private byte[] _labels = [];
    private SimdNetwork? _network;
    private int _hidden;
    private bool _disposed;

    /// <summary>Held while the engine works: its memory is used through pointers, and must not be freed or moved meanwhile.</summary>
    private readonly Lock _lock = new();

    /// <summary>Creates an engine that computes on the calling thread and on others that it starts for each epoch.</summary>
    /// <param name="threads">
    /// At least 1; 0, the default, means one per core, which is also the maximum used. Networks of up to 128 hidden units, and
    /// batches of up to eight images, have work for two.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is negative.</exception>
    public SimdEngine(int threads = 0)
        : this(threads == 0 ? Environment.ProcessorCount : Math.Min(threads, Environment.ProcessorCount), WidestVector, TimeProvider.System)
    {
    }

    /// <summary>
    /// Creates an engine with this many threads, regardless of the number of cores, vectors of this many floats (16, 8 or 4),
    /// and a clock that times the threads.
    /// </summary>
    internal SimdEngine(int threads, int lanes, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        (_threads, _lanes, _clock) = (threads, lanes, clock);
    }

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public string Description =>
        (_threads == 1 ? "1 thread" : $"{(_threads > 2 ? "up to " : "")}{_threads} threads") + $", vectors of {_lanes} floats";

    /// <summary>How many threads the latest epoch had, and why, for people to read; null before the first.</summary>
    public string? ThreadUse { get; private set; }

    /// <summary>How many threads do the next pass.</summary>
    internal AdaptiveThreadCount? ThreadCount { get; private set; }

    /// <summary>Floats in the widest vector that this CPU supports.</summary>
    internal static int WidestVector =>
        Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    private SimdNetwork Network => _network ?? throw new InvalidOperationException("Call SetParameters first.");

    /// <inheritdoc/>
    public void LoadTrainingImages(ImageSet images)
    {
        using Work work = BeginWork();
        _augmented?.Dispose();
        _pixels = images.Pixels;
        // A copy: that no label is above 9 was checked when the images were created.
        _labels = [.. images.Labels];
        (_loaded, _augmented) = (images, null);
    }

    /// <inheritdoc/>
    public void DistortTrainingImages(int seed, int epoch)
    {
        using Work work = BeginWork();
        ImageSet loaded = _loaded ?? throw new InvalidOperationException("Call LoadTrainingImages first.");
        if (_augmented?.Seed != seed)
        {
            _augmented?.Dispose();
            _augmented = new AugmentedImages(loaded, seed, Environment.ProcessorCount);
        }
        _pixels = _augmented.Draw(epoch);
    }

    /// <inheritdoc/>
    public void SetParameters(NetworkParameters parameters)
    {
        using Work work = BeginWork();
        if (_network is null || parameters.Hidden != _hidden)
        {
            // Freed first: there may not be room for both.
            _network?.Dispose();
            _network = null;
            _network = new SimdNetwork(parameters.Hidden, _lanes);
            _hidden = parameters.Hidden;
        }
        _network.Set(parameters);
    }

    /// <inheritdoc/>
    public NetworkParameters GetParameters()
    {
        using Work work = BeginWork();
        return Network.Get();
    }

    /// <inheritdoc/>
    public void SetVelocity(NetworkParameters velocity)
    {
        using Work work = BeginWork();
        SimdNetwork network = Network;
        EngineContract.CheckVelocity(velocity, _hidden);
        network.SetVelocity(velocity);
    }

    /// <inheritdoc/>
    public NetworkParameters GetVelocity()
    {
        using Work work = BeginWork();
        return Network.GetVelocity();
    }

    /// <inheritdoc/>
    public EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order, int batchSize, EpochRates rates,
        IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
    {
        using Work work = BeginWork();
        SimdNetwork network = Network;
        EngineContract.CheckEpoch(_pixels is null ? null : _labels.Length, order.Span, batchSize, rates);

        using MemoryHandle pinned = order.Pin();
        fixed (byte* pixels = _pixels, labels = _labels)
        {
            var images = new Images(pixels, labels, (int*)pinned.Pointer, order.Length);
            var task = new EpochTask(network, _threads, images, batchSize, rates, progress, cancellationToken);
            if (ThreadCount?.MostThreads != task.UsefulThreads)
                ThreadCount = new AdaptiveThreadCount(_clock, task.UsefulThreads);
            EpochStatistics statistics = _lanes switch
            {
                16 => Train<Simd512>(task, ThreadCount),
                8 => Train<Simd256>(task, ThreadCount),
                _ => Train<Simd128>(task, ThreadCount),
            };
            ThreadUse = task.ThreadsInWords + (task.UsefulThreads == 1 ? "" :
                $"; {ThreadCount.ShareOfFewer:P0} of the images were processed by fewer, which are timed now and then and carry on alone while the machine is busy");
            return statistics;
        }
    }

    private static EpochStatistics Train<TVector>(EpochTask task, AdaptiveThreadCount threadCount)
        where TVector : struct, ISimd<TVector>
    {
        using Epoch epoch = task.IsInStrips ? new StripsEpoch<TVector>(task, threadCount) : new HalvesEpoch<TVector>(task, threadCount);
        return epoch.Train();
    }

    /// <inheritdoc/>
    public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default)
    {
        using Work work = BeginWork();
        return _lanes switch
        {
            16 => Predict<Simd512>(pixels, cancellationToken),
            8 => Predict<Simd256>(pixels, cancellationToken),
            _ => Predict<Simd128>(pixels, cancellationToken),
        };
    }

    private float[] Predict<TVector>(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken)
        where TVector : struct, ISimd<TVector>
    {
        int count = EngineContract.CountImages(pixels);
        var outputs = new float[count * Outputs];
        int[] order = [.. Enumerable.Range(0, count)];
        using MemoryHandle pinned = pixels.Pin(), pinnedOrder = order.AsMemory().Pin();
        var images = new Images((byte*)pinned.Pointer, labels: null, (int*)pinnedOrder.Pointer, count);
        new Prediction<TVector>(Network, images, outputs, cancellationToken).Run(_threads);
        return outputs;
    }

    /// <summary>
    /// Compiles the engine's code on another thread, while the caller is still loading its data: otherwise the first epoch
    /// would take half as long again, and the first test four times as long. Nothing needs to wait for the task; whatever it
    /// fails with, training will too.
    /// </summary>
    /// <param name="hidden">The network's hidden units.</param>
    public Task CompileAhead(int hidden) => Task.Run(() =>
    {
        // Another engine trains on blank images and classifies them.
        const int Images = 2 * Overlaps.MaxImages;
        var blank = new ImageSet(new byte[Images * Inputs], new byte[Images]);
        int[] order = [.. Enumerable.Range(0, Images)];
        using var trial = new SimdEngine(_threads, _lanes, TimeProvider.System);
        trial.LoadTrainingImages(blank);
        trial.SetParameters(new NetworkParameters(Math.Min(hidden, 512)));
        // One batch of everything, with momentum and without, and then small batches, which share passes.
        foreach ((int batchSize, float momentum) in new[] { (Images, 0.9f), (Images, 0), (1, 0) })
            trial.TrainEpoch(
                order, batchSize, new EpochRates(new float[Images], Momentum: momentum), progress: null, CancellationToken.None);
        Evaluation.Of(trial, blank);
    });

    /// <summary>
    /// Frees the network's memory, and stops drawing distortions ahead. Does nothing if called again. Waits for an epoch or a
    /// prediction on another thread.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called from the progress of an epoch.</exception>
    public void Dispose()
    {
        using Work work = BeginWork(toDispose: true);
        _disposed = true;
        _augmented?.Dispose();
        _network?.Dispose();
        (_augmented, _network, _pixels) = (null, null, null);
    }

    /// <summary>Waits until no other thread is using the engine.</summary>
    private Work BeginWork(bool toDispose = false)
    {
        if (_lock.IsHeldByCurrentThread)
            throw new InvalidOperationException("The engine is in the middle of an epoch; progress must not call it.");
        _lock.Enter();
        if (_disposed && !toDispose)
        {
            _lock.Exit();
            throw new ObjectDisposedException(nameof(SimdEngine));
        }
        return new Work(this);
    }

    /// <summary>Until it is disposed, the engine can be neither disposed nor collected: pointers into its memory keep nothing alive.</summary>
    private readonly ref struct Work(SimdEngine engine)
    {
        public void Dispose() => engine._lock.Exit();
    }
}
