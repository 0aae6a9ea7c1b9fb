using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Kernels;
using MnistGpu.Verification;

namespace MnistGpu.Gpu.Verification;

/// <summary>Runs the kernels for matrices, which a training step does without, on random data.</summary>
/// <param name="accelerator">Where they run.</param>
/// <param name="tuned">Whether to run the tuned versions.</param>
internal sealed class MatrixVerifier(Accelerator accelerator, bool tuned)
{
    private readonly string _version = tuned ? "tuned" : "naive";

    /// <summary>The three products of a layer with N inputs and M outputs, for B images.</summary>
    public IEnumerable<VerificationRow> Products(int images, int inputs, int outputs)
    {
        yield return Product("X·W", images, inputs, outputs, inputs, 1, outputs, 1);
        yield return Product("Xᵀ·δ", inputs, images, outputs, 1, inputs, outputs, 1);
        yield return Product("δ·Wᵀ", images, outputs, inputs, outputs, 1, 1, outputs);
    }

    /// <summary>σ of some numbers from −10 to 10.</summary>
    public VerificationRow Sigmoid(int length)
    {
        var random = new Random(length);
        float[] z = RandomData.Floats(random, length, 10);
        var computed = new float[length];
        using (MemoryBuffer1D<float, Stride1D.Dense> zBuffer = accelerator.Allocate1D(z))
        using (MemoryBuffer1D<float, Stride1D.Dense> resultBuffer = accelerator.Allocate1D<float>(length))
        {
            if (tuned)
                accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int>(Kernels.Sigmoid.Tuned)(
                    Kernels.Sigmoid.TunedLaunch(length), zBuffer.View, resultBuffer.View, length);
            else
                accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>>(
                    Kernels.Sigmoid.Naive)(length, zBuffer.View, resultBuffer.View);
            accelerator.Synchronize();
            resultBuffer.View.CopyToCPU(computed);
        }

        var comparison = new Comparison();
        for (int i = 0; i < length; i++)
            comparison.Add(computed[i], 1 / (1 + Math.Exp(-z[i])), Rounding.Sigmoid(z[i], 0));
        return comparison.ToRow($"Sigmoid, {_version}", $"{length}");
    }

    private VerificationRow Product(
        string name, int rows, int depth, int columns, int aRow, int aStep, int bStep, int bColumn)
    {
        var random = new Random(rows + depth + columns);
        float[] a = RandomData.Floats(random, rows * depth, 1);
        float[] b = RandomData.Floats(random, depth * columns, 1);
        var computed = new float[rows * columns];
        using (MemoryBuffer1D<float, Stride1D.Dense> aBuffer = accelerator.Allocate1D(a))
        using (MemoryBuffer1D<float, Stride1D.Dense> bBuffer = accelerator.Allocate1D(b))
        using (MemoryBuffer1D<float, Stride1D.Dense> cBuffer = accelerator.Allocate1D<float>(computed.Length))
        {
            if (tuned)
                accelerator.LoadStreamKernel<
                    ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int, int, int, int>(
                    MatrixMultiply.Tuned)(
                    MatrixMultiply.TunedLaunch(rows, columns),
                    aBuffer.View, bBuffer.View, cBuffer.View, rows, depth, columns, aRow, aStep, bStep, bColumn);
            else
                accelerator.LoadAutoGroupedStreamKernel<
                    Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int, int, int>(
                    MatrixMultiply.Naive)(
                    rows * columns,
                    aBuffer.View, bBuffer.View, cBuffer.View, depth, columns, aRow, aStep, bStep, bColumn);
            accelerator.Synchronize();
            cBuffer.View.CopyToCPU(computed);
        }

        var comparison = new Comparison();
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
            {
                double sum = 0, magnitude = 0;
                for (int k = 0; k < depth; k++)
                {
                    double product = (double)a[i * aRow + k * aStep] * b[k * bStep + j * bColumn];
                    sum += product;
                    magnitude += Math.Abs(product);
                }
                // depth products and depth − 1 additions: no term goes through more than depth operations.
                comparison.Add(computed[i * columns + j], sum, Rounding.Gamma(depth) * magnitude);
            }
        return comparison.ToRow($"MatrixMultiply {name}, {_version}", $"{rows}×{depth}×{columns}");
    }
}
