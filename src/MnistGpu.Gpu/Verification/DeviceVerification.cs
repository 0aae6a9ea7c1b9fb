using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Training;

namespace MnistGpu.Gpu.Verification;

/// <summary>
/// Whether an accelerator computes what it should: every kernel on random data, held against plain loops in double
/// precision, and a short training, held against the reference engine.
/// </summary>
public static class DeviceVerification
{
    /// <summary>Hidden units of the short training.</summary>
    private const int Hidden = 100;

    /// <summary>Steps of the short training.</summary>
    private const int Steps = 50;

    /// <summary>Batch sizes and hidden units, most of them no multiple of any tile.</summary>
    private static readonly (int Images, int Units)[] s_shapes = [(1, 1), (7, 16), (33, 133), (64, 100)];

    /// <summary>
    /// Verifies an accelerator: the naive kernels, the tuned ones where the accelerator suits them, then 50 training
    /// steps at the default batch size with the kernels that training would choose.
    /// </summary>
    /// <param name="device">As for <see cref="AcceleratorEngine.Open"/>.</param>
    /// <returns>The comparisons, each as soon as it is made.</returns>
    /// <exception cref="ArgumentException">The name is not an accelerator's.</exception>
    /// <exception cref="InvalidOperationException">There is no such accelerator here, or it cannot be used.</exception>
    public static IEnumerable<VerificationRow> Run(string device) => Run(device, Steps);

    /// <summary>The same with another number of training steps.</summary>
    internal static IEnumerable<VerificationRow> Run(string device, int steps)
    {
        using AcceleratorEngine engine = AcceleratorEngine.Open(device);
        Accelerator accelerator = engine.Accelerator;
        bool[] versions = DeviceQueue.SuitsTuned(accelerator) ? [false, true] : [false];
        foreach (bool tuned in versions)
            foreach (VerificationRow row in Kernels(accelerator, tuned))
                yield return row;

        int batchSize = new TrainingOptions().BatchSize;
        var training = new TrainingVerifier(Hidden, batchSize, steps * batchSize);
        foreach (VerificationRow row in training.Run(engine))
            yield return row;
    }

    private static IEnumerable<VerificationRow> Kernels(Accelerator accelerator, bool tuned)
    {
        var matrices = new MatrixVerifier(accelerator, tuned);
        var step = new StepVerifier(accelerator, tuned);
        foreach ((int images, int units) in s_shapes)
            foreach (VerificationRow row in matrices.Products(images, inputs: 784, units))
                yield return row;
        foreach (int length in (int[])[1, 33, 784, 1025])
            yield return matrices.Sigmoid(length);
        foreach ((int images, int units) in s_shapes)
            foreach (VerificationRow row in step.Kernels(images, units))
                yield return row;
    }
}
