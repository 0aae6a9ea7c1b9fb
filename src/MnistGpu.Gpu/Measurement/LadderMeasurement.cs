using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Verification;
using MnistGpu.Kernels.Ladder;

namespace MnistGpu.Gpu.Measurement;

/// <summary>
/// Times the ladder's matrix products, and next to them that of cuBLAS, NVIDIA's own library, if it is installed: the goal
/// that the rungs climb towards.
/// </summary>
public sealed class LadderMeasurement
{
    /// <summary>The name of timings of NVIDIA's library.</summary>
    public const string CuBlasName = "cuBLAS";

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

    /// <summary>Times the products of each size; there are none if groups are too small for the ladder.</summary>
    /// <returns>One timing per rung, and one of <see cref="CuBlasName"/> if it is installed; each size as soon as it is done.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<KernelTiming[]> Products()
    {
        if (_sizes.Length == 0)
            yield break;
        var queue = new DeviceQueue(_accelerator, tuned: true);
        var kernels = Rung.All.Select(rung => (rung, Kernel: _accelerator.LoadStreamKernel(rung.Kernel))).ToArray();
        using CuBlas? cuBlas = OpenCuBlas();
        foreach ((int rows, int depth, int columns) in _sizes)
        {
            using var product = new RandomProduct(_accelerator, queue, rows, depth, columns);
            (Matrix a, Matrix b, Matrix c) = (product.DeviceA, product.DeviceB, product.DeviceC);
            List<(string Name, Action Launch)> launches =
                [.. kernels.Select(k => (k.rung.Name, (Action)(() => k.Kernel(k.rung.Launch(rows, columns), a, b, c))))];
            if (cuBlas is not null)
                launches.Add((CuBlasName, () => Multiply(cuBlas, a, b, c)));
            List<double>[] seconds = _timer.Time([.. launches.Select(launch => launch.Launch)]);
            yield return
            [
                .. launches.Zip(seconds, (launch, samples) => new KernelTiming(
                    launch.Name, "", product.Shape, 2.0 * rows * depth * columns,
                    sizeof(float) * ((double)rows * depth + (double)depth * columns + (double)rows * columns), samples)),
            ];
        }
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

    /// <summary>Null on other devices than CUDA's, and if the library is missing or does not work.</summary>
    private CuBlas? OpenCuBlas()
    {
        if (_accelerator is not CudaAccelerator cuda)
            return null;
        try
        {
            return new CuBlas(cuda);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or CuBlasException)
        {
            return null;
        }
    }
}
