using ILGPU.Runtime;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Verification;

/// <summary>
/// Checks whether an accelerator computes correctly: every kernel on random data, against plain loops in double precision.
/// </summary>
public static class KernelVerifier
{
    /// <summary>Batch sizes and hidden units, most of them not a multiple of any tile.</summary>
    private static readonly (int Images, int Hidden)[] s_shapes = [(1, 1), (7, 16), (33, 133), (64, 100)];

    /// <summary>
    /// Rows, depth and columns of the ladder's products: less than a tile, more than one, multiples of 4 and not.
    /// </summary>
    private static readonly (int Rows, int Depth, int Columns)[] s_products =
        [(1, 1, 1), (7, 16, 33), (16, 33, 7), (33, 784, 100), (100, 100, 65), (64, 784, 100)];

    /// <summary>Verifies the naive kernels, and the tuned ones and the ladder if the accelerator can run them.</summary>
    /// <returns>The comparisons, each as soon as it is done.</returns>
    public static IEnumerable<VerificationRow> Run(AcceleratorEngine engine)
    {
        Accelerator accelerator = engine.Accelerator;
        string device = $"{engine.Device} ({accelerator.Name})";
        bool suitsTuned = DeviceQueue.SuitsTuned(accelerator);
        bool[] versions = suitsTuned ? [false, true] : [false];
        foreach (bool tuned in versions)
        {
            var step = new StepVerifier(accelerator, tuned, device);
            foreach ((int images, int hidden) in s_shapes)
                foreach (VerificationRow row in step.Kernels(images, hidden))
                    yield return row;
        }
        if (!suitsTuned)
            yield break;
        var ladder = new LadderVerifier(accelerator, new DeviceQueue(accelerator, tuned: true), device);
        foreach ((int rows, int depth, int columns) in s_products)
            foreach (VerificationRow row in ladder.Rungs(rows, depth, columns))
                yield return row;
    }
}
