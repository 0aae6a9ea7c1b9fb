using ILGPU;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Memory;
using MnistGpu.Kernels;
using Xunit.Abstractions;
using Matrix = ILGPU.Runtime.ArrayView2D<float, ILGPU.Stride2D.DenseY>;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>The kernels on tensor cores, and when they are used.</summary>
public class TensorCoresTests(ITestOutputHelper output)
{
    /// <summary>Whether the emulator's tensor cores cut off their sums.</summary>
    private static readonly bool s_cutsOff = Environment.GetEnvironmentVariable("CUDA_EMULATOR_TRUNCATE") == "1";

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
    [InlineData(65, 164, 10)]
    public void TheGradientOfW1IsAtLeastAsExactAsInFloat32(int images, int hidden, int lit)
    {
        using AcceleratorEngine engine = Open();
        using var step = new Step(engine, images, hidden, lit);

        float[] plain = step.Gradient(engine.Queue.LaunchParameterUpdate);
        float[] onTensorCores = step.Gradient(engine.Queue.LaunchParameterUpdateOnTensorCores);

        AssertAtLeastAsExact(step.GradientErrors(onTensorCores), step.GradientErrors(plain));
        Assert.Equal(onTensorCores, step.Gradient(engine.Queue.LaunchParameterUpdateOnTensorCores));
        Assert.Contains(0, step.DarkPixels);
        Assert.All(step.DarkPixels, pixel =>
            Assert.All(onTensorCores[(pixel * hidden)..((pixel + 1) * hidden)], g => Assert.Equal(0, g)));
    }

    /// <summary>
    /// The errors of X·W1 + b1 in the same units. σ is taken back: where it is far below 1, its relative error is what is
    /// wrong with its argument.
    /// </summary>
    /// <param name="images">Images of the batch.</param>
    /// <param name="hidden">Hidden units, a multiple of 4.</param>
    /// <param name="lit">How many of ten pixels are not 0.</param>
    [SkippableTheory]
    [InlineData(7, 12, 2)]
    [InlineData(130, 68, 2)]
    [InlineData(64, 100, 10)]
    [InlineData(65, 164, 10)]
    public void TheSumsOfTheHiddenLayerAreAtLeastAsExactAsInFloat32(int images, int hidden, int lit)
    {
        using AcceleratorEngine engine = Open();
        using var step = new Step(engine, images, hidden, lit);

        float[] plain = step.HiddenLayer(engine.Queue.LaunchHiddenLayer);
        float[] onTensorCores = step.HiddenLayer(engine.Queue.LaunchHiddenLayerOnTensorCores);

        AssertAtLeastAsExact(step.SumErrors(onTensorCores), step.SumErrors(plain));
        Assert.Equal(onTensorCores, step.HiddenLayer(engine.Queue.LaunchHiddenLayerOnTensorCores));
    }

    /// <summary>
    /// The gradient of W1 in an epoch of one launch, from the δh that it computes, which differ from image to image by many
    /// powers of two.
    /// </summary>
    /// <param name="images">Images of the batch.</param>
    /// <param name="hidden">Hidden units, a multiple of 4.</param>
    /// <param name="lit">How many of ten pixels are not 0.</param>
    [SkippableTheory]
    [InlineData(7, 12, 2)]
    [InlineData(33, 20, 2)]
    [InlineData(64, 20, 10)]
    public void TheGradientInAnEpochOfOneLaunchIsAtLeastAsExactAsInFloat32(int images, int hidden, int lit)
    {
        using AcceleratorEngine engine = Open();
        var step = new OneLaunchStep(engine, images, hidden, lit);

        var plain = step.Errors(onTensorCores: false);
        var onTensorCores = step.Errors(onTensorCores: true);

        // The largest error of few images, cut off, is a matter of luck: docs/kernels.md.
        AssertAtLeastAsExact(onTensorCores, plain, inWorstCase: images > 16 || !s_cutsOff);
    }

    [Theory]
    [InlineData(8, 0, true)]
    [InlineData(9, 0, true)]
    [InlineData(7, 5, false)]
    [InlineData(8, 6, false)]
    [InlineData(8, 9, false)]
    [InlineData(12, 0, false)]
    public void AnEpochOfOneLaunchIsOnThemByCapabilityAlone(int major, int minor, bool isUsed) =>
        Assert.Equal(
            isUsed ? null : $"compute capability {major}.{minor} is not one where they are known to be faster",
            TensorCores.WhyNotInOneLaunch((major, minor)));

    [Theory]
    [InlineData(8, 0, 256, 100, null)]
    [InlineData(9, 0, 1024, 1024, null)]
    [InlineData(9, 0, 63, 4096, "63 images are fewer than 64")]
    [InlineData(9, 0, 64, 1000, null)]
    [InlineData(9, 0, 64, 399, "64 images × 399 units are fewer than 25600")]
    [InlineData(7, 5, 1024, 1024, "compute capability 7.5")]
    [InlineData(8, 6, 1024, 1024, "compute capability 8.6")]
    [InlineData(8, 9, 1024, 1024, "compute capability 8.9")]
    [InlineData(12, 0, 1024, 1024, "compute capability 12.0")]
    public void TheUpdateIsOnThemByCapabilityAndSize(int major, int minor, int batchSize, int hidden, string? whyNot)
    {
        string? said = TensorCores.WhyNotUpdate((major, minor), batchSize, hidden);

        if (whyNot is null)
            Assert.Null(said);
        else
            Assert.StartsWith(whyNot, said);
    }

    [Theory]
    [InlineData(256, 1000, true)]
    [InlineData(64, 3125, true)]
    [InlineData(64, 3124, false)]
    [InlineData(63, 8192, false)]
    public void TheHiddenLayerIsOnThemFromLargerSizesOn(int batchSize, int hidden, bool isUsed)
    {
        Assert.Equal(isUsed, TensorCores.WhyNotHiddenLayer((9, 0), batchSize, hidden) is null);
        Assert.Equal(isUsed, TensorCores.WhyNotHiddenLayer((8, 0), batchSize, hidden) is null);
        Assert.NotNull(TensorCores.WhyNotHiddenLayer((8, 6), batchSize, hidden));
    }

    [Fact]
    public void TheyAreForCudaOnly()
    {
        Assert.Equal("only CUDA gives access to them", TensorCores.WhyCannotRun(capability: null));
        Assert.Equal("compute capability 7.5 has none for bfloat16, 8.0 and higher have", TensorCores.WhyCannotRun((7, 5)));
        Assert.Null(TensorCores.WhyCannotRun((8, 6)));
        Assert.Equal("only CUDA gives access to them", TensorCores.WhyNotUpdate(capability: null, 1024, 1024));
        Assert.Equal("only CUDA gives access to them", TensorCores.WhyNotHiddenLayer(capability: null, 1024, 1024));
    }

    /// <summary>
    /// In the mean, and in the worst case too, whether the tensor cores round their sums or cut them off at 24 bits.
    /// </summary>
    private void AssertAtLeastAsExact(
        (double Worst, double Mean) errors, (double Worst, double Mean) plain, bool inWorstCase = true)
    {
        output.WriteLine($"{errors.Worst:F2} / {errors.Mean:F3}; float32 {plain.Worst:F2} / {plain.Mean:F3}");
        Assert.InRange(errors.Mean, 0, plain.Mean);
        if (inWorstCase)
            Assert.InRange(errors.Worst, 0, plain.Worst);
    }

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

    /// <summary>
    /// Xᵀ·δh and X·W1 of random images, of δh that spans many powers of two, and of W1 as it is drawn, on a device and in
    /// double precision.
    /// </summary>
    private sealed class Step : IDisposable
    {
        /// <summary>Such that almost all sums of the hidden layer are below 0, where σ tells them apart, and none of its values is 0.</summary>
        private const float Bias = -30;

        private const int Inputs = NetworkParameters.Inputs;

        private readonly DeviceQueue _queue;
        private readonly DeviceBuffers _buffers;
        private readonly int _imageCount;
        private readonly int _hidden;
        private readonly byte[] _pixels;
        private readonly int[] _order;
        private readonly float[] _delta;
        private readonly NetworkParameters _parameters;
        private readonly Images _images;
        private readonly Batch _batch;
        private readonly Activations _activations;
        private readonly DeviceNetwork _network;

        public Step(AcceleratorEngine engine, int images, int hidden, int lit)
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
            _parameters = GlorotInitializer.Draw(hidden, seed: 1);
            // The sums then have a standard deviation of 20.
            double scale = 20 / Math.Sqrt(2.0 / (Inputs + hidden) * Inputs * lit / 10 / 3);
            foreach (ref float weight in _parameters.W1.AsSpan())
                weight *= (float)scale;
            Array.Fill(_parameters.B1, Bias);

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
        public float[] Gradient(Action<Images, Batch, Activations, Network, StepRates> update)
        {
            _network.Upload(_queue, new NetworkParameters(_hidden));
            update(_images, _batch, _activations, _network.Views, new StepRates(-1, -1, Momentum: 0, _network.Views));
            return _network.Download(_queue).W1;
        }

        /// <summary>h.</summary>
        public float[] HiddenLayer(Action<Images, Batch, Network, Matrix> hiddenLayer)
        {
            _network.Upload(_queue, _parameters);
            hiddenLayer(_images, _batch, _network.Views, _activations.H);
            return _network.DownloadUnits(_queue, _activations.H);
        }

        public (double Worst, double Mean) SumErrors(float[] h)
        {
            var errors = new List<double>();
            for (int i = 0; i < _imageCount; i++)
                for (int unit = 0; unit < _hidden; unit++)
                {
                    double expected = Bias, magnitude = -Bias;
                    for (int pixel = 0; pixel < Inputs; pixel++)
                    {
                        double term = _pixels[_order[i] * Inputs + pixel] / 255.0 * _parameters.W1[pixel * _hidden + unit];
                        expected += term;
                        magnitude += Math.Abs(term);
                    }
                    if (expected is < -80 or > -6)
                        continue;
                    double value = h[i * _hidden + unit];
                    errors.Add(Math.Abs(Math.Log(value / (1 - value)) - expected) / magnitude * (1 << 24));
                }
            Assert.InRange(errors.Count, 0.8 * _imageCount * _hidden, _imageCount * _hidden);
            return (errors.Max(), errors.Average());
        }

        public (double Worst, double Mean) GradientErrors(float[] gradient)
        {
            var errors = new List<double>();
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
                    errors.Add(Math.Abs(gradient[pixel * _hidden + unit] - expected) / magnitude * (1 << 24));
                }
            }
            return (errors.Max(), errors.Average());
        }

        public void Dispose() => _buffers.Dispose();
    }

    /// <summary>
    /// A step of an epoch in one launch. With momentum, a parameter's velocity is its last change times µ, here a power of two
    /// and so exact: that of b1 after a step of one image is δh, and that of W1 after a step of all images is the gradient.
    /// </summary>
    private sealed class OneLaunchStep
    {
        private const int Inputs = NetworkParameters.Inputs;

        private const float Momentum = 0.5f;

        private readonly AcceleratorEngine _engine;
        private readonly byte[] _pixels;
        private readonly int[] _order;
        private readonly NetworkParameters _parameters;

        public OneLaunchStep(AcceleratorEngine engine, int images, int hidden, int lit)
        {
            _engine = engine;
            var random = new Random(images + hidden);
            // One image more than the batch has, which is in no order of images.
            _pixels = new byte[(images + 1) * Inputs];
            for (int i = 0; i < _pixels.Length; i++)
                _pixels[i] = random.Next(10) < lit && i % Inputs % 16 != 0 ? (byte)random.Next(1, 256) : (byte)0;
            _order = [.. Enumerable.Range(0, images).Reverse()];
            _parameters = GlorotInitializer.Draw(hidden, seed: 1);
            // The hidden layer's sums then have a standard deviation of 5, and h ∘ (1 − h) spans some twenty powers of two.
            double scale = 5 / Math.Sqrt(2.0 / (Inputs + hidden) * Inputs * lit / 10 / 3);
            foreach (ref float weight in _parameters.W1.AsSpan())
                weight *= (float)scale;
            engine.LoadTrainingImages(new ImageSet(_pixels, [.. Enumerable.Range(0, images + 1).Select(i => (byte)(i % 10))]));
        }

        /// <summary>The errors of the gradient, in the units of <see cref="Step.GradientErrors"/>. It is the same twice.</summary>
        public (double Worst, double Mean) Errors(bool onTensorCores)
        {
            using var oneLaunch = new OneLaunchEpoch(_engine.Accelerator, _engine.Queue, onTensorCores: onTensorCores);
            Array.Fill(_engine.Launchers, oneLaunch);
            int hidden = _parameters.Hidden;
            float[][] delta = [.. _order.Select(image => Changes([image]).B1)];
            Assert.InRange(
                delta.SelectMany(row => row).Max(Math.Abs), 1e3 * delta.SelectMany(row => row).Min(Math.Abs), float.MaxValue);
            float[] gradient = Changes(_order).W1;
            Assert.Equal(gradient, Changes(_order).W1);
            var errors = new List<double>();
            for (int pixel = 0; pixel < Inputs; pixel++)
                for (int unit = 0; unit < hidden; unit++)
                {
                    double expected = 0, magnitude = 0;
                    for (int i = 0; i < _order.Length; i++)
                    {
                        double term = _pixels[_order[i] * Inputs + pixel] / 255.0 * delta[i][unit];
                        expected += term;
                        magnitude += Math.Abs(term);
                    }
                    float value = gradient[pixel * hidden + unit];
                    if (magnitude == 0)
                        Assert.Equal(0, value);
                    else
                        errors.Add(Math.Abs(value - expected) / magnitude * (1 << 24));
                }
            Assert.InRange(errors.Count, Inputs * hidden / 2, Inputs * hidden - 1);
            return (errors.Max(), errors.Average());
        }

        /// <summary>What a step with a learning rate of −1 adds to the parameters.</summary>
        private NetworkParameters Changes(int[] order)
        {
            _engine.SetParameters(_parameters);
            _engine.SetVelocity(new NetworkParameters(_parameters.Hidden));
            _engine.TrainEpoch(order, order.Length, new EpochRates(new[] { -1f }, 1, Momentum), null, default);
            NetworkParameters velocity = _engine.GetVelocity();
            foreach (float[] array in (float[][])[velocity.W1, velocity.B1])
                foreach (ref float change in array.AsSpan())
                    change /= Momentum;
            return velocity;
        }
    }
}
