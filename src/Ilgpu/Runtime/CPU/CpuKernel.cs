using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>A kernel of the CPU accelerator.</summary>
internal sealed class CpuKernel<TCall>(CPUAccelerator accelerator, KernelDescription description)
    : LoadedKernel<TCall>(accelerator, description)
    where TCall : struct, IKernelCall
{
    // The launch that ran last, to be used again: a launch then allocates nothing.
    private LoopLaunch<TCall>? _idle;

    protected override void Run(AcceleratorStream stream, KernelConfig config, in TCall call)
    {
        KernelFault? fault;
        if (Description.UsesGroup)
        {
            fault = new GroupLaunch<TCall>(accelerator, config, call).Run();
        }
        else
        {
            LoopLaunch<TCall> launch = Interlocked.Exchange(ref _idle, null) ?? new LoopLaunch<TCall>(this);
            fault = launch.Run(config, call);
        }

        if (fault is not null)
            throw fault.ToException(Description);
    }

    internal void Return(LoopLaunch<TCall> launch) => Volatile.Write(ref _idle, launch);
}
