using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime;

public static partial class KernelLoaders
{
    /// <summary>Loads a kernel of 1 argument; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1> LoadAutoGroupedKernel<TIndex, T1>(
        this Accelerator accelerator, Action<TIndex, T1> kernel)
        where TIndex : struct, IIndex where T1 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1>>(KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1) => loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1));
    }

    /// <summary>Loads a kernel of 2 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2> LoadAutoGroupedKernel<TIndex, T1, T2>(
        this Accelerator accelerator, Action<TIndex, T1, T2> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2>>(KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2) => loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2));
    }

    /// <summary>Loads a kernel of 3 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3> LoadAutoGroupedKernel<TIndex, T1, T2, T3>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3>>(KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3) =>
            loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2, a3));
    }

    /// <summary>Loads a kernel of 4 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4) =>
            loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4));
    }

    /// <summary>Loads a kernel of 5 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5) =>
            loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5));
    }

    /// <summary>Loads a kernel of 6 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6) =>
            loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Loads a kernel of 7 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7) =>
            loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Loads a kernel of 8 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8) =>
            loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7, a8));
    }

    /// <summary>Loads a kernel of 9 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9) =>
            loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }

    /// <summary>Loads a kernel of 10 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) =>
            loaded.Launch(stream, KernelIndex.Launch(extent), new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10));
    }

    /// <summary>Loads a kernel of 11 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) => loaded.Launch(
            stream, KernelIndex.Launch(extent),
            new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11));
    }

    /// <summary>Loads a kernel of 12 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct where T12 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) => loaded.Launch(
            stream, KernelIndex.Launch(extent),
            new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12));
    }

    /// <summary>Loads a kernel of 13 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct where T12 : struct where T13 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13) => loaded.Launch(
            stream, KernelIndex.Launch(extent),
            new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13));
    }

    /// <summary>Loads a kernel of 14 arguments; implicitly grouped, for any stream.</summary>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>(
        this Accelerator accelerator,
        Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> kernel)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct where T12 : struct where T13 : struct where T14 : struct
    {
        var loaded = accelerator.Load<IndexedCall<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>>(
            KernelDescription.ImplicitlyGrouped(kernel));
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14) => loaded.Launch(
            stream, KernelIndex.Launch(extent),
            new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14));
    }
}
