using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>Runs kernels on the processor's cores.</summary>
/// <remarks>
/// A launch has ended when it returns, and throws what the kernel throws. There are two ways to run a kernel: as a loop
/// (<see cref="LoopLaunch{TCall}"/>), or, when the threads of a group depend on each other, as threads
/// (<see cref="GroupLaunch{TCall}"/>).
/// </remarks>
public sealed class CPUAccelerator : Accelerator
{
    private readonly Stack<GroupCrew> _freeCrews = [];

    internal CPUAccelerator(Context context, CPUDevice device)
        : base(context, device)
        => DefaultStream = new CpuStream(this);

    internal override LoadedKernel<TCall> Load<TCall>(KernelDescription description)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return new CpuKernel<TCall>(this, description);
    }

    /// <summary>Takes a crew that no launch uses; <see cref="Return"/> gives it back.</summary>
    internal GroupCrew TakeCrew()
    {
        lock (_freeCrews)
            return _freeCrews.TryPop(out GroupCrew? crew) ? crew : new GroupCrew();
    }

    internal void Return(GroupCrew crew)
    {
        lock (_freeCrews)
        {
            if (!IsDisposed)
            {
                _freeCrews.Push(crew);
                return;
            }
        }

        crew.Dispose();
    }

    private protected override AcceleratorStream NewStream() => new CpuStream(this);

    private protected override DeviceMemory AllocateMemory<T>(long length) => new CpuMemory<T>(length);

    private protected override void SynchronizeStreams()
    {
        // Every launch and copy has ended when it returned.
    }

    private protected override void Release()
    {
        lock (_freeCrews)
        {
            while (_freeCrews.TryPop(out GroupCrew? crew))
                crew.Dispose();
        }
    }
}
