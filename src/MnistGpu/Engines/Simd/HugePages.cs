using System.Runtime.InteropServices;

namespace MnistGpu.Engines.Simd;

/// <summary>Memory in pages of 2 MB instead of 4 KB.</summary>
internal static unsafe partial class HugePages
{
    public const int Size = 2 << 20;

    /// <summary>Asks for huge pages where a system gives them on request (Linux). It may decline.</summary>
    public static void Advise(void* start, nuint bytes)
    {
        const int MadviseHugePage = 14;
        if (OperatingSystem.IsLinux())
            _ = Madvise(start, bytes, MadviseHugePage);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* start, nuint length, int advice);
}
