using System.Reflection;
using ILGPU;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu;

/// <summary>The kernels of this project, by name, and what becomes of them on an OpenCL device.</summary>
public static class KernelCatalog
{
    private static readonly SortedDictionary<string, MethodInfo> s_kernels = new(
        (from type in typeof(HiddenLayer).Assembly.GetExportedTypes()
         from version in new[] { nameof(HiddenLayer.Naive), nameof(HiddenLayer.Tuned) }
         select type.GetMethod(version)!).ToDictionary(kernel => $"{kernel.DeclaringType!.Name}.{kernel.Name}"),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The name of every kernel: "HiddenLayer.Naive", "HiddenLayer.Tuned", …</summary>
    public static IReadOnlyCollection<string> Names => s_kernels.Keys;

    /// <summary>
    /// The OpenCL C 1.2 that the built-in runtime makes of a kernel. The package's ILGPU compiles kernels itself.
    /// </summary>
    /// <param name="name">One of <see cref="Names"/>; upper and lower case are the same.</param>
    /// <exception cref="KeyNotFoundException">There is no such kernel.</exception>
    /// <exception cref="NotSupportedException">This program was built with the package.</exception>
    public static string OpenClCode(string name)
    {
        MethodInfo kernel = s_kernels[name];
        MethodInfo codeOf = typeof(Context).Assembly
            .GetType("ILGPU.Runtime.OpenCL.Translation.OpenClTranslator")
            ?.GetMethod("CodeOf", BindingFlags.NonPublic | BindingFlags.Static)
            ?? throw new NotSupportedException(
                "the OpenCL C of a kernel can be shown where this program was built with -p:Ilgpu=builtin; "
                + "ILGPU's package compiles kernels itself");
        return codeOf.CreateDelegate<Func<MethodInfo, string>>()(kernel);
    }
}
