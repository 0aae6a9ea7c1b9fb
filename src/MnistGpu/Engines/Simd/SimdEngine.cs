using System.Buffers;
using System.Numerics;
using MnistGpu.Data;
using MnistGpu.Network;
using MnistGpu.Training;

namespace MnistGpu.Engines.Simd;

/// <summary>
/// The fast CPU engine: exact gradient descent in vectors of floats on all cores. Nothing is skipped but what is 0.
/// <para>
/// What a step costs is the multiply-adds of the rows of W1 under the lit pixels of its images, once forward and once
/// in the update (<see cref="LitRows"/>). The threads share the pixels: each owns some rows of W1, which stay in its
/// core's cache, sums them up for all images of the batch, and updates them. Between the two they share the images for
/// the rest of the network. So a step has two barriers (<see cref="StepBarrier"/>), and what goes from core to core is
/// the batch's hidden units and their deltas, not the weights.
/// </para>
/// <para>One start gives the same weights, bit for bit, in every run and for any number of threads.</para>
/// </summary>
public sealed unsafe class SimdEngine : ITrainingEngine
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    private readonly int _threads;
    private readonly Func<int, SimdNetwork> _createNetwork;
    private SparseImages? _pixels;
    private byte[] _labels = [];
    private SimdNetwork? _network;
    private SimdNetwork.Workspace[] _workspaces = [];
    private int _hidden;

    /// <summary>Makes an engine that computes on some threads, the calling one among them.</summary>
    /// <param name="threads">
    /// Threads, at least 1; 0, the default, is one for each core. The work is split in 2, 4 or 8: of other numbers the
    /// next smaller one of these is used.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is negative.</exception>
    public SimdEngine(int threads = 0)
        : this(threads, SimdNetwork.Create)
    {
    }

    /// <summary>An engine with vectors of a chosen width.</summary>
    /// <param name="threads">As above.</param>
    /// <param name="createNetwork">Makes a network of so many hidden units.</param>
    internal SimdEngine(int threads, Func<int, SimdNetwork> createNetwork)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        _createNetwork = createNetwork;
        if (threads == 0)
            threads = Environment.ProcessorCount;
        _threads = 1 << BitOperations.Log2((uint)Math.Min(threads, SimdNetwork.Parts));
    }

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public string Description =>
        (_threads == 1 ? "1 thread, " : $"{_threads} threads, ")
        + (SimdNetwork.Lanes == 1 ? "scalar" : $"vectors of {SimdNetwork.Lanes} floats");

    /// <inheritdoc/>
    public void LoadTrainingImages(ImageSet images)
    {
        fixed (byte* pixels = images.Pixels)
            _pixels = new SparseImages(pixels, images.Count, _threads);
        _labels = images.Labels;
    }

    /// <inheritdoc/>
    public void SetParameters(NetworkParameters parameters)
    {
        if (_network is null || parameters.Hidden != _hidden)
        {
            _hidden = parameters.Hidden;
            _network = _createNetwork(_hidden);
            _workspaces = new SimdNetwork.Workspace[_threads];
            for (int t = 0; t < _threads; t++)
                _workspaces[t] = new SimdNetwork.Workspace(_network.PaddedHidden);
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
        SparseImages pixels = _pixels ?? throw new InvalidOperationException("LoadTrainingImages comes first.");
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
        var epoch = new SimdEpoch(
            Network, _workspaces, pixels, _labels, order, batchSize, learningRates, progress, cancellationToken);
        RunOnAllThreads(epoch.Run);
        return epoch.Finish();
    }

    /// <inheritdoc/>
    public float[] Predict(ReadOnlyMemory<byte> pixels)
    {
        SimdNetwork network = Network;
        int count = pixels.Length / Inputs;
        var outputs = new float[count * Outputs];
        using MemoryHandle pinned = pixels.Pin();
        var sparse = new SparseImages((byte*)pinned.Pointer, count, _threads);
        int next = 0;
        RunOnAllThreads(thread =>
        {
            SimdNetwork.Workspace workspace = _workspaces[thread];
            float* sums = workspace.Sums(0);
            float* output = workspace.Outputs.Pointer;
            int first;
            while ((first = Interlocked.Add(ref next, BatchPixels.MaxImages) - BatchPixels.MaxImages) < count)
            {
                int images = Math.Min(BatchPixels.MaxImages, count - first);
                for (int i = 0; i < images; i++)
                    workspace.Pixels.Gather(sparse.Image(first + i), i, firstChunk: 0, stride: 1);
                network.SumPixels(workspace, images, thread: 0, threads: 1);
                network.Hidden(&sums, threads: 1, 0, images, sums);
                network.Outputs(sums, 0, images, output);
                for (int i = 0; i < images; i++)
                    new Span<float>(output + i * SimdNetwork.OutputStride, Outputs)
                        .CopyTo(outputs.AsSpan((first + i) * Outputs));
            }
        });
        // Their memory was used through pointers, which keep nothing from being collected.
        GC.KeepAlive(sparse);
        GC.KeepAlive(this);
        return outputs;
    }

    /// <summary>There is nothing to free: threads end with the call that started them.</summary>
    public void Dispose()
    {
    }

    private void RunOnAllThreads(Action<int> work)
    {
        var others = new Thread[_threads - 1];
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
