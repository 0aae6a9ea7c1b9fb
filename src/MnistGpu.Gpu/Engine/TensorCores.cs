using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Which trainings use tensor cores. The GPU's compute capability, the batch and the hidden units decide, and nothing that
/// is measured when the program starts: a seed gives the same weights in every run.
/// </summary>
internal static class TensorCores
{
    /// <summary>
    /// Compute capabilities whose tensor cores multiply bfloat16 and add in float32 at the full rate, and the images ×
    /// hidden units from which the update is faster there. GeForce and workstation GPUs (8.6, 8.9, 12.0) do it at half
    /// the rate; docs/kernels.md has the calculation.
    /// </summary>
    private static readonly (int Major, int Minor, long LeastActivations)[] s_update =
    [
        (8, 0, 25_600), // A100
        (9, 0, 25_600), // H100, H200
    ];

    /// <summary>Whether an accelerator can run kernels that use them: CUDA devices of compute capability 8.0 and higher.</summary>
    public static bool CanRun(Accelerator accelerator) => Capability(accelerator)?.Major >= 8;

    /// <summary>The compute capability of an accelerator; null where it is not CUDA's.</summary>
    public static (int Major, int Minor)? Capability(Accelerator accelerator) => accelerator is CudaAccelerator cuda
        ? (cuda.Architecture.Major, cuda.Architecture.Minor)
        : null;

    /// <summary>
    /// The operations that an element of Xᵀ·δh counts as in <c>Rounding.Gamma</c>, where the batch has so many images. Its
    /// terms are not rounded one by one. A tensor core shifts the products and the sum so far to the exponent of the
    /// largest, keeps 24 bits at least, and cuts the result to 24 as well: all but the largest lose up to 2u of the sum of
    /// the magnitudes, and so does the result. A product of 0 loses nothing, so a term is charged with at most two such
    /// losses, 4u. Those with the lower parts of δh are 128 times smaller, and twice as many: 1/16 u. To that come the
    /// sum of the parts, the sum of the two slices, two for the division by 255, and η.
    /// </summary>
    public static int GradientOperations(int images) => 5 * images + 5;

    /// <summary>Why a training does not update its weights on tensor cores; null where it does.</summary>
    /// <param name="capability">Of the accelerator: see <see cref="Capability"/>.</param>
    /// <param name="batchSize">Images a step.</param>
    /// <param name="hidden">Hidden units.</param>
    public static string? WhyNotUpdate((int Major, int Minor)? capability, int batchSize, int hidden)
    {
        if (capability is not var (major, minor))
            return "only CUDA gives access to them";
        foreach (var row in s_update)
        {
            if ((row.Major, row.Minor) == (major, minor))
                return (long)batchSize * hidden >= row.LeastActivations
                    ? null
                    : $"{batchSize} images × {hidden} units are less than {row.LeastActivations}";
        }
        return $"compute capability {major}.{minor} is not one at which they are known to be faster";
    }
}
