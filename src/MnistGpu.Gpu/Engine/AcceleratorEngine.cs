using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;
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
    private const string Distorting = "distorting the images";
    private const string Training = "training";

    private readonly Context? _context;
    private readonly Accelerator _accelerator;
    private readonly AcceleratorEngine? _first;
    private readonly DeviceQueue _queue;
    private readonly bool _isTuned;
    private readonly DeviceBuffers _imageBuffers;
    private readonly DeviceBuffers _networkBuffers;
    private readonly DeviceBuffers _epochBuffers;

    private ImageSet? _loaded;
    private Images? _images;
    private Images? _distorted;
    private DeviceDistortion? _distortion;
    private DeviceNetwork? _network;
    private DeviceNetwork? _velocity;
    private ArrayView<int> _order;
    private Activations? _activations;
    private (int Images, int Batch, int Hidden) _epochShape;
    private ThreeLaunchSteps? _threeLaunches;
    private OneLaunchEpoch? _oneLaunch;
    private string? _choice;
    private bool _disposed;

    /// <summary>Takes over a context and creates an accelerator in it.</summary>
    /// <param name="context">Disposed by the engine, also if this fails.</param>
    /// <param name="device">A device of the context.</param>
    /// <param name="name">The device's name: <see cref="Device"/>.</param>
    /// <param name="kind">What the device is, for <see cref="Description"/>.</param>
    /// <param name="tuned">Whether to use the tuned kernels; null decides by the accelerator's abilities.</param>
    internal AcceleratorEngine(Context context, Device device, string name, string kind, bool? tuned = null)
    {
        Device = name;
        _context = context;
        Accelerator? accelerator = null;
        try
        {
            accelerator = device.CreateAccelerator(context);
            _isTuned = tuned ?? DeviceQueue.SuitsTuned(accelerator);
            _queue = new DeviceQueue(accelerator, _isTuned);
            if (_isTuned && accelerator.AcceleratorType == AcceleratorType.Cuda)
                _oneLaunch = new OneLaunchEpoch(accelerator, _queue);
            Description = $"{device.Name} ({kind}), {(_isTuned ? "tuned" : "naive")} kernels";
        }
        catch
        {
            DeviceBuffers.Free(accelerator);
            DeviceBuffers.Free(context);
            throw;
        }
        _accelerator = accelerator;
        _imageBuffers = new DeviceBuffers(accelerator);
        _networkBuffers = new DeviceBuffers(accelerator);
        _epochBuffers = new DeviceBuffers(accelerator);
    }

    /// <summary>Another network on an engine's accelerator, with its own queue: see <see cref="Beside"/>.</summary>
    private AcceleratorEngine(AcceleratorEngine first)
    {
        (_first, Device, Description, _accelerator, _isTuned) = (first, first.Device, first.Description, first._accelerator, first._isTuned);
        Warn = first.Warn;
        lock (_accelerator)
        {
            _queue = new DeviceQueue(_accelerator, _isTuned, _accelerator.CreateStream());
            if (first._oneLaunch is not null)
                _oneLaunch = new OneLaunchEpoch(_accelerator, _queue, first._oneLaunch.Residency);
        }
        _imageBuffers = new DeviceBuffers(_accelerator);
        _networkBuffers = new DeviceBuffers(_accelerator);
        _epochBuffers = new DeviceBuffers(_accelerator);
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
    internal DeviceBuffers EpochBuffers => _epochBuffers;

    /// <summary>
    /// Hidden activations that a prediction keeps in the accelerator's memory at a time, 4 MB; more images are processed in
    /// chunks.
    /// </summary>
    internal int PredictionActivations { get; init; } = 1 << 20;

    /// <summary>Trains epochs in one launch; null if a step is always three.</summary>
    internal OneLaunchEpoch? OneLaunch { get => _oneLaunch; set => _oneLaunch = value; }

    /// <summary>Times the waits within an epoch.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    private DeviceNetwork Network => _network ?? throw new InvalidOperationException("SetParameters comes first.");

    /// <summary>The velocity. Kernels need some memory there, but do not use it without momentum.</summary>
    private Network Velocity => (_velocity ?? Network).Views;

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
            : search.Fault is string fault ? throw new InvalidOperationException(fault)
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
    public int NetworksAtOnce(int hidden, int batchSize) => _oneLaunch?.NetworksAtOnce(hidden, batchSize) ?? 1;

    /// <summary>
    /// An engine for another network on the same device, which trains on the same images. It may be used by another thread at the
    /// same time as this one, and must be disposed before it.
    /// </summary>
    /// <exception cref="DeviceException">The device has failed or has too little memory.</exception>
    public AcceleratorEngine Beside() => OnDevice("starting another queue", () => new AcceleratorEngine(this));

    /// <inheritdoc/>
    /// <remarks>Loading the same set again costs nothing. Engines beside one another share one copy of it.</remarks>
    public void LoadTrainingImages(ImageSet images) => OnDevice(Uploading, () =>
    {
        // An engine beside this one may load them for both.
        lock (_imageBuffers)
        {
            _distorted = null;
            if (_loaded == images)
                return;
            _distortion?.Dispose();
            (_loaded, _images, _distortion) = (null, null, null);
            _imageBuffers.Dispose();
            if (images.Count > 0)
                _images = _first is null ? DeviceImages.Upload(_imageBuffers, _queue, images.Pixels, images.Labels) : _first.ImagesOf(images);
            _loaded = images;
        }
    });

    /// <summary>The first engine's copy, for one beside it.</summary>
    private Images ImagesOf(ImageSet images)
    {
        lock (_imageBuffers)
        {
            if (_loaded is null)
                LoadTrainingImages(images);
            return _loaded == images ? _images!.Value
                : throw new InvalidOperationException("Engines beside one another must train on the same images.");
        }
    }

    /// <inheritdoc/>
    public void DistortTrainingImages(int seed, int epoch) => OnDevice(Distorting, () =>
    {
        Images loaded = _images ?? throw new InvalidOperationException("LoadTrainingImages comes first.");
        lock (_accelerator)
            _distortion ??= new DeviceDistortion(_accelerator, _queue, loaded);
        _distorted = _distortion.Draw(seed, epoch);
    });

    /// <inheritdoc/>
    public void SetParameters(NetworkParameters parameters) => OnDevice("uploading the parameters", () =>
    {
        if (_network?.Hidden != parameters.Hidden)
        {
            _network = null;
            _velocity = null;
            _networkBuffers.Dispose();
            _network = new DeviceNetwork(_networkBuffers, parameters.Hidden);
        }
        _network.Upload(_queue, parameters);
        if (_velocity is not null)
            SetVelocity(new NetworkParameters(parameters.Hidden));
    });

    /// <inheritdoc/>
    public NetworkParameters GetParameters() =>
        OnDevice("downloading the parameters", () => Network.Download(_queue));

    /// <inheritdoc/>
    public void SetVelocity(NetworkParameters velocity) => OnDevice("uploading the velocity", () =>
    {
        EngineContract.CheckVelocity(velocity, Network.Hidden);
        _velocity ??= new DeviceNetwork(_networkBuffers, velocity.Hidden);
        _velocity.Upload(_queue, velocity, fill: 0);
    });

    /// <inheritdoc/>
    public NetworkParameters GetVelocity() => OnDevice("downloading the velocity",
        () => _velocity?.Download(_queue) ?? new NetworkParameters(Network.Hidden));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// An index in the order is out of range, learning rates are missing, or a batch has more than 2³¹ − 1 hidden
    /// activations.
    /// </exception>
    public EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order,
        int batchSize,
        Descent descent,
        IProgress<EpochProgress>? progress,
        CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Images? loaded = _distorted ?? _images;
        EngineContract.CheckEpoch(loaded?.Labels.IntLength, order.Span, batchSize, descent);
        Images images = loaded!.Value;

        return OnDevice(Training, () =>
        {
            Activations activations = PrepareEpoch(order.Span, Math.Min(batchSize, order.Length));
            if (descent.Momentum != 0 && _velocity is null)
                SetVelocity(new NetworkParameters(Network.Hidden));
            if (!TryOneLaunch(images, batchSize, descent, activations, progress, cancellationToken))
                _threeLaunches!.Train(
                    images, _order, batchSize, descent, Network.Views, Velocity, activations,
                    WhyNotOnTensorCores(TensorCores.WhyNotHiddenLayer, batchSize) is null,
                    WhyNotOnTensorCores(TensorCores.WhyNotUpdate, batchSize) is null, progress, cancellationToken);
            float[] losses = _queue.Download(activations.Losses);
            return new EpochStatistics(losses.Average(loss => (double)loss), _queue.Download(activations.Hits)[0]);
        });
    }

    /// <inheritdoc/>
    public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default) =>
        OnDevice("predicting", () =>
        {
            Network network = Network.Views;
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

    /// <summary>Frees the accelerator and its memory as far as the driver allows; never throws.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _images = null;
        _network = null;
        _velocity = null;
        _activations = null;
        _order = default;
        _oneLaunch?.Dispose();
        _distortion?.Dispose();
        _epochBuffers.Dispose();
        _networkBuffers.Dispose();
        _imageBuffers.Dispose();
        if (_first is not null)
        {
            DeviceBuffers.Free(_queue.Stream);
            return;
        }
        DeviceBuffers.Free(_accelerator);
        DeviceBuffers.Free(_context);
    }

    /// <summary>Uploads the order, sets hits to 0 and allocates what the steps compute.</summary>
    private Activations PrepareEpoch(ReadOnlySpan<int> order, int batchSize)
    {
        int hidden = Network.Views.Hidden;
        var shape = (order.Length, batchSize, hidden);
        if (_activations is null || shape != _epochShape)
        {
            if ((long)batchSize * hidden > int.MaxValue)
                throw new ArgumentException(
                    $"a batch of {batchSize} images is too large for {hidden} hidden units; use a smaller one");
            _activations = null;
            _epochBuffers.Dispose();
            _order = _epochBuffers.Allocate<int>(order.Length);
            _activations = new Activations(
                _epochBuffers.AllocateMatrix(batchSize, hidden),
                _epochBuffers.AllocateMatrix(batchSize, Outputs),
                _epochBuffers.AllocateMatrix(batchSize, hidden),
                _epochBuffers.Allocate<float>(order.Length),
                _epochBuffers.Allocate<int>(1));
            _epochShape = shape;
            _threeLaunches = new ThreeLaunchSteps(_queue, Clock);
        }
        _queue.Upload(order, _order);
        _queue.Upload([0], _activations.Value.Hits);
        return _activations.Value;
    }

    /// <summary>Trains the epoch in one launch if that is possible; says once which way is taken, and why.</summary>
    private bool TryOneLaunch(
        Images images, int batchSize, Descent descent, Activations activations,
        IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
    {
        Network network = Network.Views;
        string? whyNot = _oneLaunch is null
            ? "only CUDA guarantees that all groups of a launch make progress at the same time"
            : _oneLaunch.WhyNot(network.Hidden, Math.Min(batchSize, _order.IntLength));
        string choice = whyNot is null ? "an epoch is one launch"
            : $"a step is three launches: {whyNot}; {TensorCoreChoice(batchSize)}";
        if (choice != _choice)
            Explain?.Invoke($"{Device}: {choice}");
        _choice = choice;
        if (whyNot is not null)
            return false;
        if (_oneLaunch!.TryTrain(
            images, _order, batchSize, descent, network, Velocity, activations, progress, cancellationToken))
            return true;
        Warn?.Invoke($"{Device} ({_accelerator.Name}): the groups of a launch did not meet; a step is three launches from now on");
        _oneLaunch.Dispose();
        _oneLaunch = null;
        return false;
    }

    /// <summary>What part of a step runs on tensor cores, and why not all of it does.</summary>
    private string TensorCoreChoice(int batchSize)
    {
        string? whyNotHidden = WhyNotOnTensorCores(TensorCores.WhyNotHiddenLayer, batchSize);
        string? whyNotUpdate = WhyNotOnTensorCores(TensorCores.WhyNotUpdate, batchSize);
        if (whyNotUpdate is not null)
            return $"tensor cores are not used: {whyNotUpdate}";
        return whyNotHidden is null
            ? $"the hidden layer and the update are on tensor cores, for {batchSize} images × {Network.Views.Hidden} units"
            : $"the update is on tensor cores; the hidden layer is not: {whyNotHidden}";
    }

    private string? WhyNotOnTensorCores(Func<(int Major, int Minor)?, int, int, string?> whyNot, int batchSize) => _isTuned
        ? whyNot(TensorCores.Capability(_accelerator), Math.Min(batchSize, _order.IntLength), Network.Views.Hidden)
        : "these are the naive kernels";

    /// <summary>Calls a driver, and names the device if that fails.</summary>
    /// <param name="work">What is being done, for the message.</param>
    /// <param name="call">The call.</param>
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
            throw new DeviceException($"{Device} ({_accelerator.Name})", $"failed in {work}", exception, LessFor(work));
        }
    }

    /// <summary>How some work could need less memory.</summary>
    private static string LessFor(string work) => work switch
    {
        Uploading => "train on fewer images with --limit",
        Distorting => "leave out --augment, train on fewer images with --limit",
        Training => "use a smaller --batch-size or fewer hidden units",
        _ => "use fewer hidden units",
    };

    private void OnDevice(string work, Action call) => OnDevice(work, () =>
    {
        call();
        return true;
    });
}
