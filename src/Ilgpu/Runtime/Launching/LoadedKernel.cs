namespace ILGPU.Runtime.Launching;

/// <summary>A kernel that an accelerator has made ready to be launched.</summary>
/// <typeparam name="TCall">The kernel with its arguments.</typeparam>
internal abstract class LoadedKernel<TCall>(Accelerator accelerator, KernelDescription description)
    where TCall : struct, IKernelCall
{
    protected KernelDescription Description { get; } = description;

    /// <summary>Launches the kernel in the accelerator's default stream.</summary>
    internal void Launch(KernelConfig config, in TCall call) => Launch(accelerator.DefaultStream, config, call);

    /// <summary>Launches the kernel in a stream.</summary>
    /// <exception cref="ArgumentException">
    /// The configuration is empty or larger than the device allows, or a buffer or the stream is another accelerator's.
    /// </exception>
    /// <exception cref="NotSupportedException">A group has more threads, in all, than the device allows.</exception>
    /// <exception cref="ObjectDisposedException">The accelerator, the stream or a buffer has been disposed.</exception>
    internal void Launch(AcceleratorStream stream, KernelConfig config, in TCall call)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.ThrowIfDisposed();
        if (stream.Accelerator != accelerator)
            throw new ArgumentException($"Kernel {Description.Name}: the stream belongs to another accelerator.");
        ThrowIfNotPossible(config);
        var check = new ArgumentCheck(accelerator, Description.Name);
        call.Visit(ref check);
        Run(stream, config, call);
    }

    protected abstract void Run(AcceleratorStream stream, KernelConfig config, in TCall call);

    private void ThrowIfNotPossible(KernelConfig config)
    {
        if (!config.IsValid)
        {
            throw new ArgumentOutOfRangeException(
                nameof(config),
                $"Kernel {Description.Name}: a grid of {config.GridDim} groups of {config.GroupDim} threads is empty.");
        }

        if (Exceeds(config.GroupDim, accelerator.MaxGroupSize))
        {
            throw new ArgumentOutOfRangeException(
                nameof(config),
                $"Kernel {Description.Name}: a group of {config.GroupDim} threads is larger than the "
                + $"{accelerator.MaxGroupSize} that {accelerator.Name} allows.");
        }

        if (config.GroupDim.LongSize > accelerator.MaxNumThreadsPerGroup)
        {
            throw new NotSupportedException(
                $"Kernel {Description.Name}: a group of {config.GroupDim} threads is larger than the "
                + $"{accelerator.MaxNumThreadsPerGroup} threads that {accelerator.Name} allows.");
        }

        // The runtime itself cuts an implicitly grouped launch into a grid.
        if (!Description.IsImplicitlyGrouped && Exceeds(config.GridDim, accelerator.MaxGridSize))
        {
            throw new ArgumentOutOfRangeException(
                nameof(config),
                $"Kernel {Description.Name}: a grid of {config.GridDim} groups is larger than the "
                + $"{accelerator.MaxGridSize} that {accelerator.Name} allows.");
        }
    }

    private static bool Exceeds(Index3D extent, Index3D limit) =>
        extent.X > limit.X || extent.Y > limit.Y || extent.Z > limit.Z;
}
