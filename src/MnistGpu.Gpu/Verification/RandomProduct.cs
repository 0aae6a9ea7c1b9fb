using ILGPU.Runtime;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Memory;

namespace MnistGpu.Gpu.Verification;

/// <summary>
/// Random matrices for a product C = A·B, on the host and on an accelerator, to verify and time the ladder's kernels with.
/// </summary>
internal sealed class RandomProduct : IDisposable
{
    private readonly DeviceBuffers _buffers;
    private readonly DeviceQueue _queue;

    /// <param name="accelerator">Where the views are.</param>
    /// <param name="queue">Copies.</param>
    /// <param name="rows">Rows M of A and C.</param>
    /// <param name="depth">Columns K of A, rows of B: the terms of each sum.</param>
    /// <param name="columns">Columns N of B and C.</param>
    public RandomProduct(Accelerator accelerator, DeviceQueue queue, int rows, int depth, int columns)
    {
        Shape = $"{rows}×{depth}×{columns}";
        _queue = queue;
        var random = new Random(rows + depth + columns);
        A = [.. Enumerable.Range(0, rows * depth).Select(_ => (float)random.Next(256))];
        B = [.. Enumerable.Range(0, depth * columns).Select(_ => random.NextSingle() * 2 - 1)];
        _buffers = new DeviceBuffers(accelerator);
        DeviceA = _buffers.AllocateMatrix(rows, depth);
        DeviceB = _buffers.AllocateMatrix(depth, columns);
        DeviceC = _buffers.AllocateMatrix(rows, columns);
        queue.Upload<float>(A, DeviceA.BaseView);
        queue.Upload<float>(B, DeviceB.BaseView);
    }

    /// <summary>"33×784×100": M×K×N.</summary>
    public string Shape { get; }

    /// <summary>M×K, whole numbers from 0 to 255: the bytes that the last rung needs.</summary>
    public float[] A { get; }

    /// <summary>K×N, from −1 to 1.</summary>
    public float[] B { get; }

    public Matrix DeviceA { get; }

    public Matrix DeviceB { get; }

    /// <summary>M×N; its initial content is undefined.</summary>
    public Matrix DeviceC { get; }

    /// <summary>The first rows of C and the sum of each element's terms' magnitudes, by plain loops in double precision.</summary>
    public (double[] Values, double[] Magnitudes) Expected(int rows)
    {
        (int depth, int columns) = (DeviceB.IntExtent.X, DeviceB.IntExtent.Y);
        var values = new double[rows * columns];
        var magnitudes = new double[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int k = 0; k < depth; k++)
                for (int j = 0; j < columns; j++)
                {
                    double term = (double)A[i * depth + k] * B[k * columns + j];
                    values[i * columns + j] += term;
                    magnitudes[i * columns + j] += Math.Abs(term);
                }
        return (values, magnitudes);
    }

    /// <summary>What a kernel computes; NaN where it writes nothing.</summary>
    public float[] Compute(Action kernel)
    {
        var unwritten = new float[DeviceC.IntLength];
        unwritten.AsSpan().Fill(float.NaN);
        // So that an element that a kernel forgets does not have the value left there by another.
        _queue.Upload<float>(unwritten, DeviceC.BaseView);
        kernel();
        return _queue.Download(DeviceC.BaseView);
    }

    public void Dispose() => _buffers.Dispose();
}
