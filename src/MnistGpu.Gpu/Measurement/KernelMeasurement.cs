using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Network;
using MnistGpu.Gpu.Verification;

namespace MnistGpu.Gpu.Measurement;

/// <summary>
/// Times every kernel on an accelerator, at the shapes of a training with the default settings and at larger ones. A
/// sample is as many launches one after the other as last some milliseconds, and then waiting until they are done: the
/// time of a launch is that divided by their number. The versions of a kernel are timed in turn.
/// </summary>
public sealed class KernelMeasurement
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    /// <summary>What a sample lasts at least, so that the clock and the waiting at its end weigh little.</summary>
    private static readonly TimeSpan s_sample = TimeSpan.FromMilliseconds(10);

    private readonly Accelerator _accelerator;
    private readonly bool[] _versions;
    private readonly (int Images, int Units)[] _shapes;
    private readonly int _copiedFloats;
    private readonly (int Threads, int Steps) _multiplyAdd;
    private readonly int _samples;
    private readonly TimeSpan _warmUp;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Prepares to measure.</summary>
    /// <param name="engine">Of the accelerator.</param>
    /// <param name="isGpu">
    /// Whether the device is a graphics processor. The large shapes are large enough to fill one; a CPU would take
    /// minutes, and gets smaller ones.
    /// </param>
    /// <param name="cancellationToken">Looked at between samples.</param>
    public KernelMeasurement(AcceleratorEngine engine, bool isGpu, CancellationToken cancellationToken)
        : this(
            engine.Accelerator,
            DeviceQueue.SuitsTuned(engine.Accelerator) ? [false, true] : [false],
            [(64, 100), isGpu ? (1024, 1024) : (256, 256)],
            copiedFloats: 1 << 24,
            isGpu ? (1 << 20, 256) : (1 << 16, 32),
            samples: 9,
            // On ILGPU's CPU accelerator a kernel is .NET code, which the JIT optimises once it has run for a while.
            warmUp: engine.Accelerator.AcceleratorType == AcceleratorType.CPU ? TimeSpan.FromSeconds(0.3) : default,
            cancellationToken)
    {
    }

    /// <summary>Prepares to measure at chosen shapes.</summary>
    /// <param name="accelerator">Where the kernels run.</param>
    /// <param name="versions">False is the naive version of each kernel, true the tuned one.</param>
    /// <param name="shapes">Images a batch and hidden units.</param>
    /// <param name="copiedFloats">The work of <see cref="CeilingKernels.Copy"/>.</param>
    /// <param name="multiplyAdd">The work of <see cref="CeilingKernels.MultiplyAdd"/>.</param>
    /// <param name="samples">Samples of each version of a kernel.</param>
    /// <param name="warmUp">How long each runs before, at least.</param>
    /// <param name="cancellationToken">Looked at between samples.</param>
    internal KernelMeasurement(
        Accelerator accelerator, bool[] versions, (int Images, int Units)[] shapes,
        int copiedFloats, (int Threads, int Steps) multiplyAdd, int samples, TimeSpan warmUp,
        CancellationToken cancellationToken)
    {
        _accelerator = accelerator;
        _versions = versions;
        _shapes = shapes;
        _copiedFloats = copiedFloats;
        _multiplyAdd = multiplyAdd;
        _samples = samples;
        _warmUp = warmUp;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Whether the tuned kernels are measured: groups must be large enough for them.</summary>
    public bool IncludesTuned => _versions.Contains(true);

    /// <summary>Times a kernel that copies 64 MB, more than a cache holds: how fast memory can be.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public KernelTiming Copy()
    {
        using var buffers = new DeviceBuffers(_accelerator);
        ArrayView<float> source = buffers.Allocate<float>(_copiedFloats);
        ArrayView<float> target = buffers.Allocate<float>(_copiedFloats);
        var copy = CeilingKernels.Copy;
        var kernel = DeviceQueue.InGroupsOfOne(_accelerator)
            ? _accelerator.LoadImplicitlyGroupedStreamKernel(copy, 1)
            : _accelerator.LoadAutoGroupedStreamKernel(copy);
        return new KernelTiming(
            nameof(CeilingKernels.Copy), "", $"{_copiedFloats:N0} floats", 0, Floats(2.0 * _copiedFloats),
            Time([() => kernel(_copiedFloats, source, target)])[0]);
    }

    /// <summary>Times a kernel that multiplies and adds in registers: how fast arithmetic can be.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public KernelTiming MultiplyAdd()
    {
        using var buffers = new DeviceBuffers(_accelerator);
        (int threads, int steps) = _multiplyAdd;
        ArrayView<float> result = buffers.Allocate<float>(threads * CeilingKernels.Chains);
        var multiplyAdd = CeilingKernels.MultiplyAdd;
        var kernel = DeviceQueue.InGroupsOfOne(_accelerator)
            ? _accelerator.LoadImplicitlyGroupedStreamKernel(multiplyAdd, 1)
            : _accelerator.LoadAutoGroupedStreamKernel(multiplyAdd);
        return new KernelTiming(
            nameof(CeilingKernels.MultiplyAdd), "", $"{threads:N0} threads, {steps} steps",
            2.0 * CeilingKernels.Chains * steps * threads, Floats((double)threads * CeilingKernels.Chains),
            Time([() => kernel(threads, result, 0.999f, 0.001f, steps)])[0]);
    }

    /// <summary>Times the kernels of a step, of a prediction, and those for matrices.</summary>
    /// <returns>The timings, each as soon as it is made.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<KernelTiming> Kernels()
    {
        foreach ((int images, int units) in _shapes)
        {
            foreach (KernelTiming timing in Step(images, units))
                yield return timing;
            foreach (KernelTiming timing in Matrices(images, units))
                yield return timing;
        }
    }

    private IEnumerable<KernelTiming> Step(int images, int units)
    {
        using var buffers = new DeviceBuffers(_accelerator);
        var random = new Random(1);
        byte[] pixels = RandomData.Pixels(random, images * Inputs);
        double lit = pixels.Length - pixels.AsSpan().Count((byte)0);
        NetworkParameters parameters = GlorotInitializer.Draw(units, seed: 1);
        DeviceQueue[] queues = [.. _versions.Select(tuned => new DeviceQueue(_accelerator, tuned))];

        var deviceImages = new DeviceImages(Upload(pixels), Upload(new byte[images]));
        var network = new DeviceNetwork(buffers, units);
        network.Upload(queues[0], parameters);
        var activations = new DeviceActivations(
            buffers.Allocate<float>((long)images * network.Units), buffers.Allocate<float>((long)images * network.Units),
            buffers.Allocate<float>(images * Outputs), buffers.Allocate<float>(images), Upload(new int[1]));
        ArrayView<float> outputs = buffers.Allocate<float>(images * Outputs);
        var batch = new DeviceBatch(Upload(Enumerable.Range(0, images).ToArray()), 0, images);

        double hidden = (double)images * units;
        double output = (double)images * Outputs;
        double outputLayer = (units + 1.0) * Outputs;
        double weights = (Inputs + 1.0) * units + outputLayer;
        foreach (KernelTiming timing in Versions(
            "HiddenLayer", 2 * lit * units,
            pixels.Length + Floats(images + (Inputs + 1.0) * units + hidden),
            queue => queue.HiddenLayer(deviceImages.Pixels, batch, network, activations.Hidden)))
            yield return timing;
        foreach (KernelTiming timing in Versions(
            "OutputLayer", 2 * hidden * Outputs,
            Floats(hidden + outputLayer + output),
            queue => queue.OutputLayer(activations.Hidden, images, network, outputs)))
            yield return timing;
        // The labels are bytes. h is read and δh written; δo and the losses are written.
        foreach (KernelTiming timing in Versions(
            "OutputLayerAndDeltas", 4 * hidden * Outputs,
            images + Floats(2 * hidden + outputLayer + output + 2.0 * images),
            queue => queue.OutputLayerAndDeltas(deviceImages.Labels, batch, network, activations)))
            yield return timing;
        // With a learning rate of 0: the same work, and the weights stay finite. They are read and written.
        foreach (KernelTiming timing in Versions(
            "ParameterUpdate", 2 * lit * units + 2 * hidden * Outputs + hidden + output + 2 * weights,
            pixels.Length + Floats(images + 2 * hidden + output + 2 * weights),
            queue => queue.ParameterUpdate(deviceImages.Pixels, batch, network, activations, learningRate: 0)))
            yield return timing;

        KernelTiming[] Versions(string kernel, double operations, double bytes, Action<DeviceQueue> launch) =>
            Timings(
                kernel, Shape(images, units), operations, bytes,
                [.. queues.Select(queue => (Action)(() => launch(queue)))]);

        ArrayView<T> Upload<T>(T[] values)
            where T : unmanaged
        {
            ArrayView<T> view = buffers.Allocate<T>(values.Length);
            queues[0].Upload<T>(values, view);
            return view;
        }
    }

    private IEnumerable<KernelTiming> Matrices(int images, int units)
    {
        using var buffers = new DeviceBuffers(_accelerator);
        string shape = Shape(images, units);
        MatrixKernels[] kernels = [.. _versions.Select(tuned => new MatrixKernels(_accelerator, tuned))];
        // Each of the three matrices of the layer is once A, once B and once C.
        int largest = Math.Max(Math.Max(images * Inputs, Inputs * units), images * units);
        ArrayView<float> a = Random(largest);
        ArrayView<float> b = Random(largest);
        ArrayView<float> c = buffers.Allocate<float>(largest);
        foreach (MatrixProduct product in MatrixProduct.OfLayer(images, Inputs, units))
        {
            (double rows, double depth, double columns) = (product.Rows, product.Depth, product.Columns);
            foreach (KernelTiming timing in Timings(
                $"MatrixMultiply {product.Name}", shape, 2 * rows * depth * columns,
                Floats(rows * depth + depth * columns + rows * columns),
                [.. kernels.Select(kernel => (Action)(() => kernel.Multiply(a, b, c, product)))]))
                yield return timing;
        }
        int length = images * units;
        foreach (KernelTiming timing in Timings(
            "Sigmoid", shape, 4.0 * length, Floats(2.0 * length),
            [.. kernels.Select(kernel => (Action)(() => kernel.Sigmoid(a, c, length)))]))
            yield return timing;

        ArrayView<float> Random(int length)
        {
            MemoryBuffer1D<float, Stride1D.Dense> buffer =
                _accelerator.Allocate1D(RandomData.Floats(new Random(1), length, 1));
            buffers.Add(buffer);
            return buffer.View;
        }
    }

    private KernelTiming[] Timings(
        string kernel, string shape, double operations, double bytes, Action[] launches)
    {
        List<double>[] seconds = Time(launches);
        return
        [
            .. seconds.Select((samples, version) => new KernelTiming(
                kernel, _versions[version] ? "tuned" : "naive", shape, operations, bytes, samples)),
        ];
    }

    private static string Shape(int images, int units) => $"B {images}, H {units}";

    private static double Floats(double count) => sizeof(float) * count;

    /// <summary>Takes samples of some launches in turn.</summary>
    /// <returns>For each of them, the seconds a launch of each sample.</returns>
    private List<double>[] Time(Action[] launches)
    {
        int[] counts = [.. launches.Select(LaunchesPerSample)];
        List<double>[] seconds = [.. launches.Select(_ => new List<double>())];
        for (int sample = 0; sample < _samples; sample++)
            for (int i = 0; i < launches.Length; i++)
                seconds[i].Add(TimeSample(launches[i], counts[i]).TotalSeconds / counts[i]);
        return seconds;
    }

    /// <summary>How many launches last long enough. Trying that also warms up.</summary>
    private int LaunchesPerSample(Action launch)
    {
        // Drivers finish a kernel's compilation at its first launch.
        long start = Stopwatch.GetTimestamp();
        do
            TimeSample(launch, 1);
        while (Stopwatch.GetElapsedTime(start) < _warmUp);
        int count = 1;
        while (TimeSample(launch, count) is TimeSpan time && time < s_sample)
            count = (int)Math.Min(count * 10L, Math.Ceiling(1.2 * count * s_sample.Ticks / Math.Max(1, time.Ticks)));
        return count;
    }

    private TimeSpan TimeSample(Action launch, int count)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            launch();
        _accelerator.Synchronize();
        return Stopwatch.GetElapsedTime(start);
    }
}
