using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Kernels;
using MnistGpu.Kernels.Training;
using MnistGpu.Kernels.Training.TensorCores;

namespace MnistGpu.Gpu.Engine;

/// <summary>
/// A queue of an accelerator. Every launch and every wait goes through here and is counted. A launch returns at once (on ILGPU's
/// CPU accelerator: when it is done) and runs after everything launched before it through the same queue. A queue is used by
/// one thread at a time; if an accelerator has several, their threads take turns at calling ILGPU, but not at waiting.
/// </summary>
internal sealed class DeviceQueue
{
    private readonly Accelerator _accelerator;
    private readonly Action<Images, Batch, Network, Matrix> _hiddenLayer;
    private readonly Action<ArrayView<byte>, Batch, Network, Activations> _outputLayerAndDeltas;
    private readonly Action<Images, Batch, Activations, Network, StepRates> _parameterUpdate;
    private readonly Action<Matrix, Network, Matrix> _outputLayer;
    private Action<AcceleratorStream, KernelConfig, Images, Batch, Network, Matrix>? _hiddenLayerOnTensorCores;
    private Action<AcceleratorStream, KernelConfig, Images, Batch, Activations, Network, StepRates>? _updateOnTensorCores;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="accelerator">Where they run.</param>
    /// <param name="tuned">Whether to use the tuned versions; the accelerator must be able to run them.</param>
    /// <param name="stream">The stream to launch in; null for the accelerator's default stream.</param>
    public DeviceQueue(Accelerator accelerator, bool tuned, AcceleratorStream? stream = null)
    {
        _accelerator = accelerator;
        IsTuned = tuned;
        Stream = stream ?? accelerator.DefaultStream;
        if (tuned)
        {
            var hiddenLayer = accelerator.LoadKernel<Images, Batch, Network, Matrix>(HiddenLayer.Tuned);
            var deltas = accelerator.LoadKernel<ArrayView<byte>, Batch, Network, Activations>(OutputLayerAndDeltas.Tuned);
            var update = accelerator.LoadKernel<Images, Batch, Activations, Network, StepRates>(ParameterUpdate.Tuned);
            var outputLayer = accelerator.LoadKernel<Matrix, Network, Matrix>(OutputLayer.Tuned);
            _hiddenLayer = (images, batch, network, h) =>
                hiddenLayer(Stream, HiddenLayer.Launch(batch.Count, network.Hidden), images, batch, network, h);
            _outputLayerAndDeltas = (labels, batch, network, a) =>
                deltas(Stream, OutputLayerAndDeltas.Launch(batch.Count), labels, batch, network, a);
            _parameterUpdate = (images, batch, a, network, rates) =>
                update(Stream, ParameterUpdate.Launch(network.Hidden), images, batch, a, network, rates);
            _outputLayer = (h, network, o) => outputLayer(Stream, OutputLayer.Launch(h.IntExtent.X), h, network, o);
        }
        else
        {
            // On ILGPU's CPU accelerator the threads of a group are operating-system threads, which wait for each other
            // after every index. A single one has none to wait for: a step of one image takes 7 ms instead of 100.
            int groupSize = accelerator.AcceleratorType == AcceleratorType.CPU ? 1 : 64;
            var hiddenLayer = accelerator.LoadImplicitlyGroupedKernel<Index1D, Images, Batch, Network, Matrix>(
                HiddenLayer.Naive, groupSize);
            var deltas = accelerator.LoadImplicitlyGroupedKernel<Index1D, ArrayView<byte>, Batch, Network, Activations>(
                OutputLayerAndDeltas.Naive, groupSize);
            var update = accelerator.LoadImplicitlyGroupedKernel<Index1D, Images, Batch, Activations, Network, StepRates>(
                ParameterUpdate.Naive, groupSize);
            var outputLayer = accelerator.LoadImplicitlyGroupedKernel<Index1D, Matrix, Network, Matrix>(
                OutputLayer.Naive, groupSize);
            _hiddenLayer = (images, batch, network, h) =>
                hiddenLayer(Stream, batch.Count * network.Hidden, images, batch, network, h);
            _outputLayerAndDeltas = (labels, batch, network, a) => deltas(Stream, batch.Count, labels, batch, network, a);
            _parameterUpdate = (images, batch, a, network, rates) =>
                update(Stream, ParameterUpdate.NaiveLaunch(network.Hidden), images, batch, a, network, rates);
            _outputLayer = (h, network, o) => outputLayer(Stream, h.IntExtent.X * Mnist.Outputs, h, network, o);
        }
    }

    /// <summary>Whether it launches the tuned versions of the kernels, rather than the naive ones.</summary>
    public bool IsTuned { get; }

    /// <summary>The stream of all launches.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>Kernels launched so far.</summary>
    public int Launches { get; private set; }

    /// <summary>How often the host has waited for the accelerator so far; every copy between the two is a wait.</summary>
    public int Synchronizations { get; private set; }

    /// <summary>
    /// How long the host was busy launching kernels so far; on ILGPU's CPU accelerator the kernels ran in that time.
    /// </summary>
    public TimeSpan LaunchTime { get; private set; }

    /// <summary>Bytes copied to the accelerator so far.</summary>
    public long BytesUploaded { get; private set; }

    /// <summary>
    /// Whether the tuned kernels suit an accelerator: not ILGPU's CPU accelerator, where each thread of a group is an
    /// operating-system thread, and slow at a barrier.
    /// </summary>
    public static bool SuitsTuned(Accelerator accelerator) =>
        accelerator.AcceleratorType != AcceleratorType.CPU && accelerator.MaxNumThreadsPerGroup >= HiddenLayer.GroupSize;

    /// <summary>Launches h = σ(X·W1 + b1) for the images of a batch.</summary>
    public void LaunchHiddenLayer(Images images, Batch batch, Network network, Matrix h) =>
        Launch(() => _hiddenLayer(images, batch, network, h));

    /// <summary>
    /// The same on tensor cores, if <see cref="TensorCores.CanRun"/>. The kernel is compiled on first use: most trainings are too
    /// small for it.
    /// </summary>
    public void LaunchHiddenLayerOnTensorCores(Images images, Batch batch, Network network, Matrix h)
    {
        lock (_accelerator)
            _hiddenLayerOnTensorCores ??= _accelerator.LoadKernel<Images, Batch, Network, Matrix>(
                HiddenLayerOnTensorCores.Kernel);
        Launch(() => _hiddenLayerOnTensorCores(
            Stream, HiddenLayerOnTensorCores.Launch(batch.Count, network.Hidden), images, batch, network, h));
    }

    /// <summary>Launches the output layer and the deltas of both layers; loss and hits go to the activations too.</summary>
    public void LaunchOutputLayerAndDeltas(
        ArrayView<byte> labels, Batch batch, Network network, Activations activations) =>
        Launch(() => _outputLayerAndDeltas(labels, batch, network, activations));

    /// <summary>Launches the gradient step on all parameters.</summary>
    public void LaunchParameterUpdate(
        Images images, Batch batch, Activations activations, Network network, StepRates rates) =>
        Launch(() => _parameterUpdate(images, batch, activations, network, rates));

    /// <summary>The same on tensor cores: see <see cref="LaunchHiddenLayerOnTensorCores"/>.</summary>
    public void LaunchParameterUpdateOnTensorCores(
        Images images, Batch batch, Activations activations, Network network, StepRates rates)
    {
        lock (_accelerator)
            _updateOnTensorCores ??= _accelerator.LoadKernel<Images, Batch, Activations, Network, StepRates>(
                ParameterUpdateOnTensorCores.Kernel);
        Launch(() => _updateOnTensorCores(
            Stream, ParameterUpdateOnTensorCores.Launch(network.Hidden), images, batch, activations, network, rates));
    }

    /// <summary>Launches o = σ(h·W2 + b2) for some images.</summary>
    public void LaunchOutputLayer(Matrix h, Network network, Matrix o) => Launch(() => _outputLayer(h, network, o));

    /// <summary>Launches any other kernel, and counts it.</summary>
    public void Launch(Action launch)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_accelerator)
            launch();
        Launches++;
        LaunchTime += Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Waits until everything launched so far is done.</summary>
    public void Synchronize()
    {
        Synchronizations++;
        Stream.Synchronize();
    }

    /// <summary>Copies within the accelerator's memory, without waiting.</summary>
    public void Copy<T>(ArrayView<T> source, ArrayView<T> target)
        where T : unmanaged
    {
        lock (_accelerator)
            source.CopyTo(Stream, target);
    }

    /// <summary>Copies to the accelerator, as many elements as the source has.</summary>
    /// <remarks>
    /// The source stays pinned until the copy is done: ILGPU takes its address and, on OpenCL, only queues the copy. If the
    /// garbage collector moved the array meanwhile, the copy would read from its old place.
    /// </remarks>
    public unsafe void Upload<T>(ReadOnlySpan<T> source, ArrayView<T> target)
        where T : unmanaged
    {
        BytesUploaded += (long)source.Length * sizeof(T);
        ArrayView1D<T, Stride1D.Dense> dense = target;
        fixed (T* pinned = source)
        {
            lock (_accelerator)
                dense.CopyFromCPU(Stream, ref *pinned, source.Length);
            Synchronize();
        }
    }

    /// <summary>Copies from the accelerator, after everything launched so far is done.</summary>
    /// <remarks>The array stays pinned until the copy is done, as in <see cref="Upload"/>.</remarks>
    public unsafe T[] Download<T>(ArrayView<T> source)
        where T : unmanaged
    {
        var target = new T[source.Length];
        // Copying to pageable memory waits for the queue, which must not keep other queues' threads waiting.
        Stream.Synchronize();
        ArrayView1D<T, Stride1D.Dense> dense = source;
        fixed (T* pinned = target)
        {
            lock (_accelerator)
                dense.CopyToCPU(Stream, ref *pinned, target.Length);
            Synchronize();
        }
        return target;
    }
}
