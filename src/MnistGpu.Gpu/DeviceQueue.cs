using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Network;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu;

/// <summary>
/// An accelerator's queue. Everything that is launched and everything that waits for the accelerator goes through here
/// and is counted. A launch returns at once (on ILGPU's CPU accelerator: when it is done) and runs after all that was
/// launched before it.
/// </summary>
internal sealed class DeviceQueue
{
    private readonly Accelerator _accelerator;
    private readonly Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, ArrayView<float>> _hiddenLayer;
    private readonly Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, DeviceActivations> _outputLayerAndDeltas;
    private readonly Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, DeviceActivations, float> _parameterUpdate;
    private readonly Action<ArrayView<float>, int, DeviceNetwork, ArrayView<float>> _outputLayer;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="accelerator">Where they run.</param>
    /// <param name="tuned">Whether to take the tuned versions; the accelerator must be able to run them.</param>
    public DeviceQueue(Accelerator accelerator, bool tuned)
    {
        _accelerator = accelerator;
        _hiddenLayer = tuned ? LoadTunedHiddenLayer() : LoadNaiveHiddenLayer();
        _outputLayerAndDeltas = tuned ? LoadTunedOutputLayerAndDeltas() : LoadNaiveOutputLayerAndDeltas();
        _parameterUpdate = tuned ? LoadTunedParameterUpdate() : LoadNaiveParameterUpdate();
        _outputLayer = tuned ? LoadTunedOutputLayer() : LoadNaiveOutputLayer();
    }

    /// <summary>Kernels launched so far.</summary>
    public int Launches { get; private set; }

    /// <summary>How often the host has waited for the accelerator so far; every copy between the two waits.</summary>
    public int Synchronizations { get; private set; }

    /// <summary>
    /// How long the host was busy launching kernels so far; on ILGPU's CPU accelerator the kernels ran in that time.
    /// </summary>
    public TimeSpan LaunchTime { get; private set; }

    /// <summary>Bytes copied to the accelerator so far.</summary>
    public long BytesUploaded { get; private set; }

    /// <summary>
    /// Whether the tuned kernels are the right ones for an accelerator. ILGPU's CPU accelerator can run them when its
    /// groups are large enough; but each thread of a group is an operating-system thread there, and slow at a barrier.
    /// </summary>
    public static bool SuitsTuned(Accelerator accelerator) =>
        accelerator.AcceleratorType != AcceleratorType.CPU
        && accelerator.MaxNumThreadsPerGroup >= Kernels.HiddenLayer.MaxGroupSize
        && accelerator.MaxSharedMemoryPerGroup >= Kernels.HiddenLayer.SharedBytes;

    /// <summary>
    /// Whether an accelerator is to run the naive kernels in groups of one thread. The threads of a group on
    /// ILGPU's CPU accelerator are operating-system threads, which wait for each other after every index. One thread
    /// has none to wait for: a step of one image then takes 7 ms instead of 100.
    /// </summary>
    public static bool InGroupsOfOne(Accelerator accelerator) => accelerator.AcceleratorType == AcceleratorType.CPU;

    /// <summary>Launches h = σ(X·W1 + b1) for the images of a batch; h is B×H.</summary>
    public void HiddenLayer(
        ArrayView<byte> pixels, DeviceBatch batch, DeviceNetwork network, ArrayView<float> hidden)
    {
        long start = Stopwatch.GetTimestamp();
        _hiddenLayer(pixels, batch, network, hidden);
        CountLaunch(start);
    }

    /// <summary>
    /// Launches the output layer and the deltas of both layers; loss and hits go to the activations too.
    /// </summary>
    public void OutputLayerAndDeltas(
        ArrayView<byte> labels, DeviceBatch batch, DeviceNetwork network, DeviceActivations activations)
    {
        long start = Stopwatch.GetTimestamp();
        _outputLayerAndDeltas(labels, batch, network, activations);
        CountLaunch(start);
    }

    /// <summary>Launches the gradient step on all parameters.</summary>
    public void ParameterUpdate(
        ArrayView<byte> pixels, DeviceBatch batch, DeviceNetwork network, DeviceActivations activations,
        float learningRate)
    {
        long start = Stopwatch.GetTimestamp();
        _parameterUpdate(pixels, batch, network, activations, learningRate);
        CountLaunch(start);
    }

    /// <summary>Launches o = σ(h·W2 + b2) for some images; o is images×10.</summary>
    public void OutputLayer(ArrayView<float> hidden, int images, DeviceNetwork network, ArrayView<float> outputs)
    {
        long start = Stopwatch.GetTimestamp();
        _outputLayer(hidden, images, network, outputs);
        CountLaunch(start);
    }

    /// <summary>Waits until all that was launched is done.</summary>
    public void Synchronize()
    {
        Synchronizations++;
        _accelerator.Synchronize();
    }

    /// <summary>Copies to the accelerator, as many elements as the source has.</summary>
    /// <remarks>
    /// The source stays pinned until the copy is done: ILGPU takes its address and, on OpenCL, only queues the copy. An
    /// array that the garbage collector moved in between would be read where it no longer is.
    /// </remarks>
    public unsafe void Upload<T>(ReadOnlySpan<T> source, ArrayView<T> target)
        where T : unmanaged
    {
        Synchronizations++;
        BytesUploaded += (long)source.Length * sizeof(T);
        ArrayView1D<T, Stride1D.Dense> dense = target;
        fixed (T* pinned = source)
        {
            dense.CopyFromCPU(ref *pinned, source.Length);
            _accelerator.Synchronize();
        }
    }

    /// <summary>
    /// Copies from the accelerator, as many elements as the target has, when all that was launched is done.
    /// </summary>
    /// <remarks>The target stays pinned until the copy is done, as in <see cref="Upload"/>.</remarks>
    public unsafe void Download<T>(ArrayView<T> source, Span<T> target)
        where T : unmanaged
    {
        Synchronizations++;
        ArrayView1D<T, Stride1D.Dense> dense = source;
        fixed (T* pinned = target)
        {
            dense.CopyToCPU(ref *pinned, target.Length);
            _accelerator.Synchronize();
        }
    }

    private void CountLaunch(long start)
    {
        Launches++;
        LaunchTime += Stopwatch.GetElapsedTime(start);
    }

    private Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, ArrayView<float>> LoadNaiveHiddenLayer()
    {
        var naive = Kernels.HiddenLayer.Naive;
        var kernel = InGroupsOfOne(_accelerator)
            ? _accelerator.LoadImplicitlyGroupedStreamKernel(naive, 1)
            : _accelerator.LoadAutoGroupedStreamKernel(naive);
        return (pixels, batch, network, hidden) => kernel(
            batch.Images * network.Units,
            pixels, batch.Order, batch.Start, network.W1, network.B1, network.Units, hidden);
    }

    private Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, ArrayView<float>> LoadTunedHiddenLayer()
    {
        var kernel = _accelerator.LoadStreamKernel<
            ArrayView<byte>, ArrayView<int>, int, ArrayView<float>, ArrayView<float>, int, ArrayView<float>>(
            Kernels.HiddenLayer.Tuned);
        return (pixels, batch, network, hidden) => kernel(
            Kernels.HiddenLayer.TunedLaunch(batch.Images, network.Units),
            pixels, batch.Order, batch.Start, network.W1, network.B1, network.Units, hidden);
    }

    private Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, DeviceActivations> LoadNaiveOutputLayerAndDeltas()
    {
        var naive = Kernels.OutputLayerAndDeltas.Naive;
        var kernel = InGroupsOfOne(_accelerator)
            ? _accelerator.LoadImplicitlyGroupedStreamKernel(naive, 1)
            : _accelerator.LoadAutoGroupedStreamKernel(naive);
        return (labels, batch, network, activations) => kernel(
            batch.Images,
            labels, batch.Order, batch.Start, activations.Hidden, network.W2, network.B2, network.Units,
            activations.OutputDelta, activations.HiddenDelta, activations.Losses, activations.Hits);
    }

    private Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, DeviceActivations> LoadTunedOutputLayerAndDeltas()
    {
        var kernel = _accelerator.LoadStreamKernel<
            ArrayView<byte>, ArrayView<int>, int, ArrayView<float>, ArrayView<float>, ArrayView<float>, int,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<int>>(
            Kernels.OutputLayerAndDeltas.Tuned);
        return (labels, batch, network, activations) => kernel(
            Kernels.OutputLayerAndDeltas.TunedLaunch(batch.Images),
            labels, batch.Order, batch.Start, activations.Hidden, network.W2, network.B2, network.Units,
            activations.OutputDelta, activations.HiddenDelta, activations.Losses, activations.Hits);
    }

    private Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, DeviceActivations, float> LoadNaiveParameterUpdate()
    {
        var naive = Kernels.ParameterUpdate.Naive;
        var kernel = InGroupsOfOne(_accelerator)
            ? _accelerator.LoadImplicitlyGroupedStreamKernel(naive, 1)
            : _accelerator.LoadAutoGroupedStreamKernel(naive);
        return (pixels, batch, network, activations, learningRate) => kernel(
            Kernels.ParameterUpdate.NaiveLaunch(network.Units),
            pixels, batch.Order, batch.Start, batch.Images,
            activations.Hidden, activations.HiddenDelta, activations.OutputDelta, learningRate, network.Units,
            network.W1, network.B1, network.W2, network.B2);
    }

    private Action<ArrayView<byte>, DeviceBatch, DeviceNetwork, DeviceActivations, float> LoadTunedParameterUpdate()
    {
        var kernel = _accelerator.LoadStreamKernel<
            ArrayView<byte>, ArrayView<int>, int, int,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, float, int,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>>(
            Kernels.ParameterUpdate.Tuned);
        return (pixels, batch, network, activations, learningRate) => kernel(
            Kernels.ParameterUpdate.TunedLaunch(network.Units),
            pixels, batch.Order, batch.Start, batch.Images,
            activations.Hidden, activations.HiddenDelta, activations.OutputDelta, learningRate, network.Units,
            network.W1, network.B1, network.W2, network.B2);
    }

    private Action<ArrayView<float>, int, DeviceNetwork, ArrayView<float>> LoadNaiveOutputLayer()
    {
        var naive = Kernels.OutputLayer.Naive;
        var kernel = InGroupsOfOne(_accelerator)
            ? _accelerator.LoadImplicitlyGroupedStreamKernel(naive, 1)
            : _accelerator.LoadAutoGroupedStreamKernel(naive);
        return (hidden, images, network, outputs) => kernel(
            images * NetworkParameters.Outputs, hidden, network.W2, network.B2, network.Units, outputs);
    }

    private Action<ArrayView<float>, int, DeviceNetwork, ArrayView<float>> LoadTunedOutputLayer()
    {
        var kernel = _accelerator.LoadStreamKernel<
            ArrayView<float>, ArrayView<float>, ArrayView<float>, int, ArrayView<float>>(
            Kernels.OutputLayer.Tuned);
        return (hidden, images, network, outputs) => kernel(
            Kernels.OutputLayer.TunedLaunch(images), hidden, network.W2, network.B2, network.Units, outputs);
    }
}
