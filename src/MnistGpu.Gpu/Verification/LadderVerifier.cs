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
    private readonly Action<KernelConfig, Matrix, Matrix, Matrix>[] _kernels =
        [.. Rung.All.Select(rung => accelerator.LoadStreamKernel(rung.Kernel))];

    /// <summary>C = A·B by each rung.</summary>
    /// <param name="rows">Rows M of A and C.</param>
    /// <param name="depth">Columns K of A, rows of B.</param>
    /// <param name="columns">Columns N of B and C.</param>
    /// <exception cref="DeviceException">The device fails; the message names the rung.</exception>
    public IEnumerable<VerificationRow> Rungs(int rows, int depth, int columns)
    {
        using var product = new RandomProduct(accelerator, queue, rows, depth, columns);
        var expected = new double[rows * columns];
        var magnitudes = new double[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int k = 0; k < depth; k++)
                for (int j = 0; j < columns; j++)
                {
                    double term = (double)product.A[i * depth + k] * product.B[k * columns + j];
                    expected[i * columns + j] += term;
                    magnitudes[i * columns + j] += Math.Abs(term);
                }

        var unwritten = new float[rows * columns];
        unwritten.AsSpan().Fill(float.NaN);
        for (int rung = 0; rung < _kernels.Length; rung++)
        {
            // So that an element that a rung forgets does not have the value left there by the rung before.
            queue.Upload<float>(unwritten, product.DeviceC.BaseView);
            float[] computed = Run(rung, product);
            var comparison = new Comparison();
            // K products and K − 1 additions: no term goes through more than K operations.
            for (int i = 0; i < computed.Length; i++)
                comparison.Add(computed[i], expected[i], Rounding.Gamma(depth) * magnitudes[i]);
            yield return comparison.ToRow(Rung.All[rung].Name, product.Shape);
        }
    }

    private float[] Run(int rung, RandomProduct product)
    {
        try
        {
            _kernels[rung](
                Rung.All[rung].Launch(product.DeviceC.IntExtent.X, product.DeviceC.IntExtent.Y),
                product.DeviceA, product.DeviceB, product.DeviceC);
            return queue.Download(product.DeviceC.BaseView);
        }
        catch (Exception exception) when (DeviceException.IsDeviceFault(exception))
        {
            throw new DeviceException(device ?? accelerator.Name, $"failed in {Rung.All[rung].Name}", exception);
        }
    }
}
