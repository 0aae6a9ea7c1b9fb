using System.Reflection;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using MnistGpu.Gpu.Devices;
using MnistGpu.Kernels.Augmentation;
using MnistGpu.Kernels.Ladder;
using MnistGpu.Kernels.Training;
using MnistGpu.Kernels.Training.OneLaunch;
using MnistGpu.Kernels.Training.TensorCores;

namespace MnistGpu.Gpu.Engine;

/// <summary>The kernels of this project by name, and the code that ILGPU generates from them, which needs no device.</summary>
public static class KernelCatalog
{
    private const string OnTensorCores = ".TensorCores";

    /// <summary>
    /// A kernel of a training step has two versions in one class, and some have a third, on tensor cores, in a class of its own;
    /// the epoch in one launch has the last two. A rung of the ladder has one version. The distortions
    /// are four kernels in two classes.
    /// </summary>
    private static readonly SortedDictionary<string, MethodInfo> s_kernels = new(
        (from type in typeof(HiddenLayer).Assembly.GetExportedTypes()
         from version in new[] { nameof(HiddenLayer.Naive), nameof(HiddenLayer.Tuned) }
         where type.GetMethod(version) is not null
         select (Name: $"{type.Name}.{version}", Method: type.GetMethod(version)!))
        .Append((Name: nameof(HiddenLayer) + OnTensorCores, Method: ((Delegate)HiddenLayerOnTensorCores.Kernel).Method))
        .Append((Name: nameof(ParameterUpdate) + OnTensorCores, Method: ((Delegate)ParameterUpdateOnTensorCores.Kernel).Method))
        .Append((Name: nameof(EpochInOneLaunch) + OnTensorCores, Method: ((Delegate)EpochInOneLaunch.OnTensorCores).Method))
        .Concat(((Delegate[])[Distortion.DrawNumbers, Distortion.Draw, LitList.Count, LitList.Write])
            .Select(kernel => (Name: $"{kernel.Method.DeclaringType!.Name}.{kernel.Method.Name}", kernel.Method)))
        .Concat(Rung.All.Select(rung => (rung.Name, rung.Kernel.Method)))
        .ToDictionary(kernel => kernel.Name, kernel => kernel.Method),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The name of every kernel: "HiddenLayer.Naive", "HiddenLayer.Tuned", …, "Ladder.Naive", …</summary>
    public static IReadOnlyCollection<string> Names => s_kernels.Keys;

    /// <summary>Whether a kernel also runs on OpenCL devices, rather than only on CUDA.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static bool RunsOnOpenCl(string name) =>
        !IsEpochInOneLaunch(name) && !name.EndsWith(OnTensorCores, StringComparison.OrdinalIgnoreCase);

    /// <summary>The PTX for an NVIDIA driver to compile, here for compute capability 8.0.</summary>
    /// <param name="name">One of <see cref="Names"/>; case does not matter.</param>
    /// <exception cref="KeyNotFoundException">There is no such kernel.</exception>
    public static string Ptx(string name) => ((PTXCompiledKernel)Compile(name, context =>
        new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null!))).PTXAssembly;

    /// <summary>The OpenCL C for an OpenCL driver to compile, here in version 2.0.</summary>
    /// <param name="name">One of <see cref="Names"/> that <see cref="RunsOnOpenCl"/>; case does not matter.</param>
    /// <exception cref="KeyNotFoundException">There is no such kernel.</exception>
    /// <exception cref="NotSupportedException">See <see cref="OpenClBarrier.Mend()"/>.</exception>
    public static string OpenClC(string name)
    {
        OpenClBarrier.Mend();
        return ((CLCompiledKernel)Compile(name, context =>
            new CLBackend(context, new CLCapabilityContext(
                float16: false, float64: false, genericAddressSpace: true, int64_Atomics: false, subGroups: false),
                CLDeviceVendor.Other, new CLCVersion(2, 0)))).Source;
    }

    private static CompiledKernel Compile(string name, Func<Context, Backend> createBackend)
    {
        MethodInfo kernel = s_kernels[name];
        EntryPointDescription entry = kernel.GetParameters()[0].ParameterType == typeof(Index1D)
            ? EntryPointDescription.FromImplicitlyGroupedKernel(kernel)
            : EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        using Context context = Context.Create(builder => builder.EnableAlgorithms());
        using Backend backend = createBackend(context);
        return backend.Compile(entry, IsEpochInOneLaunch(name) ? EpochInOneLaunch.Specialization : default);
    }

    private static bool IsEpochInOneLaunch(string name) =>
        name.StartsWith(nameof(EpochInOneLaunch), StringComparison.OrdinalIgnoreCase);
}
