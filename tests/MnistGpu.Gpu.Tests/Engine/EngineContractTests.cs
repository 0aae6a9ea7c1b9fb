using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>All engines answer alike to what they cannot do.</summary>
public class EngineContractTests
{
    private const int Hidden = 5;
    private static readonly ImageSet s_images = RandomImages.Draw(8);

    public static TheoryData<string> Devices => ["reference", "cpu", "ilgpu-cpu", "cuda", "opencl"];

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void CallsOutOfOrderAreRefused(string device)
    {
        using ITrainingEngine engine = Open(device);

        Assert.Throws<InvalidOperationException>(() => engine.DistortTrainingImages(seed: 1, epoch: 0));
        Assert.Throws<InvalidOperationException>(() => engine.GetParameters());
        Assert.Throws<InvalidOperationException>(() => engine.SetVelocity(new NetworkParameters(Hidden)));
        Assert.Throws<InvalidOperationException>(() => engine.GetVelocity());
        Assert.Throws<InvalidOperationException>(() => engine.Predict(s_images.Pixels));
        engine.SetParameters(new NetworkParameters(Hidden));
        Assert.Throws<InvalidOperationException>(() => Train(engine, [0]));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void ArgumentsOutOfRangeAreRefusedAndTheEngineGoesOn(string device)
    {
        using ITrainingEngine engine = Open(device);
        engine.LoadTrainingImages(s_images);
        engine.SetParameters(GlorotInitializer.Draw(Hidden, seed: 1));

        Assert.Throws<ArgumentException>(() => Train(engine, []));
        Assert.Throws<ArgumentException>(() => Train(engine, [0, 8]));
        Assert.Throws<ArgumentException>(() => Train(engine, [-1]));
        Assert.Throws<ArgumentException>(() => Train(engine, [0, 1, 2], batchSize: 2, steps: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Train(engine, [0], batchSize: 0));
        Assert.Throws<ArgumentException>(() => engine.SetVelocity(new NetworkParameters(Hidden + 1)));
        Assert.Throws<ArgumentException>(() => engine.Predict(new byte[ImageSet.PixelsPerImage + 1]));
        Assert.Throws<OperationCanceledException>(
            () => Train(engine, [0], cancellationToken: new CancellationToken(canceled: true)));

        EpochStatistics statistics = Train(engine, [0, 1, 2], batchSize: 2);
        Assert.InRange(statistics.MeanLoss, 0.01, 5);
        Assert.Empty(engine.Predict(ReadOnlyMemory<byte>.Empty));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void AfterDisposeEveryCallIsRefused(string device)
    {
        ITrainingEngine engine = Open(device);
        engine.LoadTrainingImages(s_images);
        engine.SetParameters(new NetworkParameters(Hidden));
        engine.Dispose();
        engine.Dispose();

        Assert.Throws<ObjectDisposedException>(() => engine.LoadTrainingImages(s_images));
        Assert.Throws<ObjectDisposedException>(() => engine.DistortTrainingImages(seed: 1, epoch: 0));
        Assert.Throws<ObjectDisposedException>(() => engine.SetParameters(new NetworkParameters(Hidden)));
        Assert.Throws<ObjectDisposedException>(() => engine.GetParameters());
        Assert.Throws<ObjectDisposedException>(() => engine.SetVelocity(new NetworkParameters(Hidden)));
        Assert.Throws<ObjectDisposedException>(() => engine.GetVelocity());
        Assert.Throws<ObjectDisposedException>(() => Train(engine, [0]));
        Assert.Throws<ObjectDisposedException>(() => engine.Predict(s_images.Pixels));
    }

    private static ITrainingEngine Open(string device)
    {
        if (device is "cuda" or "opencl")
            GpuDevice.Require(device);
        return device switch
        {
            "reference" => new ReferenceEngine(),
            "cpu" => new SimdEngine(),
            _ => AcceleratorEngine.Open(device),
        };
    }

    private static EpochStatistics Train(
        ITrainingEngine engine, int[] order, int batchSize = 1, int steps = 3, CancellationToken cancellationToken = default) =>
        engine.TrainEpoch(order, batchSize, new EpochRates(new float[steps]), progress: null, cancellationToken);
}
