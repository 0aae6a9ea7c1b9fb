using BenchmarkDotNet.Attributes;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Benchmarks;

/// <summary>Getting 60,000 + 10,000 images: from the four files as they are found, and drawn.</summary>
public class LoadingBenchmarks
{
    [Benchmark]
    public MnistDataset LoadFiles() => MnistFolder.Load(
        MnistFolder.Find() ?? throw new InvalidOperationException("MNIST is not here; see mnist_data/README.md."));

    [Benchmark]
    public MnistDataset DrawDigits() => GeneratedDigits.Draw(seed: 1);
}
