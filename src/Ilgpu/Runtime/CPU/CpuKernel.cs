using System.Collections.Concurrent;
using System.Diagnostics;
using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>A kernel of the CPU accelerator.</summary>
internal sealed class CpuKernel<TCall> : LoadedKernel<TCall>
    where TCall : struct, IKernelCall
{
    private readonly CPUAccelerator _accelerator;
    private readonly Func<SharedArena, GroupRunner<TCall>>? _newRunner;
    private readonly ConcurrentBag<GroupRunner<TCall>> _runners = [];

    // The launch that ran last, to be used again: a launch then allocates nothing.
    private LoopLaunch<TCall>? _idle;

    internal CpuKernel(CPUAccelerator accelerator, KernelDescription description)
        : base(accelerator, description)
    {
        _accelerator = accelerator;
        if (description.UsesGroup && !CPUAccelerator.RunsGroupsAsThreads)
            _newRunner = ResumableKernel.TryBuild<TCall>(description.Method);
    }

    /// <summary>
    /// What runs the groups of this kernel, where their threads depend on each other, and null otherwise.
    /// </summary>
    internal GroupRunner<TCall>? TakeRunner()
    {
        if (_newRunner is null)
            return null;
        if (!_runners.TryTake(out GroupRunner<TCall>? runner))
            runner = _newRunner(new SharedArena(_accelerator));
        runner.Begin();
        return runner;
    }

    internal void Return(GroupRunner<TCall>? runner)
    {
        if (runner is null)
            return;
        runner.End();
        _runners.Add(runner);
    }

    internal void Return(LoopLaunch<TCall> launch) => Volatile.Write(ref _idle, launch);

    protected override void Run(AcceleratorStream stream, KernelConfig config, in TCall call)
    {
        KernelFault? fault;
        if (Description.UsesGroup && (_newRunner is null || Debugger.IsAttached))
        {
            // A debugger's breakpoints are in the kernel itself, so it is the kernel itself that runs.
            fault = new GroupLaunch<TCall>(_accelerator, config, call).Run();
        }
        else
        {
            LoopLaunch<TCall> launch = Interlocked.Exchange(ref _idle, null) ?? new LoopLaunch<TCall>(this);
            fault = launch.Run(config, call);
        }

        if (fault is not null)
            throw fault.ToException(Description);
    }
}
