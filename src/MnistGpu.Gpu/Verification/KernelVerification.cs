using ILGPU.Runtime;
using MnistGpu.Core.Verification;

namespace MnistGpu.Gpu.Verification;

/// <summary>
/// Whether an accelerator computes what it should: every kernel on random data, held against plain loops in double
/// precision.
/// </summary>
public static class KernelVerification
{
    /// <summary>Batch sizes and hidden units, most of them no multiple of any tile.</summary>
    private static readonly (int Images, int Hidden)[] s_shapes = [(1, 1), (7, 16), (33, 133), (64, 100)];

    /// <summary>Verifies the naive kernels, and the tuned ones where the accelerator suits them.</summary>
    /// <returns>The comparisons, each as soon as it is made.</returns>
    public static IEnumerable<VerificationRow> Run(AcceleratorEngine engine)
    {
        Accelerator accelerator = engine.Accelerator;
        bool[] versions = DeviceQueue.SuitsTuned(accelerator) ? [false, true] : [false];
        foreach (bool tuned in versions)
        {
            var step = new StepVerifier(accelerator, tuned, $"{engine.Device} ({accelerator.Name})");
            foreach ((int images, int hidden) in s_shapes)
                foreach (VerificationRow row in step.Kernels(images, hidden))
                    yield return row;
        }
    }
}
