using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels.Ladder;

namespace MnistGpu.Gpu.Verification;

/// <summary>Runs the ladder's matrix products on random data. The expected values are plain loops in double precision.</summary>
/// <param name="accelerator">Where they run; its groups must have <see cref="Rung.GroupSize"/> threads.</param>
/// <param name="queue">Copies.</param>
/// <param name="device">The accelerator's name in errors; null for its driver's name.</param>
internal sealed class LadderVerifier(Accelerator accelerator, DeviceQueue queue, string? device = null)
{
    private readonly (Rung Rung, Action<KernelConfig, Matrix, Matrix, Matrix> Kernel)[] _rungs =
        [.. TensorCores.RungsFor(accelerator).Select(rung => (rung, accelerator.LoadStreamKernel(rung.Kernel)))];

    /// <summary>C = A·B by each rung that the accelerator can run.</summary>
    /// <param name="rows">Rows M of A and C.</param>
    /// <param name="depth">Columns K of A, rows of B.</param>
    /// <param name="columns">Columns N of B and C.</param>
    /// <exception cref="DeviceException">The device fails; the message names the rung.</exception>
    public IEnumerable<VerificationRow> Rungs(int rows, int depth, int columns)
    {
        using var product = new RandomProduct(accelerator, queue, rows, depth, columns);
        (double[] expected, double[] magnitudes) = product.Expected(rows);
        foreach ((Rung rung, Action<KernelConfig, Matrix, Matrix, Matrix> kernel) in _rungs)
        {
            float[] computed = Run(rung.Name, product, () => kernel(
                rung.Launch(rows, columns), product.DeviceA, product.DeviceB, product.DeviceC));
            var comparison = new Comparison();
            // K products and K − 1 additions: no term goes through more than K operations, where each is rounded.
            int operations = rung.OnTensorCores ? TensorCores.Operations(depth) : depth;
            for (int i = 0; i < computed.Length; i++)
                comparison.Add(computed[i], expected[i], Rounding.Gamma(operations) * magnitudes[i]);
            yield return comparison.ToRow(rung.Name, product.Shape);
        }
    }

    private float[] Run(string rung, RandomProduct product, Action kernel)
    {
        try
        {
            return product.Compute(kernel);
        }
        catch (Exception exception) when (DeviceException.IsDeviceFault(exception))
        {
            throw new DeviceException(device ?? accelerator.Name, $"failed in {rung}", exception);
        }
    }
}
