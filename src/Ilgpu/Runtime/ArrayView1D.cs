using System.Runtime.CompilerServices;

namespace ILGPU.Runtime;

/// <summary>A view with its extent and stride: what a buffer hands out.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <typeparam name="TStride">The stride: <see cref="Stride1D.Dense"/>.</typeparam>
/// <param name="baseView">The elements in memory.</param>
/// <param name="extent">The number of elements.</param>
/// <param name="stride">How they lie in memory.</param>
public readonly struct ArrayView1D<T, TStride>(ArrayView<T> baseView, LongIndex1D extent, TStride stride) : IBufferView
    where T : unmanaged
    where TStride : struct, IStride1D
{
    /// <summary>The elements in memory.</summary>
    public ArrayView<T> BaseView { get; } = baseView;

    /// <summary>The number of elements.</summary>
    public LongIndex1D Extent { get; } = extent;

    /// <summary>The number of elements as an int index.</summary>
    public Index1D IntExtent => IntLength;

    /// <summary>How the elements lie in memory.</summary>
    public TStride Stride { get; } = stride;

    /// <summary>The number of elements.</summary>
    public long Length => Extent.X;

    /// <summary><see cref="Length"/> as an int.</summary>
    public int IntLength => checked((int)Length);

    /// <summary>The number of bytes of all elements.</summary>
    public long LengthInBytes => Length * Unsafe.SizeOf<T>();

    /// <summary>Whether it is a view of a buffer, and not the default value.</summary>
    public bool IsValid => BaseView.IsValid;

    MemoryBuffer? IBufferView.Buffer => BaseView.Memory?.Buffer;

    DeviceMemory? IBufferView.Memory => BaseView.Memory;

    nint IBufferView.Address => BaseView.Address;

    /// <summary>An element.</summary>
    /// <param name="index">0 to <see cref="Length"/> − 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public ref T this[Index1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref BaseView[(long)index.X * Stride.XStride];
    }

    /// <summary>An element.</summary>
    /// <param name="index">0 to <see cref="Length"/> − 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public ref T this[LongIndex1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref BaseView[index.X * Stride.XStride];
    }

    /// <summary>The elements from an index on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the view.</exception>
    public ArrayView1D<T, TStride> SubView(Index1D index, Index1D extent) =>
        new(BaseView.SubView((long)index.X * Stride.XStride, (long)extent.X * Stride.XStride), extent, Stride);
}
