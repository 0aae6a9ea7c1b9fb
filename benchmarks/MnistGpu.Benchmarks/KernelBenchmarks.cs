using BenchmarkDotNet.Attributes;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Gpu;

namespace MnistGpu.Benchmarks;

/// <summary>
/// Every kernel, for 64 images and 100 hidden units, each launch until it is done: the three of a training step, the
/// output layer of a prediction, and those for matrices. "nvidia-like" is ILGPU's CPU accelerator with the group sizes
/// of an NVIDIA GPU, which runs the tuned kernels too; it says what a launch costs there, not how the two versions
/// compare on a GPU. For that, add a device, "cuda" or "opencl", or run <c>mnistgpu benchmark kernels</c>.
/// </summary>
public class KernelBenchmarks
{
    private const int Images = 64;
    private const int Units = 100;

    private static readonly MatrixProduct[] s_products =
        MatrixProduct.OfLayer(Images, NetworkParameters.Inputs, Units);

    private Context _context = null!;
    private Accelerator _accelerator = null!;
    private DeviceBuffers _buffers = null!;
    private DeviceQueue _queue = null!;
    private MatrixKernels _matrices = null!;
    private DeviceImages _images = null!;
    private DeviceNetwork _network = null!;
    private DeviceActivations _activations = null!;
    private DeviceBatch _batch;
    private ArrayView<float> _outputs;
    private ArrayView<float> _x;
    private ArrayView<float> _product;

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
        _matrices = new MatrixKernels(_accelerator, Tuned);

        ImageSet images = BenchmarkData.Load().Train.Take(Images);
        NetworkParameters network = GlorotInitializer.Draw(Units, seed: 1);
        _images = new DeviceImages(Upload(images.Pixels), Upload(images.Labels));
        _network = new DeviceNetwork(_buffers, Units);
        _network.Upload(_queue, network);
        _activations = new DeviceActivations(
            _buffers.Allocate<float>(Images * _network.Units), _buffers.Allocate<float>(Images * _network.Units),
            _buffers.Allocate<float>(Images * NetworkParameters.Outputs), _buffers.Allocate<float>(Images),
            Upload(new int[1]));
        _batch = new DeviceBatch(Upload(Enumerable.Range(0, Images).ToArray()), 0, Images);
        _outputs = _buffers.Allocate<float>(Images * NetworkParameters.Outputs);
        _x = Upload(Array.ConvertAll(images.Pixels, pixel => pixel / 255f));
        _product = _buffers.Allocate<float>(NetworkParameters.Inputs * Units);
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
    public void OutputLayer()
    {
        _queue.OutputLayer(_activations.Hidden, Images, _network, _outputs);
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

    /// <summary>X·W1, forward.</summary>
    [Benchmark]
    public void Forward() => Multiply(0, _x, _network.W1);

    /// <summary>Xᵀ·δh, the gradient of W1.</summary>
    [Benchmark]
    public void Gradient() => Multiply(1, _x, _activations.HiddenDelta);

    /// <summary>δh·W1ᵀ, backward.</summary>
    [Benchmark]
    public void Backward() => Multiply(2, _activations.HiddenDelta, _network.W1);

    [Benchmark]
    public void Sigmoid()
    {
        _matrices.Sigmoid(_activations.Hidden, _product, Images * _network.Units);
        _queue.Synchronize();
    }

    private void Multiply(int product, ArrayView<float> a, ArrayView<float> b)
    {
        _matrices.Multiply(a, b, _product, s_products[product]);
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
