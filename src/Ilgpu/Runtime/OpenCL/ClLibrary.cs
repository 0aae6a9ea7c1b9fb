using System.Reflection;
using System.Runtime.InteropServices;

namespace ILGPU.Runtime.OpenCL;

/// <summary>The system's OpenCL loader: the library that passes each call on to a device's driver.</summary>
internal static class ClLibrary
{
    /// <summary>What the functions of <see cref="Cl"/> are imported from; <see cref="Load"/> says which file it is.
    /// </summary>
    internal const string ImportName = "OpenCL";

    private static readonly Lock s_lock = new();
    private static nint s_library;

    /// <summary>The names under which the loader is installed, the usual one first.</summary>
    internal static IReadOnlyList<string> Names { get; } =
        OperatingSystem.IsWindows() ? ["OpenCL.dll"]
        : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
        : ["libOpenCL.so.1", "libOpenCL.so"];

    /// <summary>Makes the functions of <see cref="Cl"/> callable. Once it has, nothing is looked for again.</summary>
    /// <returns>null, or in a few words why they are not.</returns>
    internal static string? Load()
    {
        lock (s_lock)
        {
            if (s_library != 0)
                return null;
            s_library = Open(Names, out string? problem);
            if (s_library != 0)
                NativeLibrary.SetDllImportResolver(typeof(Cl).Assembly, Resolve);
            return problem;
        }
    }

    /// <summary>Opens the library under the first of some names that there is.</summary>
    /// <param name="names">Names or paths of files.</param>
    /// <param name="problem">null, or in a few words why there is none.</param>
    /// <returns>The library, or 0.</returns>
    internal static nint Open(IReadOnlyList<string> names, out string? problem)
    {
        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint library))
                continue;
            bool isOpenCl = NativeLibrary.TryGetExport(library, nameof(Cl.clGetPlatformIDs), out _);
            problem = isOpenCl ? null : $"{name} is no OpenCL library";
            return isOpenCl ? library : 0;
        }

        problem = $"no OpenCL library was found ({string.Join(", ", names)})";
        return 0;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == ImportName ? s_library : 0;
}
