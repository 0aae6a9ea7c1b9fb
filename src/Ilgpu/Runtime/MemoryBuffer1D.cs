using System.Runtime.CompilerServices;

namespace ILGPU.Runtime;

/// <summary>A one-dimensional buffer in the memory of an accelerator.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <typeparam name="TStride">The stride: <see cref="Stride1D.Dense"/>.</typeparam>
public sealed class MemoryBuffer1D<T, TStride> : MemoryBuffer<ArrayView1D<T, TStride>>
    where T : unmanaged
    where TStride : struct, IStride1D
{
    internal MemoryBuffer1D(Accelerator accelerator, DeviceMemory memory, long length)
        : base(accelerator, memory, length, Unsafe.SizeOf<T>())
    {
    }

    /// <inheritdoc/>
    public override ArrayView1D<T, TStride> View => new(new ArrayView<T>(this, 0, Length), Length, default);

    /// <summary>The number of elements.</summary>
    public LongIndex1D Extent => Length;

    /// <summary>The number of elements as an int index.</summary>
    public Index1D IntExtent => new(checked((int)Length));
}
