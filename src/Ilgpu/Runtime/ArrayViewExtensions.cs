using System.Runtime.InteropServices;

namespace ILGPU.Runtime;

/// <summary>Copies between arrays of the host and views and buffers of an accelerator.</summary>
/// <remarks>
/// A method that names no stream uses the accelerator's default stream. Every copy has ended when the method returns.
/// All of them throw an <see cref="ObjectDisposedException"/> when the buffer or its accelerator has been disposed,
/// and an <see cref="ArgumentOutOfRangeException"/> when the view has fewer elements than are to be copied.
/// </remarks>
public static class ArrayViewExtensions
{
    /// <summary>Allocates a buffer with the content of an array.</summary>
    public static MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(this Accelerator accelerator, T[] data)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(data.Length);
        buffer.CopyFromCPU(data);
        return buffer;
    }

    /// <summary>Copies an array to the first elements of a view.</summary>
    public static void CopyFromCPU<T>(this ArrayView<T> target, T[] source)
        where T : unmanaged
        => Write(target, null, source);

    /// <summary>Copies an array to the first elements of a view, in a stream.</summary>
    public static void CopyFromCPU<T>(this ArrayView<T> target, AcceleratorStream stream, T[] source)
        where T : unmanaged
        => Write(target, stream, source);

    /// <summary>Copies an array to the first elements of a view.</summary>
    public static void CopyFromCPU<T>(this ArrayView1D<T, Stride1D.Dense> target, T[] source)
        where T : unmanaged
        => Write(target.BaseView, null, source);

    /// <summary>Copies an array to the first elements of a view, in a stream.</summary>
    public static void CopyFromCPU<T>(
        this ArrayView1D<T, Stride1D.Dense> target, AcceleratorStream stream, T[] source)
        where T : unmanaged
        => Write(target.BaseView, stream, source);

    /// <summary>Copies an array to the first elements of a buffer.</summary>
    public static void CopyFromCPU<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> target, T[] source)
        where T : unmanaged
        => Write(target.View.BaseView, null, source);

    /// <summary>Copies an array to the first elements of a buffer, in a stream.</summary>
    public static void CopyFromCPU<T>(
        this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> target, AcceleratorStream stream, T[] source)
        where T : unmanaged
        => Write(target.View.BaseView, stream, source);

    /// <summary>Copies host memory, from a first element on, to the first elements of a view.</summary>
    public static void CopyFromCPU<T>(
        this ArrayView1D<T, Stride1D.Dense> target, ref T sourceData, long length)
        where T : unmanaged
        => Write(target.BaseView, null, MemoryMarshal.CreateReadOnlySpan(ref sourceData, checked((int)length)));

    /// <summary>Copies host memory, from a first element on, to the first elements of a view, in a stream.</summary>
    public static void CopyFromCPU<T>(
        this ArrayView1D<T, Stride1D.Dense> target, AcceleratorStream stream, ref T sourceData, long length)
        where T : unmanaged
        => Write(target.BaseView, stream, MemoryMarshal.CreateReadOnlySpan(ref sourceData, checked((int)length)));

    /// <summary>Fills an array from the first elements of a view.</summary>
    public static void CopyToCPU<T>(this ArrayView<T> source, T[] target)
        where T : unmanaged
        => Read(source, null, target);

    /// <summary>Fills an array from the first elements of a view, in a stream.</summary>
    public static void CopyToCPU<T>(this ArrayView<T> source, AcceleratorStream stream, T[] target)
        where T : unmanaged
        => Read(source, stream, target);

    /// <summary>Fills an array from the first elements of a view.</summary>
    public static void CopyToCPU<T>(this ArrayView1D<T, Stride1D.Dense> source, T[] target)
        where T : unmanaged
        => Read(source.BaseView, null, target);

    /// <summary>Fills an array from the first elements of a view, in a stream.</summary>
    public static void CopyToCPU<T>(
        this ArrayView1D<T, Stride1D.Dense> source, AcceleratorStream stream, T[] target)
        where T : unmanaged
        => Read(source.BaseView, stream, target);

    /// <summary>Fills an array from the first elements of a buffer.</summary>
    public static void CopyToCPU<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> source, T[] target)
        where T : unmanaged
        => Read(source.View.BaseView, null, target);

    /// <summary>Fills an array from the first elements of a buffer, in a stream.</summary>
    public static void CopyToCPU<T>(
        this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> source, AcceleratorStream stream, T[] target)
        where T : unmanaged
        => Read(source.View.BaseView, stream, target);

    /// <summary>Fills host memory, from a first element on, from the first elements of a view.</summary>
    public static void CopyToCPU<T>(
        this ArrayView1D<T, Stride1D.Dense> source, ref T targetData, long length)
        where T : unmanaged
        => Read(source.BaseView, null, MemoryMarshal.CreateSpan(ref targetData, checked((int)length)));

    /// <summary>Fills host memory, from a first element on, from the first elements of a view, in a stream.</summary>
    public static void CopyToCPU<T>(
        this ArrayView1D<T, Stride1D.Dense> source, AcceleratorStream stream, ref T targetData, long length)
        where T : unmanaged
        => Read(source.BaseView, stream, MemoryMarshal.CreateSpan(ref targetData, checked((int)length)));

    /// <summary>A new array with the elements of a view.</summary>
    public static T[] GetAsArray1D<T>(this ArrayView1D<T, Stride1D.Dense> source)
        where T : unmanaged
        => ToArray(source.BaseView, null);

    /// <summary>A new array with the elements of a view, copied in a stream.</summary>
    public static T[] GetAsArray1D<T>(this ArrayView1D<T, Stride1D.Dense> source, AcceleratorStream stream)
        where T : unmanaged
        => ToArray(source.BaseView, stream);

    /// <summary>A new array with the elements of a buffer.</summary>
    public static T[] GetAsArray1D<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> source)
        where T : unmanaged
        => ToArray(source.View.BaseView, null);

    /// <summary>A new array with the elements of a buffer, copied in a stream.</summary>
    public static T[] GetAsArray1D<T>(
        this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> source, AcceleratorStream stream)
        where T : unmanaged
        => ToArray(source.View.BaseView, stream);

    /// <summary>Sets all bytes of a view's elements to 0.</summary>
    public static void MemSetToZero<T>(this ArrayView1D<T, Stride1D.Dense> view)
        where T : unmanaged
        => Clear(view.BaseView, null);

    /// <summary>Sets all bytes of a view's elements to 0, in a stream.</summary>
    public static void MemSetToZero<T>(this ArrayView1D<T, Stride1D.Dense> view, AcceleratorStream stream)
        where T : unmanaged
        => Clear(view.BaseView, stream);

    // The three below end in KeepAlive: the copy itself knows only the address, and the view that was passed may have
    // been the last to refer to the memory.
    private static void Write<T>(ArrayView<T> target, AcceleratorStream? stream, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        if (source.IsEmpty)
            return;
        DeviceMemory memory = UsableMemory(target, ref stream);
        memory.Write(stream, source, target.SubView(0, source.Length));
        GC.KeepAlive(memory);
    }

    private static void Read<T>(ArrayView<T> source, AcceleratorStream? stream, Span<T> target)
        where T : unmanaged
    {
        if (target.IsEmpty)
            return;
        DeviceMemory memory = UsableMemory(source, ref stream);
        memory.Read(stream, source.SubView(0, target.Length), target);
        GC.KeepAlive(memory);
    }

    private static T[] ToArray<T>(ArrayView<T> source, AcceleratorStream? stream)
        where T : unmanaged
    {
        var target = new T[source.Length];
        Read(source, stream, target);
        return target;
    }

    private static void Clear<T>(ArrayView<T> target, AcceleratorStream? stream)
        where T : unmanaged
    {
        if (target.Length == 0)
            return;
        DeviceMemory memory = UsableMemory(target, ref stream);
        memory.Clear(stream, target);
        GC.KeepAlive(memory);
    }

    /// <summary>
    /// The memory of a view, when its buffer and the stream can be used, and the stream where none was named.
    /// </summary>
    private static DeviceMemory UsableMemory<T>(
        ArrayView<T> view, [System.Diagnostics.CodeAnalysis.NotNull] ref AcceleratorStream? stream)
        where T : unmanaged
    {
        MemoryBuffer buffer = ((IBufferView)view).Buffer
            ?? throw new ArgumentException("The view is the default value: it is not a view of a buffer.");
        buffer.ThrowIfDisposed();
        stream ??= buffer.Accelerator.DefaultStream;
        stream.ThrowIfDisposed();
        if (stream.Accelerator != buffer.Accelerator)
            throw new ArgumentException("The stream and the buffer belong to different accelerators.");
        return buffer.Memory;
    }
}
