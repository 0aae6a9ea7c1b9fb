namespace ILGPU.Runtime;

/// <summary>Memory of an accelerator, seen through a kind of view.</summary>
/// <typeparam name="TView">The kind of view.</typeparam>
public abstract class MemoryBuffer<TView> : MemoryBuffer
    where TView : struct
{
    internal MemoryBuffer(Accelerator accelerator, DeviceMemory memory, long length, int elementSize)
        : base(accelerator, memory, length, elementSize)
    {
    }

    /// <summary>The view of all elements.</summary>
    /// <exception cref="ObjectDisposedException">The buffer has been disposed.</exception>
    public abstract TView View { get; }

    /// <summary>The view of all elements.</summary>
    public static implicit operator TView(MemoryBuffer<TView> buffer) => buffer.View;
}
