using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MnistGpu.Core.Memory;

/// <summary>
/// Memory in pages of 2 MB instead of 4 KB, for large arrays: there are fewer page faults, each of which can take a virtual
/// machine 10 µs, and reading in random order needs no walk through the page table.
/// </summary>
internal static unsafe partial class HugePages
{
    public const int Size = 2 << 20;

    /// <summary>Requests huge pages where the system supports that (Linux). It may decline.</summary>
    /// <param name="start">Memory that has not been touched yet.</param>
    /// <param name="bytes">Its length; what does not fill a huge page stays as it is.</param>
    public static void Advise(void* start, nuint bytes)
    {
        const int MadviseHugePage = 14;
        nuint first = ((nuint)start + Size - 1) / Size * Size, end = ((nuint)start + bytes) / Size * Size;
        if (OperatingSystem.IsLinux() && first < end)
            _ = Madvise((void*)first, end - first, MadviseHugePage);
    }

    /// <summary>An uninitialised array, in huge pages if it is large.</summary>
    public static byte[] NewArray(int length)
    {
        byte[] array = GC.AllocateUninitializedArray<byte>(length);
        // The garbage collector does not move arrays of this size, and if it did, only the huge pages would be lost.
        Advise(Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)), (nuint)length);
        return array;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* start, nuint length, int advice);
}
