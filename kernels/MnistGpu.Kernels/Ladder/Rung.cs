using ILGPU;

namespace MnistGpu.Kernels.Ladder;

/// <summary>
/// A kernel for C = A·B, and how to launch it. Each rung adds one idea to the one before; all take matrices of any shape,
/// and need groups of 256 threads. The last one needs tensor cores, and an A of whole numbers from 0 to 255.
/// </summary>
/// <param name="Name">The name in the list of kernels: "Ladder.Naive".</param>
/// <param name="Kernel">Takes A (M×K), B (K×N) and C (M×N), which it writes.</param>
/// <param name="Launch">Takes M and N.</param>
/// <param name="OnTensorCores">Whether it runs only on CUDA devices of compute capability 8.0 and higher.</param>
public sealed record Rung(
    string Name, Action<Matrix, Matrix, Matrix> Kernel, Func<int, int, KernelConfig> Launch, bool OnTensorCores = false)
{
    /// <summary>Threads per group: every GPU supports this many, and AMD's on OpenCL no more.</summary>
    public const int GroupSize = 256;

    /// <summary>From the first to the last.</summary>
    public static IReadOnlyList<Rung> All { get; } =
    [
        new("Ladder.Naive", Naive.Kernel, Naive.Launch),
        new("Ladder.Coalesced", Coalesced.Kernel, Coalesced.Launch),
        new("Ladder.SharedTiles", SharedTiles.Kernel, SharedTiles.Launch),
        new("Ladder.RegisterTiles", RegisterTiles.Kernel, RegisterTiles.Launch),
        new("Ladder.VectorLoads", VectorLoads.Kernel, VectorLoads.Launch),
        new("Ladder.TensorCores", ProductOnTensorCores.Kernel, ProductOnTensorCores.Launch, OnTensorCores: true),
    ];
}
