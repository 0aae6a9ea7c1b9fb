using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Gpu;

/// <summary>
/// Trains on an ILGPU accelerator: CUDA, OpenCL or ILGPU's own CPU accelerator. The images are uploaded once, as bytes;
/// an epoch's order once an epoch; the parameters stay in the accelerator's memory. A step is three launches, and the
/// host does not wait for them: it waits at the end of the epoch, to read losses and hits. Only where an epoch takes
/// longer than half a second, it also waits about every quarter of a second, so that cancelling is prompt.
/// </summary>
/// <remarks>
/// Progress counts the images of the steps that have been launched. The accelerator may be behind: by a whole epoch
/// where the host does not wait inside of it.
/// </remarks>
public sealed class AcceleratorEngine : ITrainingEngine
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly DeviceQueue _queue;
    private readonly DeviceBuffers _imageBuffers;
    private readonly DeviceBuffers _networkBuffers;
    private readonly DeviceBuffers _epochBuffers;

    private DeviceImages? _images;
    private DeviceNetwork? _network;
    private ArrayView<int> _order;
    private DeviceActivations? _activations;
    private (int Images, int Batch, int Units) _epochShape;
    private int _stepsPerWait = int.MaxValue;
    private bool _disposed;

    /// <summary>Takes over a context and creates an accelerator in it.</summary>
    /// <param name="context">The engine disposes it, also when this fails.</param>
    /// <param name="device">A device of the context.</param>
    /// <param name="name">What to ask for the device by: <see cref="Device"/>.</param>
    /// <param name="kind">What the device is, for <see cref="Description"/>.</param>
    /// <param name="tuned">Whether to use the tuned kernels; null decides by what the accelerator can do.</param>
    internal AcceleratorEngine(Context context, Device device, string name, string kind, bool? tuned = null)
    {
        Device = name;
        _context = context;
        Accelerator? accelerator = null;
        try
        {
            accelerator = device.CreateAccelerator(context);
            bool useTuned = tuned ?? DeviceQueue.SuitsTuned(accelerator);
            _queue = new DeviceQueue(accelerator, useTuned);
            Description = $"{device.Name} ({kind}), {(useTuned ? "tuned" : "naive")} kernels";
        }
        catch
        {
            DeviceBuffers.Free(accelerator);
            DeviceBuffers.Free(context);
            throw;
        }
        _accelerator = accelerator;
        TriesSteps = accelerator.AcceleratorType != AcceleratorType.CPU;
        _imageBuffers = new DeviceBuffers(accelerator);
        _networkBuffers = new DeviceBuffers(accelerator);
        _epochBuffers = new DeviceBuffers(accelerator);
    }

    /// <inheritdoc/>
    public string Name => "accelerator";

    /// <summary>What to ask for its device by: "cuda:0", "opencl:1", "ilgpu-cpu".</summary>
    public string Device { get; }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>What went through the accelerator's queue since the engine was made.</summary>
    public DeviceCounters Counters => new(_queue.Launches, _queue.LaunchTime, _queue.BytesUploaded);

    /// <summary>The queue, for its counters.</summary>
    internal DeviceQueue Queue => _queue;

    /// <summary>The accelerator, for verification and measurements of single kernels.</summary>
    internal Accelerator Accelerator => _accelerator;

    /// <summary>What an epoch keeps in the accelerator's memory.</summary>
    internal DeviceBuffers EpochBuffers => _epochBuffers;

    /// <summary>
    /// Hidden activations that a prediction keeps in the accelerator's memory at a time, 4 MB; more images go in
    /// chunks.
    /// </summary>
    internal int PredictionActivations { get; init; } = 1 << 20;

    /// <summary>
    /// Whether to try how long a step takes, to wait inside epochs that are slow. Not on ILGPU's CPU accelerator: there
    /// a launch returns when it is done, and nothing ever waits in the queue.
    /// </summary>
    internal bool TriesSteps { get; init; }

    /// <summary>What a trial is timed with.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    private DeviceNetwork Network => _network ?? throw new InvalidOperationException("SetParameters comes first.");

    /// <summary>Opens an accelerator and compiles the kernels for it.</summary>
    /// <param name="device">
    /// "cuda", "cuda:i", "opencl", "opencl:i" (no number is 0) or "ilgpu-cpu".
    /// </param>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no such device here, or a driver fails, or the device does not start, or a kernel cannot be compiled
    /// for it.
    /// </exception>
    public static AcceleratorEngine Open(string device) =>
        Open(AcceleratorCatalog.CreateContext(), context => AcceleratorCatalog.Find(context, device))!;

    /// <summary>
    /// Opens the GPU to use when none is asked for: the first CUDA device, else the first OpenCL device that is a GPU.
    /// </summary>
    /// <returns>Null where there is no GPU.</returns>
    /// <exception cref="InvalidOperationException">
    /// A driver fails, or the GPU does not start, or a kernel cannot be compiled for it.
    /// </exception>
    public static AcceleratorEngine? OpenPreferredGpu() =>
        Open(AcceleratorCatalog.CreateContext(), AcceleratorCatalog.PreferredGpu);

    /// <summary>Whether an exception says that a device has failed or has not enough memory.</summary>
    public static bool IsDeviceFault(Exception exception) =>
        exception is AcceleratorException or OutOfMemoryException;

    /// <summary>Opens the device that is chosen, and disposes the context where none is or it fails.</summary>
    internal static AcceleratorEngine? Open(
        Context context, Func<Context, (AcceleratorInfo Info, Device Device)?> choose)
    {
        (AcceleratorInfo Info, Device Device)? chosen = null;
        try
        {
            chosen = choose(context);
        }
        finally
        {
            if (chosen is null)
                DeviceBuffers.Free(context);
        }
        if (chosen is not var (info, device))
            return null;

        try
        {
            return new AcceleratorEngine(context, device, info.Device, info.Kind);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"{info.Device} ({info.Name}) cannot be used: {AcceleratorCatalog.FirstLine(exception)}", exception);
        }
    }

    /// <inheritdoc/>
    public void LoadTrainingImages(ImageSet images)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _images = null;
        _imageBuffers.Dispose();
        if (images.Count == 0)
            return;
        ArrayView<byte> pixels = _imageBuffers.Allocate<byte>(images.Pixels.Length);
        ArrayView<byte> labels = _imageBuffers.Allocate<byte>(images.Count);
        _queue.Upload<byte>(images.Pixels, pixels);
        _queue.Upload<byte>(images.Labels, labels);
        _images = new DeviceImages(pixels, labels);
    }

    /// <inheritdoc/>
    public void SetParameters(NetworkParameters parameters)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_network?.Hidden != parameters.Hidden)
        {
            _network = null;
            _networkBuffers.Dispose();
            _network = new DeviceNetwork(_networkBuffers, parameters.Hidden);
        }
        _network.Upload(_queue, parameters);
    }

    /// <inheritdoc/>
    public NetworkParameters GetParameters()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Network.Download(_queue);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// An index in the order is out of range, learning rates are missing, or a batch has more than 2³¹ − 1 hidden
    /// activations.
    /// </exception>
    public EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order,
        int batchSize,
        ReadOnlyMemory<float> learningRates,
        IProgress<EpochProgress>? progress,
        CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        DeviceImages images = _images ?? throw new InvalidOperationException("LoadTrainingImages comes first.");
        DeviceNetwork network = Network;
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        // A bad index would read outside of a buffer, which a GPU does not notice.
        if (order.Span.IndexOfAnyExceptInRange(0, images.Labels.IntLength - 1) is >= 0 and int bad)
            throw new ArgumentException($"order[{bad}] is {order.Span[bad]}; there are {images.Labels.Length} images.");
        if (order.IsEmpty)
            return new EpochStatistics(double.NaN, 0);
        int steps = (order.Length - 1) / batchSize + 1;
        if (learningRates.Length < steps)
            throw new ArgumentException($"{steps} steps need as many learning rates, not {learningRates.Length}.");

        DeviceActivations activations = PrepareEpoch(order.Span, Math.Min(batchSize, order.Length));
        for (int step = 0, start = 0; step < steps; step++, start += batchSize)
        {
            // Looked at once: whoever cancels in between is heard at the next step.
            bool isCancelled = cancellationToken.IsCancellationRequested;
            if (isCancelled || (step > 0 && step % _stepsPerWait == 0))
                _queue.Synchronize();
            if (isCancelled)
                throw new OperationCanceledException(cancellationToken);
            var batch = new DeviceBatch(_order, start, Math.Min(batchSize, order.Length - start));
            _queue.HiddenLayer(images.Pixels, batch, network, activations.Hidden);
            _queue.OutputLayerAndDeltas(images.Labels, batch, network, activations);
            _queue.ParameterUpdate(images.Pixels, batch, network, activations, learningRates.Span[step]);
            progress?.Report(new EpochProgress(start + batch.Images, null));
        }

        var losses = new float[order.Length];
        var hits = new int[1];
        _queue.Download(activations.Losses, losses);
        _queue.Download(activations.Hits, hits);
        return new EpochStatistics(losses.Average(loss => (double)loss), hits[0]);
    }

    /// <inheritdoc/>
    public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        DeviceNetwork network = Network;
        int count = pixels.Length / Inputs;
        var outputs = new float[count * Outputs];
        if (count == 0)
            return outputs;

        int chunk = Math.Min(count, Math.Max(1, PredictionActivations / network.Units));
        using var buffers = new DeviceBuffers(_accelerator);
        ArrayView<byte> chunkPixels = buffers.Allocate<byte>((long)chunk * Inputs);
        ArrayView<int> order = buffers.Allocate<int>(chunk);
        ArrayView<float> hidden = buffers.Allocate<float>((long)chunk * network.Units);
        ArrayView<float> chunkOutputs = buffers.Allocate<float>((long)chunk * Outputs);
        _queue.Upload<int>(Enumerable.Range(0, chunk).ToArray(), order);
        for (int start = 0; start < count; start += chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int images = Math.Min(chunk, count - start);
            _queue.Upload(pixels.Span.Slice(start * Inputs, images * Inputs), chunkPixels);
            _queue.HiddenLayer(chunkPixels, new DeviceBatch(order, 0, images), network, hidden);
            _queue.OutputLayer(hidden, images, network, chunkOutputs);
            _queue.Download(chunkOutputs, outputs.AsSpan(start * Outputs, images * Outputs));
        }
        return outputs;
    }

    /// <summary>Frees the accelerator and its memory, as far as the driver does it; never throws.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _images = null;
        _network = null;
        _activations = null;
        _order = default;
        _epochBuffers.Dispose();
        _networkBuffers.Dispose();
        _imageBuffers.Dispose();
        DeviceBuffers.Free(_accelerator);
        DeviceBuffers.Free(_context);
    }

    /// <summary>Uploads the order, sets hits to 0 and makes room for what the steps compute.</summary>
    private DeviceActivations PrepareEpoch(ReadOnlySpan<int> order, int batchSize)
    {
        DeviceNetwork network = Network;
        var shape = (order.Length, batchSize, network.Units);
        bool isNew = _activations is null || shape != _epochShape;
        if (isNew)
        {
            if ((long)batchSize * network.Units > int.MaxValue)
                throw new ArgumentException(
                    $"a batch of {batchSize} images is too large for {network.Units} hidden units; use a smaller one");
            _epochShape = default;
            _activations = null;
            _epochBuffers.Dispose();
            _order = _epochBuffers.Allocate<int>(order.Length);
            _activations = new DeviceActivations(
                _epochBuffers.Allocate<float>((long)batchSize * network.Units),
                _epochBuffers.Allocate<float>((long)batchSize * network.Units),
                _epochBuffers.Allocate<float>((long)batchSize * Outputs),
                _epochBuffers.Allocate<float>(order.Length),
                _epochBuffers.Allocate<int>(1));
        }
        _queue.Upload(order, _order);
        _queue.Upload([0], _activations!.Hits);
        if (isNew)
        {
            _stepsPerWait = StepsPerWait(new DeviceBatch(_order, 0, batchSize), (order.Length - 1) / batchSize + 1);
            _queue.Upload([0], _activations.Hits);
        }
        // Last: after a failure on the way here, the next epoch prepares everything anew.
        _epochShape = shape;
        return _activations;
    }

    /// <summary>
    /// After how many steps the host should wait for the accelerator. A cancelled epoch must end within a second, but
    /// what is in the queue cannot be taken back. So where an epoch takes longer than half a second, the host waits
    /// about every quarter of a second; where it takes less, as on any GPU with the default settings, never.
    /// </summary>
    /// <param name="batch">The first batch: its first two launches, which change no parameter, are tried.</param>
    /// <param name="steps">Steps of the epoch.</param>
    private int StepsPerWait(DeviceBatch batch, int steps)
    {
        double secondsPerStep = TriesSteps ? MeasureStep(batch) : 0;
        return secondsPerStep * steps < 0.5 ? int.MaxValue : Math.Max(1, (int)(0.25 / secondsPerStep));
    }

    /// <summary>About how many seconds a step takes.</summary>
    private double MeasureStep(DeviceBatch batch)
    {
        const int trials = 8;
        // Drivers finish a kernel's compilation at its first launch.
        LaunchForward(batch);
        _queue.Synchronize();
        long start = Clock.GetTimestamp();
        for (int trial = 0; trial < trials; trial++)
            LaunchForward(batch);
        _queue.Synchronize();
        // The third launch, which is not tried, takes about as long as the first two.
        return 2 * Clock.GetElapsedTime(start).TotalSeconds / trials;
    }

    private void LaunchForward(DeviceBatch batch)
    {
        _queue.HiddenLayer(_images!.Pixels, batch, Network, _activations!.Hidden);
        _queue.OutputLayerAndDeltas(_images.Labels, batch, Network, _activations);
    }
}
