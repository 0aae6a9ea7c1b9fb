namespace ILGPU.Runtime;

/// <summary>A sequence of launches and copies, each of which begins when the one before it has ended.</summary>
public abstract class AcceleratorStream : AcceleratorObject
{
    internal AcceleratorStream(Accelerator accelerator)
        : base(accelerator)
    {
    }

    /// <summary>Waits for everything in the stream to end.</summary>
    /// <exception cref="ObjectDisposedException">The stream or its accelerator has been disposed.</exception>
    public abstract void Synchronize();
}
