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

    /// <summary>Loads the library under the first of some names that serves; once is enough.</summary>
    /// <returns>null, or in a few words why there is none.</returns>
    internal static string? Load(IReadOnlyList<string> names)
    {
        lock (s_lock)
        {
            if (s_library != 0)
                return null;
            foreach (string name in names)
            {
                if (!NativeLibrary.TryLoad(name, out nint library))
                    continue;
                if (!NativeLibrary.TryGetExport(library, nameof(Cl.clGetPlatformIDs), out _))
                    return $"{name} is no OpenCL library";
                s_library = library;
                NativeLibrary.SetDllImportResolver(typeof(Cl).Assembly, Resolve);
                return null;
            }
        }

        return $"no OpenCL library was found ({string.Join(", ", names)})";
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == ImportName ? s_library : 0;
}
