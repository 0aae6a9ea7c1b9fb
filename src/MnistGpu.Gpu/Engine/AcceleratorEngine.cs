using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Memory;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Trains on an ILGPU accelerator: CUDA, OpenCL or ILGPU's own CPU accelerator. The images are uploaded once, and the order
/// once per epoch; the parameters stay in the accelerator's memory. On CUDA an epoch of a small network is one launch.
/// Otherwise a step is three launches, for which the host does not wait, except now and then so that cancelling stays prompt
/// when steps are slow.
/// </summary>
/// <remarks>
/// Progress counts the images of the steps launched so far; the accelerator may lag behind. Every call that computes throws
/// <see cref="DeviceException"/> if the device fails.
/// </remarks>
public sealed class AcceleratorEngine : ITrainingEngine
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    private const string Uploading = "uploading the images";
    private const string Measuring = "measuring";
    private const string Distorting = "distorting the images";
    private const string Training = "training";

    private readonly Context? _context;
    private readonly Accelerator _accelerator;
    private readonly DeviceQueue _queue;
    private readonly OneLaunchEpoch _oneLaunch;
    private readonly TrainingImages _images;
    private readonly TrainedNetwork _network;
    private readonly EpochMemory _epochMemory;
    private string? _explained;
    private bool _disposed;

    /// <summary>Takes over a context and creates an accelerator in it.</summary>
    /// <param name="context">Disposed by the engine, also if this fails.</param>
    /// <param name="device">A device of the context.</param>
    /// <param name="name">The device's name: <see cref="Device"/>.</param>
    /// <param name="kind">What the device is, for <see cref="Description"/>.</param>
    /// <param name="tuned">Whether to use the tuned kernels; null decides by the accelerator's abilities.</param>
    /// <param name="clock">Times the waits within an epoch; null for the system's.</param>
    internal AcceleratorEngine(
        Context context, Device device, string name, string kind, bool? tuned = null, TimeProvider? clock = null)
    {
        (_context, Device) = (context, name);
        Accelerator? accelerator = null;
        try
        {
            accelerator = device.CreateAccelerator(context);
            _queue = new DeviceQueue(accelerator, tuned ?? DeviceQueue.SuitsTuned(accelerator));
            _oneLaunch = new OneLaunchEpoch(accelerator, _queue);
            Description = $"{device.Name} ({kind}), {(_queue.IsTuned ? "tuned" : "naive")} kernels";
        }
        catch
        {
            DeviceBuffers.Free(accelerator);
            DeviceBuffers.Free(context);
            throw;
        }
        _accelerator = accelerator;
        Launchers = [_oneLaunch, new ThreeLaunchSteps(accelerator, _queue, clock ?? TimeProvider.System)];
        _images = new TrainingImages(accelerator, _queue);
        _network = new TrainedNetwork(accelerator, _queue);
        _epochMemory = new EpochMemory(accelerator, _queue);
    }

    /// <summary>Another network on an engine's accelerator, with its own queue: see <see cref="Beside"/>.</summary>
    private AcceleratorEngine(AcceleratorEngine first)
    {
        (Device, Description, Warn, _accelerator) = (first.Device, first.Description, first.Warn, first._accelerator);
        lock (_accelerator)
        {
            _queue = new DeviceQueue(_accelerator, first._queue.IsTuned, _accelerator.CreateStream());
            _oneLaunch = new OneLaunchEpoch(_accelerator, _queue, first._oneLaunch.Residency);
        }
        Launchers = [_oneLaunch, new ThreeLaunchSteps(_accelerator, _queue, TimeProvider.System)];
        _images = new TrainingImages(_accelerator, _queue, first._images);
        _network = new TrainedNetwork(_accelerator, _queue);
        _epochMemory = new EpochMemory(_accelerator, _queue);
    }

    /// <inheritdoc/>
    public string Name => "accelerator";

    /// <summary>The name of its device: "cuda:0", "opencl:1", "ilgpu-cpu".</summary>
    public string Device { get; }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>Receives a line about each problem that was worked around; may be null.</summary>
    public Action<string>? Warn { get; set; }

    /// <summary>Receives a line on how epochs are launched, and why; may be null.</summary>
    public Action<string>? Explain { get; set; }

    /// <summary>What has gone through the accelerator's queue since the engine was created.</summary>
    public DeviceCounters Counters => new(_queue.Launches, _queue.LaunchTime, _queue.BytesUploaded);

    /// <summary>The queue, for its counters.</summary>
    internal DeviceQueue Queue => _queue;

    /// <summary>The accelerator, for verification and measurements of single kernels.</summary>
    internal Accelerator Accelerator => _accelerator;

    /// <summary>What an epoch keeps in the accelerator's memory.</summary>
    internal EpochMemory EpochMemory => _epochMemory;

    /// <summary>The ways to launch an epoch, the fastest first; the last one can launch any.</summary>
    internal IEpochLauncher[] Launchers { get; }

    /// <summary>
    /// Hidden activations that a prediction keeps in the accelerator's memory at a time, 4 MB; more images are processed in
    /// chunks.
    /// </summary>
    internal int PredictionActivations { get; init; } = 1 << 20;

    /// <summary>Opens an accelerator and compiles the kernels for it.</summary>
    /// <param name="device">
    /// "cuda", "cuda:i", "opencl", "opencl:i" (without a number: 0) or "ilgpu-cpu".
    /// </param>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    /// <exception cref="InvalidOperationException">There is no such device here, or a driver fails.</exception>
    /// <exception cref="DeviceException">The device does not start, or a kernel cannot be compiled for it.</exception>
    public static AcceleratorEngine Open(string device) =>
        Open(new AcceleratorSearch(), search => AcceleratorCatalog.Find(search, device))!;

    /// <summary>
    /// Opens the GPU to use if none is named: the first CUDA device, else the first OpenCL device that is a GPU.
    /// </summary>
    /// <param name="hidden">Hidden units of the network: see <see cref="AcceleratorList.PreferredGpu"/>.</param>
    /// <returns>Null if there is no suitable GPU.</returns>
    /// <exception cref="InvalidOperationException">There is none, and a driver fails.</exception>
    /// <exception cref="DeviceException">The GPU does not start, or a kernel cannot be compiled for it.</exception>
    public static AcceleratorEngine? OpenPreferredGpu(int hidden) => !AcceleratorSearch.MayFindGpu()
        ? null
        : Open(new AcceleratorSearch(), search =>
            search.List.PreferredGpu(hidden) is AcceleratorInfo gpu ? AcceleratorCatalog.Find(search, gpu.Device)
            : search.List.Fault is string fault ? throw new InvalidOperationException(fault)
            : null);

    /// <summary>Opens the chosen device, and frees the context if there is none or it fails.</summary>
    internal static AcceleratorEngine? Open(
        AcceleratorSearch search, Func<AcceleratorSearch, (AcceleratorInfo Info, Device Device)?> choose)
    {
        (AcceleratorInfo Info, Device Device)? chosen = null;
        try
        {
            chosen = choose(search);
        }
        finally
        {
            if (chosen is null)
                search.Dispose();
        }
        if (chosen is not var (info, device))
            return null;

        try
        {
            return new AcceleratorEngine(search.Context, device, info.Device, info.Kind);
        }
        catch (Exception exception)
        {
            throw new DeviceException($"{info.Device} ({info.Name})", "cannot be used", exception);
        }
    }

    /// <summary>
    /// How many networks of these sizes the device can train at once, each with one launch per epoch: at least 1, and 1 if an
    /// epoch takes more launches.
    /// </summary>
    /// <param name="hidden">Hidden units.</param>
    /// <param name="batchSize">Images per step.</param>
    public int NetworksAtOnce(int hidden, int batchSize) => _oneLaunch.NetworksAtOnce(hidden, batchSize);

    /// <summary>
    /// An engine for another network on the same device, which trains on the same images. It may be used by another thread at the
    /// same time as this one, and must be disposed before it.
    /// </summary>
    /// <exception cref="DeviceException">The device has failed or has too little memory.</exception>
    public AcceleratorEngine Beside() => OnDevice("starting another queue", () => new AcceleratorEngine(this));

    /// <inheritdoc/>
    /// <remarks>Loading the same set again costs nothing. Engines beside one another share one copy of it.</remarks>
    public void LoadTrainingImages(ImageSet images) => OnDevice(Uploading, () => _images.Load(images));

    /// <inheritdoc/>
    public void DistortTrainingImages(int seed, int epoch) => OnDevice(Distorting, () => _images.Distort(seed, epoch));

    /// <inheritdoc/>
    public void SetParameters(NetworkParameters parameters) =>
        OnDevice("uploading the parameters", () => _network.Set(parameters));

    /// <inheritdoc/>
    public NetworkParameters GetParameters() => OnDevice("downloading the parameters", _network.Get);

    /// <inheritdoc/>
    public void SetVelocity(NetworkParameters velocity) =>
        OnDevice("uploading the velocity", () => _network.SetVelocity(velocity));

    /// <inheritdoc/>
    public NetworkParameters GetVelocity() => OnDevice("downloading the velocity", _network.GetVelocity);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// An index in the order is out of range, learning rates are missing, or a batch has more than 2³¹ − 1 hidden
    /// activations.
    /// </exception>
    public EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order,
        int batchSize,
        EpochRates rates,
        IProgress<EpochProgress>? progress,
        CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        EngineContract.CheckEpoch(_images.Current?.Labels.IntLength, order.Span, batchSize, rates);
        return OnDevice(Training, () =>
        {
            batchSize = Math.Min(batchSize, order.Length);
            _epochMemory.Prepare(order.Span, batchSize, _network.Views.Hidden);
            if (rates.Momentum != 0)
                _network.EnsureVelocity();
            Train(new EpochTask(
                _images.Current!.Value, _epochMemory.Order, batchSize, rates, _network.Views, _network.VelocityViews,
                _epochMemory.Activations, progress, cancellationToken));
            return _epochMemory.DownloadStatistics();
        });
    }

    /// <summary>Trains the epoch in the fastest way that is possible; says which, and why not faster, when that changes.</summary>
    private void Train(EpochTask epoch)
    {
        string? whyNotFaster = null;
        foreach (IEpochLauncher launcher in Launchers)
        {
            string? whyNot = launcher.WhyNot(epoch.Hidden, epoch.BatchSize);
            if (whyNot is null)
            {
                string choice = launcher.Describe(epoch, whyNotFaster);
                if (choice != _explained)
                    Explain?.Invoke($"{Device}: {choice}");
                _explained = choice;
                if (launcher.TryTrain(epoch))
                    return;
                whyNot = launcher.WhyNot(epoch.Hidden, epoch.BatchSize);
                Warn?.Invoke($"{Device} ({_accelerator.Name}): {whyNot}; epochs take more launches from now on");
            }
            whyNotFaster = whyNot;
        }
    }

    /// <inheritdoc/>
    public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default) =>
        OnDevice("predicting", () =>
        {
            Network network = _network.Views;
            int count = EngineContract.CountImages(pixels);
            var outputs = new float[count * Outputs];
            int chunk = Math.Max(1, PredictionActivations / network.Hidden);
            for (int start = 0; start < count; start += chunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int images = Math.Min(chunk, count - start);
                using var buffers = new DeviceBuffers(_accelerator);
                Images chunkImages = DeviceImages.UploadLit(
                    buffers, _queue, pixels.Slice(start * Inputs, images * Inputs));
                ArrayView<int> order = buffers.Allocate<int>(images);
                _queue.Upload<int>(Enumerable.Range(0, images).ToArray(), order);
                Matrix h = buffers.AllocateMatrix(images, network.Hidden);
                Matrix o = buffers.AllocateMatrix(images, Outputs);
                _queue.LaunchHiddenLayer(chunkImages, new Batch(order, 0, images), network, h);
                _queue.LaunchOutputLayer(h, network, o);
                _queue.Download(o.BaseView).CopyTo(outputs, start * Outputs);
            }
            return outputs;
        });

    /// <summary>Runs measurements of the accelerator; if it fails in them, the exception names it.</summary>
    /// <exception cref="DeviceException">The device has failed or has too little memory.</exception>
    public void Measure(Action measurements) => OnDevice(Measuring, measurements);

    /// <summary>Frees the accelerator and its memory as far as the driver allows; never throws.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _oneLaunch.Dispose();
        _epochMemory.Dispose();
        _network.Dispose();
        _images.Dispose();
        if (_context is null)
        {
            DeviceBuffers.Free(_queue.Stream);
            return;
        }
        DeviceBuffers.Free(_accelerator);
        DeviceBuffers.Free(_context);
    }

    /// <summary>Calls a driver, and names the device if that fails.</summary>
    /// <exception cref="DeviceException">The device has failed or has too little memory.</exception>
    internal T OnDevice<T>(string work, Func<T> call)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            // The current device is per thread.
            _accelerator.Bind();
            return call();
        }
        catch (Exception exception) when (DeviceException.IsDeviceFault(exception))
        {
            throw new DeviceException($"{Device} ({_accelerator.Name})", $"failed in {work}", exception, MemoryUseOf(work));
        }
    }

    private static MemoryUse MemoryUseOf(string work) => work switch
    {
        Uploading => MemoryUse.Images,
        Distorting => MemoryUse.DistortedImages,
        Training => MemoryUse.Training,
        Measuring => MemoryUse.Other,
        _ => MemoryUse.Network,
    };

    private void OnDevice(string work, Action call) => OnDevice(work, () =>
    {
        call();
        return true;
    });
}
