namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>A buffer as it is after a CUDA driver has failed: freeing it fails too.</summary>
internal sealed class FailingBuffer : IDisposable
{
    /// <summary>How often it was to be freed.</summary>
    public int Disposals { get; private set; }

    public void Dispose()
    {
        Disposals++;
        throw new InvalidOperationException("an illegal memory access was encountered");
    }
}
