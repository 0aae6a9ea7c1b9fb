using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>
/// One launch of a kernel whose threads wait for each other: each thread of a group is a thread of the operating
/// system.
/// </summary>
/// <remarks>
/// A crew (<see cref="GroupCrew"/>) has a thread for each thread of a group and runs one group after the other. Small
/// groups leave cores free, and more crews then run other groups at the same time.
/// </remarks>
internal abstract class GroupLaunch(CPUAccelerator accelerator, KernelConfig config)
{
    private long _next;
    private KernelFault? _fault;

    /// <summary>The number of groups, and the number of threads of each.</summary>
    internal KernelConfig Config { get; } = config;

    internal int GroupSize { get; } = config.GroupDim.Size;

    /// <summary>Runs the kernel once, as the thread that <see cref="KernelThread"/> describes.</summary>
    internal abstract void Invoke();

    /// <summary>Runs the kernel for every thread, and returns when the last has ended.</summary>
    internal KernelFault? Run()
    {
        long groups = Config.GridDim.LongSize;
        int count = (int)Math.Clamp(Environment.ProcessorCount / GroupSize, 1, groups);
        var crews = new List<GroupCrew>(count);
        try
        {
            // No crew starts before all have their threads: a thread that cannot be made ends the launch, and then
            // nothing may run any more.
            for (int i = 0; i < count; i++)
            {
                crews.Add(accelerator.TakeCrew());
                crews[i].Hire(GroupSize);
            }

            foreach (GroupCrew crew in crews)
                crew.Start(this);
        }
        finally
        {
            foreach (GroupCrew crew in crews)
            {
                crew.Wait();
                accelerator.Return(crew);
            }
        }

        return _fault;
    }

    /// <summary>The next group that no crew has run, or -1 when there is none or the kernel has failed.</summary>
    internal long NextGroup()
    {
        long group = Interlocked.Increment(ref _next) - 1;
        return group < Config.GridDim.LongSize && _fault is null ? group : -1;
    }

    /// <summary>Ends the launch. Only the first failure is reported: the others follow from it.</summary>
    internal void Fail(Exception exception) =>
        Interlocked.CompareExchange(ref _fault, new KernelFault(exception), null);
}

/// <summary>A <see cref="GroupLaunch"/> of one kernel.</summary>
internal sealed class GroupLaunch<TCall>(CPUAccelerator accelerator, KernelConfig config, TCall call)
    : GroupLaunch(accelerator, config)
    where TCall : struct, IKernelCall
{
    internal override void Invoke() => call.Invoke();
}
