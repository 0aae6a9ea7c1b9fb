using BenchmarkDotNet.Attributes;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MnistGpu.Data;
using MnistGpu.Gpu;
using MnistGpu.Network;

namespace MnistGpu.Benchmarks;

/// <summary>
/// The three launches of a training step, 64 images and 100 hidden units, each until it is done. "nvidia-like" is
/// ILGPU's CPU accelerator with the group sizes of an NVIDIA GPU, which runs the tuned kernels too; it says what a
/// launch costs there, not how the two versions compare on a GPU. For that, add a device: "cuda", "opencl".
/// </summary>
public class KernelBenchmarks
{
    private const int Images = 64;
    private const int Units = 100;

    private Context _context = null!;
    private Accelerator _accelerator = null!;
    private DeviceBuffers _buffers = null!;
    private DeviceQueue _queue = null!;
    private DeviceImages _images = null!;
    private DeviceNetwork _network = null!;
    private DeviceActivations _activations = null!;
    private DeviceBatch _batch;

    [Params("nvidia-like")]
    public string Device { get; set; } = "";

    [Params(false, true)]
    public bool Tuned { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        if (Device == "nvidia-like")
        {
            _context = Context.Create(builder => builder.CPU(CPUDeviceKind.Nvidia).EnableAlgorithms());
            _accelerator = _context.GetDevice<CPUDevice>(0).CreateAccelerator(_context);
        }
        else
        {
            _context = AcceleratorCatalog.CreateContext();
            _accelerator = AcceleratorCatalog.Find(_context, Device).Device.CreateAccelerator(_context);
        }
        _buffers = new DeviceBuffers(_accelerator);
        _queue = new DeviceQueue(_accelerator, Tuned);

        ImageSet images = BenchmarkData.Load().Train.Take(Images);
        NetworkParameters network = GlorotInitializer.Draw(Units, seed: 1);
        _images = new DeviceImages(Upload(images.Pixels), Upload(images.Labels));
        _network = new DeviceNetwork(
            Units, Upload(network.W1), Upload(network.B1), Upload(network.W2), Upload(network.B2));
        _activations = new DeviceActivations(
            _buffers.Allocate<float>(Images * Units), _buffers.Allocate<float>(Images * Units),
            _buffers.Allocate<float>(Images * NetworkParameters.Outputs), _buffers.Allocate<float>(Images),
            Upload(new int[1]));
        _batch = new DeviceBatch(Upload(Enumerable.Range(0, Images).ToArray()), 0, Images);
        HiddenLayer();
        OutputLayerAndDeltas();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _buffers.Dispose();
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Benchmark]
    public void HiddenLayer()
    {
        _queue.HiddenLayer(_images.Pixels, _batch, _network, _activations.Hidden);
        _queue.Synchronize();
    }

    [Benchmark]
    public void OutputLayerAndDeltas()
    {
        _queue.OutputLayerAndDeltas(_images.Labels, _batch, _network, _activations);
        _queue.Synchronize();
    }

    /// <summary>With a learning rate of 0: the same work, and the weights stay finite.</summary>
    [Benchmark]
    public void ParameterUpdate()
    {
        _queue.ParameterUpdate(_images.Pixels, _batch, _network, _activations, learningRate: 0);
        _queue.Synchronize();
    }

    private ArrayView<T> Upload<T>(T[] values)
        where T : unmanaged
    {
        ArrayView<T> view = _buffers.Allocate<T>(values.Length);
        _queue.Upload<T>(values, view);
        return view;
    }
}
