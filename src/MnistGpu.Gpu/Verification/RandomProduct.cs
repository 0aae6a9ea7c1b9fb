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

    /// <param name="accelerator">Where the views are.</param>
    /// <param name="queue">Copies.</param>
    /// <param name="rows">Rows M of A and C.</param>
    /// <param name="depth">Columns K of A, rows of B: the terms of each sum.</param>
    /// <param name="columns">Columns N of B and C.</param>
    public RandomProduct(Accelerator accelerator, DeviceQueue queue, int rows, int depth, int columns)
    {
        Shape = $"{rows}×{depth}×{columns}";
        var random = new Random(rows + depth + columns);
        A = Numbers(rows * depth);
        B = Numbers(depth * columns);
        _buffers = new DeviceBuffers(accelerator);
        DeviceA = _buffers.AllocateMatrix(rows, depth);
        DeviceB = _buffers.AllocateMatrix(depth, columns);
        DeviceC = _buffers.AllocateMatrix(rows, columns);
        queue.Upload<float>(A, DeviceA.BaseView);
        queue.Upload<float>(B, DeviceB.BaseView);

        float[] Numbers(int count)
        {
            var numbers = new float[count];
            for (int i = 0; i < count; i++)
                numbers[i] = random.NextSingle() * 2 - 1;
            return numbers;
        }
    }

    /// <summary>"33×784×100": M×K×N.</summary>
    public string Shape { get; }

    /// <summary>M×K, from −1 to 1.</summary>
    public float[] A { get; }

    /// <summary>K×N, from −1 to 1.</summary>
    public float[] B { get; }

    public Matrix DeviceA { get; }

    public Matrix DeviceB { get; }

    /// <summary>M×N; its initial content is undefined.</summary>
    public Matrix DeviceC { get; }

    public void Dispose() => _buffers.Dispose();
}
