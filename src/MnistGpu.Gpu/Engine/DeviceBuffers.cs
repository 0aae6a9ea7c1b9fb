using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Gpu.Engine;

/// <summary>Buffers in an accelerator's memory that come and go together. Their content is undefined at first.</summary>
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

    /// <summary>A matrix, row after row.</summary>
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
        lock (accelerator)
            foreach (IDisposable buffer in _buffers)
                Free(buffer);
        _buffers.Clear();
    }

    /// <summary>Takes over a buffer.</summary>
    internal void Add(IDisposable buffer) => _buffers.Add(buffer);

    /// <summary>
    /// Disposes something that belongs to a driver. After a failure a CUDA driver fails every call, this one too; that
    /// must neither hide the first failure nor keep what comes after from being freed.
    /// </summary>
    internal static void Free(IDisposable? resource)
    {
        try
        {
            resource?.Dispose();
        }
        catch (Exception)
        {
            // The driver has said what is wrong, or says it to the next call that computes.
        }
    }
}
