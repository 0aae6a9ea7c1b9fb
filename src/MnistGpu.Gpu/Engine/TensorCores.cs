using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using MnistGpu.Kernels.Ladder;

namespace MnistGpu.Gpu.Engine;

/// <summary>
/// Decides which trainings use tensor cores. This depends on the GPU's compute capability, the batch size and the hidden units,
/// and on nothing measured when the program starts, so that a seed gives the same weights in every run.
/// </summary>
internal static class TensorCores
{
    /// <summary>
    /// Compute capabilities whose tensor cores multiply bfloat16 and add in float32 at the full rate, and the images ×
    /// hidden units from which the hidden layer and the update are faster there. GeForce and workstation GPUs (8.6, 8.9,
    /// 12.0) do it at half the rate; docs/kernels.md has the calculation.
    /// </summary>
    private static readonly (int Major, int Minor, long HiddenLayer, long Update)[] s_leastActivations =
    [
        (8, 0, 200_000, 25_600), // A100
        (9, 0, 200_000, 25_600), // H100, H200
    ];

    private const string OnlyCuda = "only CUDA gives access to them";

    /// <summary>Fewer images than this leave most of a tile empty, for any number of units.</summary>
    private const int LeastImages = 64;

    /// <summary>Whether an accelerator can run these kernels: CUDA devices of compute capability 8.0 and higher.</summary>
    public static bool CanRun(Accelerator accelerator) => WhyCannotRun(Capability(accelerator)) is null;

    /// <summary>Why an accelerator of this <see cref="Capability"/> cannot run these kernels; null if it can.</summary>
    public static string? WhyCannotRun((int Major, int Minor)? capability) => capability switch
    {
        null => OnlyCuda,
        { Major: >= 8 } => null,
        var (major, minor) => $"compute capability {major}.{minor} has none for bfloat16, 8.0 and higher have",
    };

    /// <summary>The rungs of the ladder that an accelerator can run.</summary>
    public static IEnumerable<Rung> RungsFor(Accelerator accelerator) =>
        Rung.All.Where(rung => !rung.OnTensorCores || CanRun(accelerator));

    /// <summary>The compute capability of an accelerator; null if it is not a CUDA device.</summary>
    public static (int Major, int Minor)? Capability(Accelerator accelerator) => accelerator is CudaAccelerator cuda
        ? (cuda.Architecture.Major, cuda.Architecture.Minor)
        : null;

    /// <summary>
    /// The number of operations to use in <c>Rounding.Gamma</c> for an element of Xᵀ·δh or X·W1 with this many terms that are not
    /// 0. They are not rounded one by one. A tensor core aligns products and the sum so far to the exponent of the largest,
    /// keeps at least 24 bits, and truncates the result to 24 as well: all but the largest lose up to 2u of the sum of the
    /// magnitudes, and so does the result. A product of 0 loses nothing, so each term accounts for at most two such losses, 4u,
    /// which also covers adding 16 products to the sum of others: a rounding, u, where a single product would lose nothing.
    /// Those with the lower parts are 128 times smaller, and twice as many: 1/16 u. In addition there are the sum of the parts,
    /// the sum of the two slices, two operations for the division by 255, and η or b1.
    /// </summary>
    public static int Operations(int terms) => 5 * terms + 5;

    /// <summary>Why a training does not compute its hidden layer on tensor cores; null if it does.</summary>
    /// <param name="capability">The accelerator's <see cref="Capability"/>.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="hidden">Hidden units.</param>
    public static string? WhyNotHiddenLayer((int Major, int Minor)? capability, int batchSize, int hidden) =>
        WhyNot(capability, batchSize, hidden, row => row.HiddenLayer);

    /// <summary>Why a training does not update its weights on tensor cores; null if it does.</summary>
    /// <param name="capability">The accelerator's <see cref="Capability"/>.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="hidden">Hidden units.</param>
    public static string? WhyNotUpdate((int Major, int Minor)? capability, int batchSize, int hidden) =>
        WhyNot(capability, batchSize, hidden, row => row.Update);

    /// <summary>
    /// Why an epoch in one launch does not update W1 on tensor cores; null if it does, for any size: fewer images than the
    /// maximum leave a part of its products empty, but do not take longer than without.
    /// </summary>
    /// <param name="capability">The accelerator's <see cref="Capability"/>.</param>
    public static string? WhyNotInOneLaunch((int Major, int Minor)? capability) =>
        WhyNot(capability, LeastImages, hidden: 0, _ => 0);

    private static string? WhyNot(
        (int Major, int Minor)? capability, int batchSize, int hidden,
        Func<(int Major, int Minor, long HiddenLayer, long Update), long> choose)
    {
        if (capability is not var (major, minor))
            return OnlyCuda;
        foreach (var row in s_leastActivations)
        {
            if ((row.Major, row.Minor) != (major, minor))
                continue;
            if (batchSize < LeastImages)
                return $"{batchSize} images are fewer than {LeastImages}";
            return (long)batchSize * hidden >= choose(row)
                ? null
                : $"{batchSize} images × {hidden} units are fewer than {choose(row)}";
        }
        return $"compute capability {major}.{minor} is not one where they are known to be faster";
    }
}
