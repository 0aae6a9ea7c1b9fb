using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Core.Verification;

namespace MnistGpu.Gpu.Verification;

/// <summary>Runs the kernels for matrices, which a training step does without, on random data.</summary>
/// <param name="accelerator">Where they run.</param>
/// <param name="tuned">Whether to run the tuned versions.</param>
internal sealed class MatrixVerifier(Accelerator accelerator, bool tuned)
{
    private readonly MatrixKernels _kernels = new(accelerator, tuned);
    private readonly string _version = tuned ? "tuned" : "naive";

    /// <summary>The three products of a layer with N inputs and M outputs, for B images.</summary>
    public IEnumerable<VerificationRow> Products(int images, int inputs, int outputs) =>
        MatrixProduct.OfLayer(images, inputs, outputs).Select(Product);

    /// <summary>σ of some numbers from −10 to 10.</summary>
    public VerificationRow Sigmoid(int length)
    {
        var random = new Random(length);
        float[] z = RandomData.Floats(random, length, 10);
        var computed = new float[length];
        using (MemoryBuffer1D<float, Stride1D.Dense> zBuffer = accelerator.Allocate1D(z))
        using (MemoryBuffer1D<float, Stride1D.Dense> resultBuffer = accelerator.Allocate1D<float>(length))
        {
            _kernels.Sigmoid(zBuffer.View, resultBuffer.View, length);
            accelerator.Synchronize();
            resultBuffer.View.CopyToCPU(computed);
        }

        var comparison = new Comparison();
        for (int i = 0; i < length; i++)
            comparison.Add(computed[i], 1 / (1 + Math.Exp(-z[i])), Rounding.Sigmoid(z[i], 0));
        return comparison.ToRow($"Sigmoid, {_version}", $"{length}");
    }

    private VerificationRow Product(MatrixProduct product)
    {
        (string name, int rows, int depth, int columns, int aRow, int aStep, int bStep, int bColumn) = product;
        var random = new Random(rows + depth + columns);
        float[] a = RandomData.Floats(random, rows * depth, 1);
        float[] b = RandomData.Floats(random, depth * columns, 1);
        var computed = new float[rows * columns];
        using (MemoryBuffer1D<float, Stride1D.Dense> aBuffer = accelerator.Allocate1D(a))
        using (MemoryBuffer1D<float, Stride1D.Dense> bBuffer = accelerator.Allocate1D(b))
        using (MemoryBuffer1D<float, Stride1D.Dense> cBuffer = accelerator.Allocate1D<float>(computed.Length))
        {
            _kernels.Multiply(aBuffer.View, bBuffer.View, cBuffer.View, product);
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
                    double term = (double)a[i * aRow + k * aStep] * b[k * bStep + j * bColumn];
                    sum += term;
                    magnitude += Math.Abs(term);
                }
                // depth products and depth − 1 additions: no term goes through more than depth operations.
                comparison.Add(computed[i * columns + j], sum, Rounding.Gamma(depth) * magnitude);
            }
        return comparison.ToRow($"MatrixMultiply {name}, {_version}", $"{rows}×{depth}×{columns}");
    }
}
