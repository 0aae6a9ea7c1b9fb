namespace MnistGpu.Gpu.Measurement;

/// <summary>How long launches of a kernel took.</summary>
/// <param name="Kernel">The kernel's name; for a product, with its symbols.</param>
/// <param name="Version">"naive", "tuned" or "tensor cores"; empty if there is only one version.</param>
/// <param name="Shape">
/// The size of its arrays: "B 64, H 100" is 64 images of 784 pixels and 100 hidden units. X is then 64×784, W 784×100
/// and δ 64×100.
/// </param>
/// <param name="Operations">
/// Necessary floating-point operations of a launch. A pixel that is 0 needs none, and e^x counts as one.
/// </param>
/// <param name="Bytes">
/// Bytes that a launch must move: what it reads and what it writes, each once. A kernel that fetches something from memory
/// twice moves more.
/// </param>
/// <param name="Seconds">Seconds per launch, one number per sample.</param>
public sealed record KernelTiming(
    string Kernel, string Version, string Shape, double Operations, double Bytes, IReadOnlyList<double> Seconds)
{
    /// <summary>
    /// Of a product, the largest error against double precision, as a multiple of what one rounding in float32 can do to the
    /// sum of an element's terms' magnitudes; null for other kernels.
    /// </summary>
    public double? LargestError { get; init; }
}
