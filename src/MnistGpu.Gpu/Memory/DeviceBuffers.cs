using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Gpu.Memory;

/// <summary>Buffers in an accelerator's memory that are freed together. Their initial content is undefined.</summary>
internal sealed class DeviceBuffers(Accelerator accelerator) : IDisposable
{
    private readonly List<IDisposable> _buffers = [];

    /// <param name="length">Number of elements, at least 1.</param>
    public ArrayView<T> Allocate<T>(long length)
        where T : unmanaged
    {
        lock (accelerator)
        {
            MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(length);
            Add(buffer);
            return buffer.View;
        }
    }

    /// <summary>Allocates a matrix, stored row by row.</summary>
    public Matrix AllocateMatrix(int rows, int columns)
    {
        lock (accelerator)
        {
            MemoryBuffer2D<float, Stride2D.DenseY> buffer = accelerator.Allocate2DDenseY<float>(new LongIndex2D(rows, columns));
            Add(buffer);
            return buffer.View;
        }
    }

    /// <summary>Frees the buffers, without throwing; new ones may be allocated afterwards.</summary>
    public void Dispose()
    {
        // CUDA may wait for all that is running, which must not keep other threads from launching.
        foreach (IDisposable buffer in _buffers)
            Free(buffer);
        _buffers.Clear();
    }

    /// <summary>Takes over a buffer.</summary>
    internal void Add(IDisposable buffer) => _buffers.Add(buffer);

    /// <summary>
    /// Disposes something that belongs to a driver. After a failure, a CUDA driver fails every call, including this one, which
    /// must neither hide the first failure nor prevent other things from being freed.
    /// </summary>
    internal static void Free(IDisposable? resource)
    {
        try
        {
            resource?.Dispose();
        }
        catch (Exception)
        {
            // The driver has reported the problem, or will at the next call that computes.
        }
    }
}
