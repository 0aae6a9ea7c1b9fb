using System.Runtime.InteropServices;

namespace ILGPU.Runtime.CPU;

/// <summary>The memory of a buffer of the CPU accelerator: an array that the garbage collector does not
/// move.</summary>
/// <remarks>
/// An array and not native memory, because a view keeps it alive: a view of a disposed buffer, or one that another
/// thread still uses, then points at memory that is still there.
/// </remarks>
internal sealed unsafe class CpuMemory<T> : DeviceMemory
    where T : unmanaged
{
    private readonly T[] _elements;

    internal CpuMemory(long length)
    {
        if (length > Array.MaxLength)
        {
            throw new OutOfMemoryException(
                $"A buffer of {length} elements: the CPU accelerator has at most {Array.MaxLength} in one.");
        }

        _elements = GC.AllocateUninitializedArray<T>((int)length, pinned: true);

        // New memory is not defined, and zeros would hide a kernel that reads what nobody wrote. All bits set is NaN
        // or -1.
        MemoryMarshal.AsBytes(_elements.AsSpan()).Fill(0xFF);
        Pointer = (nint)Marshal.UnsafeAddrOfPinnedArrayElement(_elements, 0);
    }

    internal override nint Pointer { get; }

    internal override void Read<TElement>(
        AcceleratorStream stream, ArrayView<TElement> source, Span<TElement> target)
        => source.AsSpan().CopyTo(target);

    internal override void Write<TElement>(
        AcceleratorStream stream, ReadOnlySpan<TElement> source, ArrayView<TElement> target)
        => source.CopyTo(target.AsSpan());

    internal override void Clear<TElement>(AcceleratorStream stream, ArrayView<TElement> target)
        => target.AsSpan().Clear();
}
