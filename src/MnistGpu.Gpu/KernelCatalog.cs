using System.Reflection;
using ILGPU;
using ILGPU.Algorithms;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu;

/// <summary>The kernels of this project, by name, and what ILGPU makes of them.</summary>
public static class KernelCatalog
{
    private static readonly SortedDictionary<string, MethodInfo> s_kernels = new(
        (from type in typeof(HiddenLayer).Assembly.GetExportedTypes()
         from version in new[] { nameof(HiddenLayer.Naive), nameof(HiddenLayer.Tuned) }
         select type.GetMethod(version)!).ToDictionary(kernel => $"{kernel.DeclaringType!.Name}.{kernel.Name}"),
        StringComparer.OrdinalIgnoreCase);

    private static readonly Assembly s_ilgpu = typeof(Context).Assembly;

    /// <summary>The name of every kernel: "HiddenLayer.Naive", "HiddenLayer.Tuned", …</summary>
    public static IReadOnlyCollection<string> Names => s_kernels.Keys;

    /// <summary>
    /// What a GPU's driver is given to compile: the OpenCL C 1.2 that the built-in runtime makes of a kernel, or the
    /// PTX that ILGPU's package makes of it for an NVIDIA GPU of compute capability 8.0. Neither needs a GPU.
    /// </summary>
    /// <param name="name">One of <see cref="Names"/>; upper and lower case are the same.</param>
    /// <exception cref="KeyNotFoundException">There is no such kernel.</exception>
    public static string CodeOf(string name)
    {
        MethodInfo kernel = s_kernels[name];
        // Found by their names, since one of the two is always missing.
        MethodInfo? openCl = s_ilgpu.GetType("ILGPU.Runtime.OpenCL.Translation.OpenClTranslator")
            ?.GetMethod("CodeOf", BindingFlags.NonPublic | BindingFlags.Static);
        return openCl is null ? Ptx(kernel) : openCl.CreateDelegate<Func<MethodInfo, string>>()(kernel);
    }

    private static string Ptx(MethodInfo kernel)
    {
        bool isImplicitlyGrouped = kernel.GetParameters()[0].ParameterType == typeof(Index1D);
        object entryPoint = PackageType("Backends.EntryPoints.EntryPointDescription")
            .GetMethod(isImplicitlyGrouped ? "FromImplicitlyGroupedKernel" : "FromExplicitlyGroupedKernel")!
            .Invoke(null, [kernel])!;
        using Context context = Context.Create(builder => builder.EnableAlgorithms());
        using var backend = (IDisposable)Activator.CreateInstance(
            PackageType("Backends.PTX.PTXBackend"),
            context,
            Activator.CreateInstance(PackageType("Runtime.Cuda.CudaArchitecture"), 8, 0),
            Activator.CreateInstance(PackageType("Runtime.Cuda.CudaInstructionSet"), 7, 0),
            null)!;
        object specialization = Activator.CreateInstance(PackageType("Runtime.KernelSpecialization"))!;
        object compiled = backend.GetType()
            .GetMethod("Compile", [entryPoint.GetType().MakeByRefType(), specialization.GetType().MakeByRefType()])!
            .Invoke(backend, [entryPoint, specialization])!;
        return $"// {kernel.DeclaringType!.Name}.{kernel.Name}{Environment.NewLine}"
            + compiled.GetType().GetProperty("PTXAssembly")!.GetValue(compiled);
    }

    private static Type PackageType(string name) => s_ilgpu.GetType($"ILGPU.{name}", throwOnError: true)!;
}
