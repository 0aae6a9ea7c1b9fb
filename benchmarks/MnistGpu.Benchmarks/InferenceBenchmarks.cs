using BenchmarkDotNet.Attributes;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Benchmarks;

/// <summary>The outputs for 10,000 test images.</summary>
public class InferenceBenchmarks
{
    private readonly ITrainingEngine _reference = new ReferenceEngine();
    private readonly ITrainingEngine _simd = new SimdEngine();
    private byte[] _pixels = null!;

    [GlobalSetup]
    public void Setup()
    {
        _pixels = BenchmarkData.Load().Test.Pixels;
        _reference.SetParameters(GlorotInitializer.Draw(hidden: 100, seed: 1));
        _simd.SetParameters(GlorotInitializer.Draw(hidden: 100, seed: 1));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _reference.Dispose();
        _simd.Dispose();
    }

    [Benchmark(Baseline = true)]
    public float[] Reference() => _reference.Predict(_pixels);

    [Benchmark]
    public float[] Simd() => _simd.Predict(_pixels);
}
