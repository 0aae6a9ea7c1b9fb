using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime;

public static partial class KernelLoaders
{
    /// <summary>Loads a kernel of 1 argument; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1> LoadStreamKernel<T1>(this Accelerator accelerator, Action<T1> kernel)
        where T1 : struct
    {
        var loaded = accelerator.Load<Call<T1>>(KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1) => loaded.Launch(config, new(kernel, a1));
    }

    /// <summary>Loads a kernel of 2 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2> LoadStreamKernel<T1, T2>(
        this Accelerator accelerator, Action<T1, T2> kernel)
        where T1 : struct where T2 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2>>(KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2) => loaded.Launch(config, new(kernel, a1, a2));
    }

    /// <summary>Loads a kernel of 3 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3> LoadStreamKernel<T1, T2, T3>(
        this Accelerator accelerator, Action<T1, T2, T3> kernel)
        where T1 : struct where T2 : struct where T3 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3>>(KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3) => loaded.Launch(config, new(kernel, a1, a2, a3));
    }

    /// <summary>Loads a kernel of 4 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4> LoadStreamKernel<T1, T2, T3, T4>(
        this Accelerator accelerator, Action<T1, T2, T3, T4> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4>>(KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4) => loaded.Launch(config, new(kernel, a1, a2, a3, a4));
    }

    /// <summary>Loads a kernel of 5 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5> LoadStreamKernel<T1, T2, T3, T4, T5>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5>>(KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5) => loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5));
    }

    /// <summary>Loads a kernel of 6 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6> LoadStreamKernel<T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6>>(KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6) => loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Loads a kernel of 7 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6, T7>>(KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6, a7) => loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Loads a kernel of 8 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6, T7, T8>>(
            KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6, a7, a8) =>
            loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6, a7, a8));
    }

    /// <summary>Loads a kernel of 9 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6, T7, T8, T9>>(
            KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9) =>
            loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }

    /// <summary>Loads a kernel of 10 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>>(
            KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) =>
            loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10));
    }

    /// <summary>Loads a kernel of 11 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct
        where T11 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>>(
            KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) =>
            loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11));
    }

    /// <summary>Loads a kernel of 12 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct
        where T11 : struct where T12 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>>(
            KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) =>
            loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12));
    }

    /// <summary>Loads a kernel of 13 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct
        where T11 : struct where T12 : struct where T13 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>>(
            KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13) =>
            loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13));
    }

    /// <summary>Loads a kernel of 14 arguments; explicitly grouped, for the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> kernel)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct
        where T11 : struct where T12 : struct where T13 : struct where T14 : struct
    {
        var loaded = accelerator.Load<Call<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>>(
            KernelDescription.ExplicitlyGrouped(kernel));
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14) =>
            loaded.Launch(config, new(kernel, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14));
    }
}
