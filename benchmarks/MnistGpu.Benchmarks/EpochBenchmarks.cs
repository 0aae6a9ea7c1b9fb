using BenchmarkDotNet.Attributes;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Benchmarks;

/// <summary>One epoch of 60,000 images on the CPU engine.</summary>
public class EpochBenchmarks
{
    private SimdEngine _engine = null!;
    private int[] _order = null!;
    private float[] _learningRates = null!;

    /// <summary>The seed project's batch size and the default.</summary>
    [Params(1, 64)]
    public int BatchSize { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ImageSet images = BenchmarkData.Load().Train;
        _engine = new SimdEngine(Threads);
        _engine.LoadTrainingImages(images);
        _engine.SetParameters(GlorotInitializer.Draw(hidden: 100, seed: 1));
        _order = Enumerable.Range(0, images.Count).ToArray();
        new Random(1).Shuffle(_order);
        _learningRates = Enumerable.Repeat(0.1f, (images.Count - 1) / BatchSize + 1).ToArray();
    }

    [GlobalCleanup]
    public void Cleanup() => _engine.Dispose();

    [Benchmark]
    public EpochStatistics Epoch() => _engine.TrainEpoch(_order, BatchSize, _learningRates, null, CancellationToken.None);
}
