using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>Runs kernels on the processor's cores.</summary>
/// <remarks>
/// A launch has ended when it returns, and throws what the kernel throws. There are three ways to run one:
/// <list type="bullet">
/// <item>threads that do not depend on each other are a loop over all of them (<see
/// cref="LoopLaunch{TCall}"/>);</item>
/// <item>threads that wait at barriers are one loop from each barrier to the next, run by a copy of the kernel that
/// can stop there (<see cref="ResumableKernel"/>);</item>
/// <item>where there is no such copy, or a debugger is attached, they are threads of the operating system (<see
/// cref="GroupLaunch{TCall}"/>).</item>
/// </list>
/// For tests, the AppContext switch <c>ILGPU.CPU.GroupsAsThreads</c> asks for the third way instead of the second: it
/// holds for the kernels that are loaded while it is set.
/// </remarks>
public sealed class CPUAccelerator : Accelerator
{
    private readonly Stack<GroupCrew> _freeCrews = [];

    /// <summary>Whether the switch for tests is set.</summary>
    internal static bool RunsGroupsAsThreads =>
        AppContext.TryGetSwitch("ILGPU.CPU.GroupsAsThreads", out bool isSet) && isSet;

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
            return _freeCrews.TryPop(out GroupCrew? crew) ? crew : new GroupCrew(this);
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
