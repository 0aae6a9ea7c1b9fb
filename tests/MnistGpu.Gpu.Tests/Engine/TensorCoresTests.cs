using ILGPU;
using MnistGpu.Core.Network;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels;
using Xunit.Abstractions;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>The kernels on tensor cores, and when they are used.</summary>
public class TensorCoresTests(ITestOutputHelper output)
{
    /// <summary>
    /// The errors of Xᵀ·δh, as multiples of what one rounding can do to the sum of its terms' magnitudes. CI runs this with
    /// sums that are rounded and with sums that are cut off, as a GPU's may be (CUDA_EMULATOR_TRUNCATE).
    /// </summary>
    /// <param name="images">Images of the batch.</param>
    /// <param name="hidden">Hidden units, a multiple of 4.</param>
    /// <param name="lit">How many of ten pixels are not 0.</param>
    [SkippableTheory]
    [InlineData(7, 12, 2)]
    [InlineData(64, 100, 2)]
    [InlineData(100, 300, 2)]
    [InlineData(64, 100, 10)]
    public void TheGradientOfW1IsAtLeastAsExactAsInFloat32(int images, int hidden, int lit)
    {
        using AcceleratorEngine engine = Open();
        using var gradient = new Gradient(engine, images, hidden, lit);

        float[] plain = gradient.Compute(engine.Queue.LaunchParameterUpdate);
        float[] onTensorCores = gradient.Compute(engine.Queue.LaunchParameterUpdateOnTensorCores);

        (double worst, double mean) = gradient.Errors(onTensorCores);
        (double plainWorst, double plainMean) = gradient.Errors(plain);
        output.WriteLine($"{images}×{hidden}: {worst:F2} / {mean:F3}; float32 {plainWorst:F2} / {plainMean:F3}");
        Assert.InRange(worst, 0, plainWorst);
        Assert.InRange(mean, 0, plainMean);
        Assert.Equal(onTensorCores, gradient.Compute(engine.Queue.LaunchParameterUpdateOnTensorCores));
        Assert.Contains(0, gradient.DarkPixels);
        Assert.All(gradient.DarkPixels, pixel =>
            Assert.All(onTensorCores[(pixel * hidden)..((pixel + 1) * hidden)], g => Assert.Equal(0, g)));
    }

    [Theory]
    [InlineData(8, 0, 256, 100, null)]
    [InlineData(9, 0, 1024, 1024, null)]
    [InlineData(9, 0, 64, 1000, null)]
    [InlineData(9, 0, 64, 399, "64 images × 399 units are less than 25600")]
    [InlineData(7, 5, 1024, 1024, "compute capability 7.5")]
    [InlineData(8, 6, 1024, 1024, "compute capability 8.6")]
    [InlineData(8, 9, 1024, 1024, "compute capability 8.9")]
    [InlineData(12, 0, 1024, 1024, "compute capability 12.0")]
    public void TheyAreUsedByCapabilityAndSize(int major, int minor, int batchSize, int hidden, string? whyNot)
    {
        string? said = TensorCores.WhyNotUpdate((major, minor), batchSize, hidden);

        if (whyNot is null)
            Assert.Null(said);
        else
            Assert.StartsWith(whyNot, said);
    }

    [Fact]
    public void TheyAreForCudaOnly() =>
        Assert.Equal("only CUDA gives access to them", TensorCores.WhyNotUpdate(capability: null, 1024, 1024));

    private static AcceleratorEngine Open()
    {
        GpuDevice.Require("cuda");
        AcceleratorEngine engine = AcceleratorEngine.Open("cuda");
        bool canRun = TensorCores.CanRun(engine.Accelerator);
        if (!canRun)
            engine.Dispose();
        Skip.IfNot(canRun, "The CUDA device has no tensor cores for bfloat16.");
        return engine;
    }

    /// <summary>Xᵀ·δh of random images and of δh that spans many powers of two, on a device and in double precision.</summary>
    private sealed class Gradient : IDisposable
    {
        private const int Inputs = NetworkParameters.Inputs;

        private readonly DeviceQueue _queue;
        private readonly DeviceBuffers _buffers;
        private readonly int _imageCount;
        private readonly int _hidden;
        private readonly byte[] _pixels;
        private readonly int[] _order;
        private readonly float[] _delta;
        private readonly Images _images;
        private readonly Batch _batch;
        private readonly Activations _activations;
        private readonly DeviceNetwork _network;

        public Gradient(AcceleratorEngine engine, int images, int hidden, int lit)
        {
            _queue = engine.Queue;
            (_imageCount, _hidden) = (images, hidden);
            var random = new Random(images + hidden);
            // One image more than the batch has, which is in no order of images.
            _pixels = new byte[(images + 1) * Inputs];
            for (int i = 0; i < _pixels.Length; i++)
                _pixels[i] = random.Next(10) < lit && i % Inputs % 16 != 0 ? (byte)random.Next(1, 256) : (byte)0;
            _order = [.. Enumerable.Range(0, images).Reverse()];
            _delta = [.. Enumerable.Range(0, images * hidden).Select(
                _ => (float)(Math.Exp(10 * random.NextDouble() - 12) * (2 * random.Next(2) - 1)))];

            _buffers = new DeviceBuffers(engine.Accelerator);
            _images = DeviceImages.Upload(_buffers, _queue, _pixels, new byte[images + 1]);
            _batch = new Batch(_buffers.Allocate<int>(images), 0, images);
            _queue.Upload<int>(_order, _batch.Order);
            _network = new DeviceNetwork(_buffers, hidden);
            _activations = new Activations(
                _buffers.AllocateMatrix(images, hidden), _buffers.AllocateMatrix(images, NetworkParameters.Outputs),
                _buffers.AllocateMatrix(images, hidden), _buffers.Allocate<float>(images), _buffers.Allocate<int>(1));
            _queue.Upload<float>(_delta, _activations.HiddenDelta.BaseView);
            _queue.Upload<float>(_delta, _activations.H.BaseView);
            _queue.Upload<float>(new float[images * NetworkParameters.Outputs], _activations.OutputDelta.BaseView);
        }

        /// <summary>Those that are 0 in all images.</summary>
        public IEnumerable<int> DarkPixels => Enumerable.Range(0, Inputs).Where(
            pixel => _order.All(image => _pixels[image * Inputs + pixel] == 0));

        /// <summary>The gradient, as the change of weights of 0 with a learning rate of −1.</summary>
        public float[] Compute(Action<Images, Batch, Activations, Network, StepRates> update)
        {
            _network.Upload(_queue, new NetworkParameters(_hidden));
            update(_images, _batch, _activations, _network.Views, new StepRates(-1, -1, Momentum: 0, _network.Views));
            return _network.Download(_queue).W1;
        }

        public (double Worst, double Mean) Errors(float[] gradient)
        {
            double worst = 0, sum = 0;
            int count = 0;
            for (int pixel = 0; pixel < Inputs; pixel++)
            {
                double[] x = [.. _order.Select(image => _pixels[image * Inputs + pixel] / 255.0)];
                for (int unit = 0; unit < _hidden; unit++)
                {
                    double expected = 0, magnitude = 0;
                    for (int i = 0; i < _imageCount; i++)
                    {
                        double term = x[i] * _delta[i * _hidden + unit];
                        expected += term;
                        magnitude += Math.Abs(term);
                    }
                    if (magnitude == 0)
                        continue;
                    double error = Math.Abs(gradient[pixel * _hidden + unit] - expected) / magnitude * (1 << 24);
                    worst = Math.Max(worst, error);
                    sum += error;
                    count++;
                }
            }
            return (worst, sum / count);
        }

        public void Dispose() => _buffers.Dispose();
    }
}
