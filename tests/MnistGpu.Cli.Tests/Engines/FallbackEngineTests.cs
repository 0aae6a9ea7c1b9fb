using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Tests.Engines;

/// <summary>What --device auto does with a GPU that starts and fails later.</summary>
public class FallbackEngineTests
{
    private static readonly MnistDataset s_dataset = GeneratedDigits.Draw(seed: 1, train: 60, test: 20);
    private static readonly NetworkParameters s_initial = GlorotInitializer.Draw(hidden: 5, seed: 1);

    private static readonly DeviceException s_failure =
        new("opencl:0 (Some GPU)", "failed in training", new OutOfMemoryException("CL_MEM_OBJECT_ALLOCATION_FAILURE"));

    private readonly StringWriter _error = new();

    [Theory]
    [InlineData(nameof(ITrainingEngine.LoadTrainingImages), 1)]
    [InlineData(nameof(ITrainingEngine.SetParameters), 1)]
    [InlineData(nameof(ITrainingEngine.TrainEpoch), 1)]
    [InlineData(nameof(ITrainingEngine.TrainEpoch), 3)]
    [InlineData(nameof(ITrainingEngine.GetParameters), 3)]
    [InlineData(nameof(ITrainingEngine.Predict), 2)]
    public void WhereverTheGpuFailsTheCpuGoesOnFromThere(string method, int call)
    {
        var gpu = new FailingEngine(method, call, s_failure);
        using var engine = new FallbackEngine(gpu, () => new ReferenceEngine(), Terminal);

        NetworkParameters trained = Train(engine);

        using var reference = new ReferenceEngine();
        NetworkParameters expected = Train(reference);
        Assert.Equal(expected.W1, trained.W1);
        Assert.Equal(expected.B2, trained.B2);
        Assert.Equal("reference", EngineCatalog.DeviceOf(engine));
        Assert.True(gpu.IsDisposed);
        Assert.Equal(
            "mnistgpu: warning: opencl:0 (Some GPU) failed in training: CL_MEM_OBJECT_ALLOCATION_FAILURE; the CPU takes over",
            _error.ToString().TrimEnd());
    }

    [Fact]
    public void AnErrorThatIsNotTheDevicesIsNotHidden()
    {
        var gpu = new FailingEngine(nameof(ITrainingEngine.TrainEpoch), 1, new OperationCanceledException());
        using var engine = new FallbackEngine(gpu, () => new ReferenceEngine(), Terminal);

        Assert.Throws<OperationCanceledException>(() => Train(engine));
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void WhatFailsOnTheCpuTooIsReported()
    {
        using var engine = new FallbackEngine(
            new FailingEngine(nameof(ITrainingEngine.TrainEpoch), 1, s_failure),
            () => new FailingEngine(nameof(ITrainingEngine.TrainEpoch), 1, s_failure), Terminal);

        Assert.Same(s_failure, Assert.Throws<DeviceException>(() => Train(engine)));
    }

    private Terminal Terminal => new(TextWriter.Null, _error, new(CancellationToken.None));

    private static NetworkParameters Train(ITrainingEngine engine)
    {
        var trainer = new Trainer(engine, s_dataset, new TrainingOptions { Epochs = 4, BatchSize = 8 });
        return trainer.Train(s_initial).Parameters;
    }

    /// <summary>The reference engine until some call of a method, which does its work and then fails.</summary>
    private sealed class FailingEngine(string method, int call, Exception failure) : ITrainingEngine
    {
        private readonly ReferenceEngine _inner = new();
        private int _calls;

        public bool IsDisposed { get; private set; }

        public string Name => "failing";

        public string Description => "";

        public void LoadTrainingImages(ImageSet images)
        {
            _inner.LoadTrainingImages(images);
            Fail(nameof(LoadTrainingImages));
        }

        public void SetParameters(NetworkParameters parameters)
        {
            _inner.SetParameters(parameters);
            Fail(nameof(SetParameters));
        }

        public NetworkParameters GetParameters()
        {
            Fail(nameof(GetParameters));
            return _inner.GetParameters();
        }

        public void DistortTrainingImages(int seed, int epoch) => _inner.DistortTrainingImages(seed, epoch);

        public void SetVelocity(NetworkParameters velocity) => _inner.SetVelocity(velocity);

        public NetworkParameters GetVelocity() => _inner.GetVelocity();

        public EpochStatistics TrainEpoch(
            ReadOnlyMemory<int> order, int batchSize, EpochRates rates,
            IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
        {
            EpochStatistics statistics = _inner.TrainEpoch(
                order, batchSize, rates, progress, cancellationToken);
            Fail(nameof(TrainEpoch));
            return statistics;
        }

        public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default)
        {
            Fail(nameof(Predict));
            return _inner.Predict(pixels, cancellationToken);
        }

        public void Dispose() => IsDisposed = true;

        private void Fail(string called)
        {
            if (called == method && ++_calls == call)
                throw failure;
        }
    }
}
