using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Verification;
using MnistGpu.Kernels.Ladder;

namespace MnistGpu.Gpu.Measurement;

/// <summary>
/// Times the ladder's matrix products, and next to them that of cuBLAS, NVIDIA's own library, if it is installed: the goal
/// that the rungs climb towards. Where there are tensor cores, cuBLAS computes it once more in TF32, which rounds both matrices
/// to 11 bits for them. Faster products may be less exact, so each comes with its error.
/// </summary>
public sealed class LadderMeasurement
{
    /// <summary>The name of timings of NVIDIA's library.</summary>
    public const string CuBlasName = "cuBLAS";

    /// <summary>CUBLAS_TF32_TENSOR_OP_MATH, which ILGPU has no name for.</summary>
    private const CuBlasMathMode Tf32 = (CuBlasMathMode)3;

    /// <summary>Rows of C whose error is computed: a processor takes its time for large products.</summary>
    private const int CheckedRows = 64;

    private readonly Accelerator _accelerator;
    private readonly (int Rows, int Depth, int Columns)[] _sizes;
    private readonly LaunchTimer _timer;

    /// <summary>Prepares to measure X·W1 of a batch of 64 images, and a product that fills the device.</summary>
    /// <param name="engine">The accelerator's engine.</param>
    /// <param name="isGpu">Whether the device is a GPU; a CPU gets a smaller product.</param>
    /// <param name="cancellationToken">Checked between samples.</param>
    public LadderMeasurement(AcceleratorEngine engine, bool isGpu, CancellationToken cancellationToken)
        : this(
            engine.Accelerator,
            DeviceQueue.SuitsTuned(engine.Accelerator)
                ? [(64, 784, 100), isGpu ? (1024, 1024, 1024) : (256, 256, 256)]
                : [],
            new LaunchTimer(engine.Accelerator, cancellationToken))
    {
    }

    internal LadderMeasurement(
        Accelerator accelerator, (int Rows, int Depth, int Columns)[] sizes, LaunchTimer timer)
    {
        _accelerator = accelerator;
        _sizes = sizes;
        _timer = timer;
    }

    /// <summary>Why the rung on tensor cores is left out; null if it is measured.</summary>
    public string? WhyNotOnTensorCores => TensorCores.WhyCannotRun(TensorCores.Capability(_accelerator));

    /// <summary>Times the products of each size; there are none if groups are too small for the ladder.</summary>
    /// <returns>
    /// One timing per rung, and one or two of <see cref="CuBlasName"/> if it is installed; each size as soon as it is done.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<KernelTiming[]> Products()
    {
        if (_sizes.Length == 0)
            yield break;
        var queue = new DeviceQueue(_accelerator, tuned: true);
        var kernels = TensorCores.RungsFor(_accelerator)
            .Select(rung => (rung, Kernel: _accelerator.LoadStreamKernel(rung.Kernel))).ToArray();
        using CuBlas? cuBlas = OpenCuBlas(CuBlasMathMode.DefaultMath);
        using CuBlas? tf32 = TensorCores.CanRun(_accelerator) ? OpenCuBlas(Tf32) : null;
        foreach ((int rows, int depth, int columns) in _sizes)
        {
            using var product = new RandomProduct(_accelerator, queue, rows, depth, columns);
            (Matrix a, Matrix b, Matrix c) = (product.DeviceA, product.DeviceB, product.DeviceC);
            List<(string Name, Action Launch)> launches =
                [.. kernels.Select(k => (k.rung.Name, (Action)(() => k.Kernel(k.rung.Launch(rows, columns), a, b, c))))];
            if (cuBlas is not null)
                launches.Add((CuBlasName, () => Multiply(cuBlas, a, b, c)));
            if (tf32 is not null)
                launches.Add(($"{CuBlasName}, TF32", () => Multiply(tf32, a, b, c)));
            List<double>[] seconds = _timer.Time([.. launches.Select(launch => launch.Launch)]);
            var expected = product.Expected(Math.Min(rows, CheckedRows));
            yield return
            [
                .. launches.Zip(seconds, (launch, samples) => new KernelTiming(
                    launch.Name, "", product.Shape, 2.0 * rows * depth * columns,
                    sizeof(float) * ((double)rows * depth + (double)depth * columns + (double)rows * columns), samples)
                {
                    LargestError = LargestError(product.Compute(launch.Launch), expected),
                }),
            ];
        }
    }

    /// <summary>See <see cref="KernelTiming.LargestError"/>.</summary>
    private static double LargestError(float[] computed, (double[] Values, double[] Magnitudes) expected)
    {
        double largest = 0;
        for (int i = 0; i < expected.Values.Length; i++)
            if (expected.Magnitudes[i] > 0)
                largest = Math.Max(largest, Math.Abs(computed[i] - expected.Values[i]) / (Rounding.Unit * expected.Magnitudes[i]));
        return largest;
    }

    /// <summary>
    /// C = A·B. The library expects matrices column by column: our rows are its columns, so to it this is Cᵀ = Bᵀ·Aᵀ.
    /// </summary>
    internal static void Multiply(CuBlas cuBlas, Matrix a, Matrix b, Matrix c)
    {
        (int rows, int depth, int columns) = (c.IntExtent.X, a.IntExtent.Y, c.IntExtent.Y);
        cuBlas.Gemm(
            CuBlasOperation.NonTranspose, CuBlasOperation.NonTranspose, columns, rows, depth,
            1, b.BaseView, columns, a.BaseView, depth, 0, c.BaseView, columns);
    }

    /// <summary>
    /// Null on other devices than CUDA's, and if the library is missing, does not work, or is too old for what is asked for.
    /// </summary>
    private CuBlas? OpenCuBlas(CuBlasMathMode mode)
    {
        if (_accelerator is not CudaAccelerator cuda)
            return null;
        try
        {
            return new CuBlas(cuda) { MathMode = mode };
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or CuBlasException)
        {
            return null;
        }
    }
}
