using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Network;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Memory;
using MnistGpu.Gpu.Verification;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Measurement;

/// <summary>
/// Times the kernels of a training step on an accelerator, at the shapes of a training with the default settings and at
/// larger ones; and the most that the accelerator can do.
/// </summary>
public sealed class KernelMeasurement
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    private readonly Accelerator _accelerator;
    private readonly bool[] _versions;
    private readonly (int Images, int Units)[] _shapes;
    private readonly int _copiedFloats;
    private readonly (int Threads, int Steps) _multiplyAdd;
    private readonly LaunchTimer _timer;

    /// <summary>Prepares to measure.</summary>
    /// <param name="engine">The accelerator's engine.</param>
    /// <param name="isGpu">
    /// Whether the device is a GPU. The large shapes are large enough to fill one; a CPU would take minutes, and gets smaller
    /// ones.
    /// </param>
    /// <param name="cancellationToken">Checked between samples.</param>
    public KernelMeasurement(AcceleratorEngine engine, bool isGpu, CancellationToken cancellationToken)
        : this(
            engine.Accelerator,
            DeviceQueue.SuitsTuned(engine.Accelerator) ? [false, true] : [false],
            // On a GPU, also the sizes from which tensor cores are used: measurements there decide on the table in TensorCores.
            isGpu ? [(64, 100), (64, 400), (256, 784), (1024, 1024)] : [(64, 100), (256, 256)],
            copiedFloats: 1 << 24,
            isGpu ? (1 << 20, 256) : (1 << 16, 32),
            new LaunchTimer(engine.Accelerator, cancellationToken))
    {
    }

    /// <summary>Prepares to measure at chosen shapes.</summary>
    /// <param name="accelerator">Where the kernels run.</param>
    /// <param name="versions">False for the naive version of each kernel, true for the tuned one.</param>
    /// <param name="shapes">Images per batch, and hidden units.</param>
    /// <param name="copiedFloats">The work of <see cref="CeilingKernels.Copy"/>.</param>
    /// <param name="multiplyAdd">The work of <see cref="CeilingKernels.MultiplyAdd"/>.</param>
    /// <param name="timer">Times them.</param>
    internal KernelMeasurement(
        Accelerator accelerator, bool[] versions, (int Images, int Units)[] shapes,
        int copiedFloats, (int Threads, int Steps) multiplyAdd, LaunchTimer timer)
    {
        _accelerator = accelerator;
        _versions = versions;
        _shapes = shapes;
        _copiedFloats = copiedFloats;
        _multiplyAdd = multiplyAdd;
        _timer = timer;
    }

    /// <summary>Whether the tuned kernels are measured: groups must be large enough for them.</summary>
    public bool IncludesTuned => _versions.Contains(true);

    /// <summary>On ILGPU's CPU accelerator the threads of a group are operating-system threads; a single one is fastest.</summary>
    private int GroupSize => _accelerator.AcceleratorType == AcceleratorType.CPU ? 1 : 256;

    /// <summary>Times a kernel that copies 64 MB, more than fits in a cache: how fast memory can be.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public KernelTiming Copy()
    {
        using var buffers = new DeviceBuffers(_accelerator);
        ArrayView<float> source = buffers.Allocate<float>(_copiedFloats);
        ArrayView<float> target = buffers.Allocate<float>(_copiedFloats);
        var copy = CeilingKernels.Copy;
        var kernel = _accelerator.LoadImplicitlyGroupedStreamKernel(copy, GroupSize);
        return new KernelTiming(
            nameof(CeilingKernels.Copy), "", $"{_copiedFloats:N0} floats", 0, Floats(2.0 * _copiedFloats),
            _timer.Time(() => kernel(_copiedFloats, source, target))[0]);
    }

    /// <summary>Times a kernel that multiplies and adds in registers: how fast arithmetic can be.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public KernelTiming MultiplyAdd() => MultiplyAdd(_multiplyAdd.Threads, _multiplyAdd.Steps);

    /// <summary>Times a kernel of one thread with nothing to multiply: how fast launches follow each other.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public KernelTiming Launch() => MultiplyAdd(threads: 1, steps: 0);

    private KernelTiming MultiplyAdd(int threads, int steps)
    {
        using var buffers = new DeviceBuffers(_accelerator);
        ArrayView<float> result = buffers.Allocate<float>(threads * CeilingKernels.Chains);
        var multiplyAdd = CeilingKernels.MultiplyAdd;
        var kernel = _accelerator.LoadImplicitlyGroupedStreamKernel(multiplyAdd, GroupSize);
        return new KernelTiming(
            nameof(CeilingKernels.MultiplyAdd), "", $"{threads:N0} threads, {steps} steps",
            2.0 * CeilingKernels.Chains * steps * threads, Floats((double)threads * CeilingKernels.Chains),
            _timer.Time(() => kernel(threads, result, 0.999f, 0.001f, steps))[0]);
    }

    /// <summary>Times the kernels of a step, and of a prediction.</summary>
    /// <returns>The timings, each as soon as it is done.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<KernelTiming> Kernels()
    {
        foreach ((int images, int units) in _shapes)
            foreach (KernelTiming timing in Step(images, units))
                yield return timing;
    }

    private IEnumerable<KernelTiming> Step(int images, int hidden)
    {
        DeviceQueue[] queues = [.. _versions.Select(tuned => new DeviceQueue(_accelerator, tuned))];
        using var step = new RandomStep(_accelerator, queues[0], images, hidden);
        Network network = step.Network.Views;
        Activations a = step.Activations;
        double lit = step.Chosen.Sum(i => Inputs - step.Pixels.AsSpan(i * Inputs, Inputs).Count((byte)0));
        double units = (double)images * hidden;
        double outputs = (double)images * Outputs;
        double outputLayer = (hidden + 1.0) * Outputs;
        double weights = (Inputs + 1.0) * hidden + outputLayer;
        // A lit pixel takes 4 bytes in the list.
        foreach (KernelTiming timing in Versions(
            "HiddenLayer", 2 * lit * hidden,
            4 * lit + Floats(2.0 * images + (Inputs + 1.0) * hidden + units),
            queue => queue.LaunchHiddenLayer(step.Images, step.Batch, network, a.H),
            queue => queue.LaunchHiddenLayerOnTensorCores(step.Images, step.Batch, network, a.H)))
            yield return timing;
        foreach (KernelTiming timing in Versions(
            "OutputLayer", 2 * units * Outputs,
            Floats(units + outputLayer + outputs),
            queue => queue.LaunchOutputLayer(a.H, network, step.Output)))
            yield return timing;
        // The labels are bytes. h is read and δh written; δo and the losses are written.
        foreach (KernelTiming timing in Versions(
            "OutputLayerAndDeltas", 4 * units * Outputs,
            images + Floats(2 * units + outputLayer + outputs + 2.0 * images),
            queue => queue.LaunchOutputLayerAndDeltas(step.Images.Labels, step.Batch, network, a)))
            yield return timing;
        // With a learning rate of 0, which is the same work, and the weights stay finite. They are read and written.
        var noRates = new StepRates(Hidden: 0, Output: 0, Momentum: 0, Velocity: network);
        foreach (KernelTiming timing in Versions(
            "ParameterUpdate", 2 * lit * hidden + 2 * units * Outputs + units + outputs + 2 * weights,
            (double)images * Inputs + Floats(images + 2 * units + outputs + 2 * weights),
            queue => queue.LaunchParameterUpdate(step.Images, step.Batch, a, network, noRates),
            queue => queue.LaunchParameterUpdateOnTensorCores(step.Images, step.Batch, a, network, noRates)))
            yield return timing;

        IEnumerable<KernelTiming> Versions(
            string kernel, double operations, double bytes, Action<DeviceQueue> launch,
            Action<DeviceQueue>? launchOnTensorCores = null)
        {
            List<string> versions = [.. _versions.Select(tuned => tuned ? "tuned" : "naive")];
            List<Action> launches = [.. queues.Select(queue => (Action)(() => launch(queue)))];
            if (launchOnTensorCores is not null && IncludesTuned && TensorCores.CanRun(_accelerator))
            {
                versions.Add("tensor cores");
                launches.Add(() => launchOnTensorCores(queues[0]));
            }
            return _timer.Time([.. launches]).Zip(versions, (samples, version) => new KernelTiming(
                kernel, version, $"B {images}, H {hidden}", operations, bytes, samples));
        }
    }

    private static double Floats(double count) => sizeof(float) * count;
}
