using ILGPU.Algorithms;

namespace MnistGpu.Kernels;

/// <summary>The activation function of both layers.</summary>
public static class Sigmoid
{
    /// <summary>σ(z) = 1/(1 + e^-z). If e^-z overflows to infinity, the result is 0, as it should be.</summary>
    public static float Of(float z) => 1f / (1f + XMath.Exp(-z));

    /// <summary>σ of each of four numbers.</summary>
    public static Float4 Of(Float4 z) => new(Of(z.X), Of(z.Y), Of(z.Z), Of(z.W));
}
