using System.Runtime.InteropServices;

namespace MnistGpu.Core.Memory;

/// <summary>
/// An array of zeros that begins on a cache line and never moves, so that a vector load never touches two lines and
/// plain pointers can be used. It lives outside the garbage collector's heap and is freed with this object.
/// </summary>
/// <remarks>
/// Large arrays use <see cref="HugePages"/>.
/// </remarks>
internal sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Two cache lines: CPUs fetch lines in pairs, and threads should not share one.</summary>
    private const int Alignment = 128;

    private readonly nint _length;

    public AlignedBuffer(long length)
    {
        _length = checked((nint)length);
        nuint bytes = checked((nuint)length * (nuint)sizeof(T));
        bool huge = bytes >= HugePages.Size;
        Pointer = (T*)NativeMemory.AlignedAlloc(bytes, huge ? (nuint)HugePages.Size : Alignment);
        HugePages.Advise(Pointer, bytes);
        NativeMemory.Clear(Pointer, bytes);
    }

    ~AlignedBuffer() => NativeMemory.AlignedFree(Pointer);

    /// <summary>Frees the memory now rather than at some later garbage collection, so that the next buffer can use it.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        GC.SuppressFinalize(this);
    }

    public T* Pointer { get; private set; }

    public Span<T> Span => new(Pointer, checked((int)_length));
}
