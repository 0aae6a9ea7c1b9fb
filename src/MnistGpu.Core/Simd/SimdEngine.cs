using System.Buffers;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The fast CPU engine: exact gradient descent in vectors of floats on all cores. Nothing is skipped but what is 0.
/// <para>
/// What a step costs is the multiply-adds of the rows of W1 under the lit pixels of its images, once forward and once
/// in the update (<see cref="LitRows"/>). Each thread has its rows of W1, which stay in its core's cache: only the hidden
/// layer's sums and deltas go from core to core (<see cref="SimdEpoch"/>).
/// </para>
/// <para>One start gives the same weights, bit for bit, in every run and for any number of threads.</para>
/// </summary>
public sealed unsafe class SimdEngine : ITrainingEngine
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    private readonly int _threads;
    private readonly Func<int, int, SimdNetwork> _createNetwork;
    private readonly Teamwork _teamwork;
    private SparseImages[]? _pixels;
    private byte[] _labels = [];
    private SimdNetwork? _network;

    /// <summary>One for each thread, between two epochs. Of an epoch that was stopped none are left: their pixels are not 0.</summary>
    private Workspace[]? _workspaces;
    private int _hidden;

    /// <summary>Makes an engine that computes on some threads, the calling one among them.</summary>
    /// <param name="threads">
    /// Threads, at least 1; 0, the default, is one for each core. The work is split in 2, 4 or 8: of other numbers the
    /// next smaller one of these is used.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is negative.</exception>
    public SimdEngine(int threads = 0)
        : this(threads, SimdNetwork.Create, TimeProvider.System)
    {
    }

    /// <summary>An engine with vectors of a chosen width.</summary>
    /// <param name="threads">As above.</param>
    /// <param name="createNetwork">Makes a network of so many hidden units, for so many threads.</param>
    /// <param name="clock">What says whether the threads are better together.</param>
    internal SimdEngine(int threads, Func<int, int, SimdNetwork> createNetwork, TimeProvider clock)
    {
        _teamwork = new Teamwork(clock);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        _createNetwork = createNetwork;
        if (threads == 0)
            threads = Environment.ProcessorCount;
        _threads = SimdNetwork.ThreadsFor(threads);
    }

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <summary>
    /// Classifies two blank images on a thread of its own, and trains on them if so wished, so that what it needs is
    /// compiled while the caller loads the data: the first epoch takes half as long again otherwise, and the first test
    /// four times as long. The engine itself is not touched.
    /// </summary>
    /// <param name="hidden">Hidden units of the network to come. Beyond 1,024 nothing is done: it would not show.</param>
    /// <param name="batchSize">Images a step of the training to come; null where there is none.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is less than 1.</exception>
    public void CompileAhead(int hidden, int? batchSize = null)
    {
        // On the thread, nothing would catch it.
        ArgumentOutOfRangeException.ThrowIfLessThan(hidden, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize ?? 1, 1, nameof(batchSize));
        if (hidden > 1_024)
            return;
        new Thread(() =>
        {
            var blank = new ImageSet(new byte[2 * Inputs], new byte[2]);
            using var trial = new SimdEngine(_threads, _createNetwork, TimeProvider.System);
            trial.SetParameters(new NetworkParameters(hidden));
            if (batchSize is int size)
            {
                trial.LoadTrainingImages(blank);
                trial.TrainEpoch(new[] { 0, 1 }, size, new float[2], progress: null, CancellationToken.None);
            }
            Evaluation.Of(trial, blank);
        })
        { IsBackground = true, Name = "MnistGpu compiler" }.Start();
    }

    /// <inheritdoc/>
    public string Description =>
        (_threads == 1 ? "1 thread, " : $"{_threads} threads, ")
        + (SimdNetwork.Lanes == 1 ? "scalar" : $"vectors of {SimdNetwork.Lanes} floats");

    /// <inheritdoc/>
    public void LoadTrainingImages(ImageSet images)
    {
        fixed (byte* pixels = images.Pixels)
            _pixels = Halves(pixels, images.Count, _threads);
        // A copy: that no label is above 9 was checked when the images were made.
        _labels = [.. images.Labels];
    }

    /// <inheritdoc/>
    public void SetParameters(NetworkParameters parameters)
    {
        if (_network is null || parameters.Hidden != _hidden)
        {
            _network = _createNetwork(parameters.Hidden, _threads);
            _workspaces = null;
            _hidden = parameters.Hidden;
        }
        _network.Set(parameters);
    }

    /// <inheritdoc/>
    public NetworkParameters GetParameters() => Network.Get();

    private SimdNetwork Network => _network ?? throw new InvalidOperationException("SetParameters comes first.");

    /// <inheritdoc/>
    public EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order,
        int batchSize,
        ReadOnlyMemory<float> learningRates,
        IProgress<EpochProgress>? progress,
        CancellationToken cancellationToken)
    {
        SparseImages[] pixels = _pixels ?? throw new InvalidOperationException("LoadTrainingImages comes first.");
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (order.Span.IndexOfAnyExceptInRange(0, _labels.Length - 1) is >= 0 and int bad)
            throw new ArgumentException(
                $"There is no image {order.Span[bad]}: there are {_labels.Length}.", nameof(order));
        if (order.IsEmpty)
            return default;
        if (learningRates.Length < (order.Length - 1) / batchSize + 1)
            throw new ArgumentException("There is not a learning rate for each step.", nameof(learningRates));

        if (batchSize > BatchPixels.MaxImages)
            Network.PrepareLargeBatches();
        Workspace[] workspaces = _workspaces ?? NewWorkspaces(Network);
        _workspaces = null;
        var epoch = new SimdEpoch(
            Network, workspaces, _teamwork, pixels, _labels, order, batchSize, learningRates, progress, cancellationToken);
        // What is done alone to the end needs no other thread, and to start one takes time too.
        bool isAlone = _teamwork.AloneImages >= order.Length;
        _teamwork.Begin();
        Run(isAlone ? 1 : Network.Threads, epoch.Run);
        EpochStatistics statistics = epoch.Finish();
        _workspaces = workspaces;
        return statistics;
    }

    /// <inheritdoc/>
    public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default)
    {
        SimdNetwork network = Network;
        int count = pixels.Length / Inputs;
        var outputs = new float[count * Outputs];
        using MemoryHandle pinned = pixels.Pin();
        var source = (nint)pinned.Pointer;
        int next = 0;
        Run(_threads, _ =>
        {
            const int MaxImages = BatchPixels.MaxImages, Stride = SimdNetwork.OutputStride;
            using var batch = new BatchPixels();
            int[] indices = [.. Enumerable.Range(0, MaxImages)];
            using var hidden = new AlignedBuffer<float>((long)MaxImages * network.PaddedHidden);
            using var otherHalf = new AlignedBuffer<float>((long)MaxImages * network.PaddedHidden);
            using var sums = new AlignedBuffer<float>(network.Shares * MaxImages * Stride);
            int first;
            while (!cancellationToken.IsCancellationRequested
                && (first = Interlocked.Add(ref next, MaxImages) - MaxImages) < count)
            {
                int images = Math.Min(MaxImages, count - first);
                SparseImages[] sparse = Halves((byte*)source + (nint)first * Inputs, images, threads: 1);
                for (int half = 0; half < SimdNetwork.Halves; half++)
                {
                    batch.Announce(half, sparse[half], indices.AsSpan(0, images));
                    batch.Take(half);
                }
                for (int share = 0; share < network.Shares; share++)
                {
                    network.SumHidden(share, half: 0, batch, images, hidden.Pointer);
                    network.SumHidden(share, half: 1, batch, images, otherHalf.Pointer);
                    network.JoinHalves(
                        share, replica: 0, first: 0, images, hidden.Pointer, otherHalf.Pointer, hidden.Pointer);
                    network.Activate(share, first: 0, images, hidden.Pointer);
                    network.SumOutputs(
                        share, replica: 0, first: 0, images, hidden.Pointer, sums.Pointer + share * MaxImages * Stride);
                }
                // The outputs take the place of the first share's sums.
                network.Outputs(
                    share: 0, replica: 0, images, sums.Pointer, network.Shares, MaxImages * Stride, sums.Pointer);
                foreach (SparseImages half in sparse)
                    half.Dispose();
                for (int i = 0; i < images; i++)
                    sums.Span.Slice(i * Stride, Outputs).CopyTo(outputs.AsSpan((first + i) * Outputs));
            }
        });
        // The network's memory was used through pointers, which keep nothing from being collected.
        GC.KeepAlive(this);
        // Here and not on the threads, where nothing would catch it.
        cancellationToken.ThrowIfCancellationRequested();
        return outputs;
    }

    /// <summary>There is nothing to free: threads end with the call that started them.</summary>
    public void Dispose()
    {
    }

    private static SparseImages[] Halves(byte* pixels, int count, int threads) =>
        [new(half: 0, pixels, count, threads), new(half: 1, pixels, count, threads)];

    private static Workspace[] NewWorkspaces(SimdNetwork network)
    {
        var workspaces = new Workspace[network.Threads];
        for (int thread = 0; thread < workspaces.Length; thread++)
            workspaces[thread] = new Workspace(network.PaddedHidden);
        return workspaces;
    }

    /// <summary>Has threads work, the calling one as number 0, and waits for them.</summary>
    private static void Run(int threads, Action<int> work)
    {
        var others = new Thread[threads - 1];
        for (int t = 0; t < others.Length; t++)
        {
            int thread = t + 1;
            others[t] = new Thread(() => work(thread)) { IsBackground = true, Name = $"MnistGpu {thread}" };
            others[t].Start();
        }
        work(0);
        foreach (Thread other in others)
            other.Join();
    }
}
