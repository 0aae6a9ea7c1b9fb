using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu;

/// <summary>
/// The kernels for matrices, which a training step does without: compiled for an accelerator, to be verified and
/// measured.
/// </summary>
internal sealed class MatrixKernels
{
    private readonly Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, MatrixProduct> _multiply;
    private readonly Action<ArrayView<float>, ArrayView<float>, int> _sigmoid;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="accelerator">Where they run.</param>
    /// <param name="tuned">Whether to take the tuned versions; the accelerator must be able to run them.</param>
    public MatrixKernels(Accelerator accelerator, bool tuned)
    {
        if (tuned)
        {
            var multiply = accelerator.LoadStreamKernel<
                ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int, int, int, int>(
                MatrixMultiply.Tuned);
            _multiply = (a, b, c, product) => multiply(
                MatrixMultiply.TunedLaunch(product.Rows, product.Columns), a, b, c,
                product.Rows, product.Depth, product.Columns,
                product.ARow, product.AStep, product.BStep, product.BColumn);
            var sigmoid = accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int>(Kernels.Sigmoid.Tuned);
            _sigmoid = (z, result, length) => sigmoid(Kernels.Sigmoid.TunedLaunch(length), z, result, length);
        }
        else
        {
            bool inGroupsOfOne = DeviceQueue.InGroupsOfOne(accelerator);
            var naiveMultiply = MatrixMultiply.Naive;
            var multiply = inGroupsOfOne
                ? accelerator.LoadImplicitlyGroupedStreamKernel(naiveMultiply, 1)
                : accelerator.LoadAutoGroupedStreamKernel(naiveMultiply);
            _multiply = (a, b, c, product) => multiply(
                product.Rows * product.Columns, a, b, c,
                product.Depth, product.Columns, product.ARow, product.AStep, product.BStep, product.BColumn);
            var naiveSigmoid = Kernels.Sigmoid.Naive;
            var sigmoid = inGroupsOfOne
                ? accelerator.LoadImplicitlyGroupedStreamKernel(naiveSigmoid, 1)
                : accelerator.LoadAutoGroupedStreamKernel(naiveSigmoid);
            _sigmoid = (z, result, length) => sigmoid(length, z, result);
        }
    }

    /// <summary>Launches C = A·B.</summary>
    public void Multiply(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, MatrixProduct product) =>
        _multiply(a, b, c, product);

    /// <summary>Launches σ of the first numbers of an array.</summary>
    public void Sigmoid(ArrayView<float> z, ArrayView<float> result, int length) => _sigmoid(z, result, length);
}
