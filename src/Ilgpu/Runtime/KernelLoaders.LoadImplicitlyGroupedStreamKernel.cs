using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime;

public static partial class KernelLoaders
{
    /// <summary>Loads a kernel of 1 argument; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1> LoadImplicitlyGroupedStreamKernel<TIndex, T1>(
        this Accelerator accelerator, Action<TIndex, T1> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1) => loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1));
    }

    /// <summary>Loads a kernel of 2 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2> LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2>(
        this Accelerator accelerator, Action<TIndex, T1, T2> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2) => loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2));
    }

    /// <summary>Loads a kernel of 3 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3> LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3) => loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3));
    }

    /// <summary>Loads a kernel of 4 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4> LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4) => loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4));
    }

    /// <summary>Loads a kernel of 5 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5> LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5) =>
            loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5));
    }

    /// <summary>Loads a kernel of 6 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6) =>
            loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Loads a kernel of 7 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6, a7) =>
            loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Loads a kernel of 8 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8) =>
            loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7, a8));
    }

    /// <summary>Loads a kernel of 9 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9) =>
            loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }

    /// <summary>Loads a kernel of 10 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this Accelerator accelerator,
        Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) =>
            loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10));
    }

    /// <summary>Loads a kernel of 11 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
        this Accelerator accelerator,
        Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) =>
            loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11));
    }

    /// <summary>Loads a kernel of 12 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        this Accelerator accelerator,
        Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct where T12 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) =>
            loaded.Launch(KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12));
    }

    /// <summary>Loads a kernel of 13 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(
        this Accelerator accelerator,
        Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct where T12 : struct where T13 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13) => loaded.Launch(
            KernelIndex.Launch(extent),
            new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13));
    }

    /// <summary>Loads a kernel of 14 arguments; groups of a given size, for the default stream.</summary>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>
        LoadImplicitlyGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>(
        this Accelerator accelerator,
        Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> kernel, int customGroupSize)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct where T12 : struct where T13 : struct where T14 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>>(
            KernelDescription.ImplicitlyGrouped(kernel, customGroupSize));
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14) => loaded.Launch(
            KernelIndex.Launch(extent),
            new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14));
    }
}
