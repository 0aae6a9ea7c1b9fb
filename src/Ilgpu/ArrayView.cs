using System.Diagnostics;
using System.Runtime.CompilerServices;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>A range of the elements of a buffer: what a kernel reads and writes.</summary>
/// <remarks>
/// Every access is checked against the length. The view also keeps the buffer's memory alive, so not even a view of a
/// disposed buffer can reach memory that is someone else's.
/// </remarks>
/// <typeparam name="T">The element type.</typeparam>
public readonly unsafe struct ArrayView<T> : IBufferView
    where T : unmanaged
{
    // Three fields and no more: up to four the just-in-time compiler keeps in registers.
    private readonly DeviceMemory? _memory;
    private readonly T* _first;
    private readonly long _length;

    /// <summary>A view of a range of a buffer.</summary>
    /// <param name="source">The buffer.</param>
    /// <param name="index">The first element, counted in elements of <typeparamref name="T"/>.</param>
    /// <param name="length">The number of elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie within the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer has been disposed.</exception>
    public ArrayView(MemoryBuffer source, long index, long length)
    {
        ArgumentNullException.ThrowIfNull(source);
        ThrowIfNotWithin(source.LengthInBytes / sizeof(T), index, length);
        _memory = source.Memory;
        _first = (T*)_memory.Pointer + index;
        _length = length;
    }

    private ArrayView(DeviceMemory? memory, T* first, long length)
    {
        _memory = memory;
        _first = first;
        _length = length;
    }

    /// <summary>Whether it is a view of a buffer, and not the default value.</summary>
    public bool IsValid => _memory is not null;

    /// <summary>The number of elements.</summary>
    public long Length => _length;

    /// <summary><see cref="Length"/> as an int.</summary>
    public int IntLength => checked((int)_length);

    /// <summary>The number of bytes of all elements.</summary>
    public long LengthInBytes => _length * sizeof(T);

    MemoryBuffer? IBufferView.Buffer => _memory?.Buffer;

    DeviceMemory? IBufferView.Memory => _memory;

    nint IBufferView.Address => Address;

    /// <summary>The memory, or null for the default value of a view.</summary>
    internal DeviceMemory? Memory => _memory;

    /// <summary>Where the first element is, counted as <see cref="DeviceMemory.Pointer"/> counts.</summary>
    internal nint Address => (nint)_first;

    /// <summary>An element.</summary>
    /// <param name="index">0 to <see cref="Length"/> − 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // One comparison: a negative index is a huge one without its sign.
            if ((ulong)index >= (ulong)_length)
                ThrowOutOfRange(index, _length);
            return ref _first[index];
        }
    }

    /// <summary>An element.</summary>
    /// <param name="index">0 to <see cref="Length"/> − 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)_length)
                ThrowOutOfRange(index, _length);
            return ref _first[index];
        }
    }

    /// <summary>An element.</summary>
    /// <param name="index">0 to <see cref="Length"/> − 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public ref T this[Index1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[index.X];
    }

    /// <summary>An element.</summary>
    /// <param name="index">0 to <see cref="Length"/> − 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public ref T this[LongIndex1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[index.X];
    }

    /// <summary>The same view with its extent and stride.</summary>
    public static implicit operator ArrayView1D<T, Stride1D.Dense>(ArrayView<T> view) =>
        new(view, view.Length, default);

    /// <summary>The same view without its extent and stride.</summary>
    public static implicit operator ArrayView<T>(ArrayView1D<T, Stride1D.Dense> view) => view.BaseView;

    /// <summary>The elements from an index to the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not within the view.</exception>
    public ArrayView<T> SubView(long index) => SubView(index, _length - index);

    /// <summary>The elements from an index on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the view.</exception>
    public ArrayView<T> SubView(int index, int length) => SubView((long)index, (long)length);

    /// <summary>The elements from an index on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the view.</exception>
    public ArrayView<T> SubView(long index, long length)
    {
        ThrowIfNotWithin(_length, index, length);
        return new ArrayView<T>(_memory, _first + index, length);
    }

    /// <summary>The elements as host memory: where the CPU accelerator copies from and to.</summary>
    internal Span<T> AsSpan() => new(_first, IntLength);

    private static void ThrowIfNotWithin(long available, long index, long length)
    {
        if (index < 0 || length < 0 || index > available - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(index), $"{length} elements from {index} on do not lie within a view of {available}.");
        }
    }

    [StackTraceHidden]
    private static void ThrowOutOfRange(long index, long length) =>
        throw new IndexOutOfRangeException($"Index {index} is outside of a view of {length} elements.");
}
