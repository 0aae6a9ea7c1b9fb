using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Benchmarks;

/// <summary>MNIST where it is found, drawn digits of the same number elsewhere.</summary>
internal static class BenchmarkData
{
    public static MnistDataset Load() =>
        MnistFolder.Find() is string folder ? MnistFolder.Load(folder) : GeneratedDigits.Draw(seed: 1);
}
