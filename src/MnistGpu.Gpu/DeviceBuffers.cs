using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Gpu;

/// <summary>Buffers in an accelerator's memory that come and go together.</summary>
internal sealed class DeviceBuffers(Accelerator accelerator) : IDisposable
{
    private readonly List<IDisposable> _buffers = [];

    /// <summary>A buffer of undefined content.</summary>
    /// <param name="length">Number of elements, at least 1.</param>
    public ArrayView<T> Allocate<T>(long length)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(length);
        _buffers.Add(buffer);
        return buffer.View;
    }

    /// <summary>Frees the buffers; new ones may be allocated afterwards.</summary>
    public void Dispose()
    {
        foreach (IDisposable buffer in _buffers)
            buffer.Dispose();
        _buffers.Clear();
    }
}
