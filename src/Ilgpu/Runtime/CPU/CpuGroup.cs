namespace ILGPU.Runtime.CPU;

/// <summary>A group that runs: what its threads share, which is the barrier and the shared memory.</summary>
/// <remarks>
/// <para>
/// The object serves one group after the other. Each thread runs the kernel, then waits at the group's end, where the
/// last to come takes the next group for all. So a barrier and the end of a group are one thing: a phase that ends
/// when all threads have arrived. <see cref="_arrived"/> counts both kinds of arrival in one number, which makes two
/// faults visible. When all have arrived but some at a barrier and some at the end, the barrier was not reached by
/// all: on a GPU the launch would hang or be wrong; here it fails. And when a thread fails, those at a barrier leave
/// it with a <see cref="GroupBrokenException"/>.
/// </para>
/// <para>
/// A waiting thread lets others run (Thread.Yield), since most of a group's threads have no core of their own: handing
/// the core on costs a microsecond, where waking a sleeping thread costs several. One that waits for long sleeps.
/// </para>
/// </remarks>
internal sealed class CpuGroup(SharedArena arena)
{
    private const int EndArrival = 1 << 16;
    private const int YieldsBeforeSleep = 2000;

    [ThreadStatic]
    private static CpuGroup? t_current;

    private readonly object _sleepers = new();
    private GroupLaunch? _launch;
    private long _index;
    private int _size;
    private int _arrived;
    private volatile int _phase;
    private volatile bool _isBroken;
    private int _sleeping;

    /// <summary>The group of the thread that runs now.</summary>
    internal static CpuGroup Current => t_current ?? throw new InvalidOperationException(
        "Barriers are for the threads of an explicitly grouped kernel; no group runs here.");

    /// <summary>Takes the first group of a launch, before any thread runs it.</summary>
    internal void Begin(GroupLaunch launch)
    {
        _launch = launch;
        _size = launch.GroupSize;
        _isBroken = false;
        arena.Begin();
        _index = launch.NextGroup();
    }

    /// <summary>Forgets a launch that has ended: its arguments refer to the memory of buffers.</summary>
    internal void Leave() => _launch = null;

    /// <summary>Runs one thread of each group, until there are no more groups.</summary>
    internal void RunMember(GroupLaunch launch, int thread)
    {
        Index3D grid = launch.Config.GridDim;
        Index3D group = launch.Config.GroupDim;
        KernelThread.GridDimX = grid.X;
        KernelThread.GridDimY = grid.Y;
        KernelThread.GridDimZ = grid.Z;
        KernelThread.GroupDimX = group.X;
        KernelThread.GroupDimY = group.Y;
        KernelThread.GroupDimZ = group.Z;
        KernelThread.GroupIdxX = thread % group.X;
        KernelThread.GroupIdxY = thread / group.X % group.Y;
        KernelThread.GroupIdxZ = thread / group.X / group.Y;
        t_current = this;
        SharedArena.Use(arena);
        while (_index >= 0)
        {
            KernelThread.GridIdxX = (int)(_index % grid.X);
            KernelThread.GridIdxY = (int)(_index / grid.X % grid.Y);
            KernelThread.GridIdxZ = (int)(_index / grid.X / grid.Y);
            SharedArena.Calls = 0;
            try
            {
                launch.Invoke();
            }
            catch (GroupBrokenException)
            {
                // Another thread has failed, and has said so.
            }
            catch (Exception exception)
            {
                Break(exception);
            }

            End();
        }

        t_current = null;
        SharedArena.Use(null);
    }

    /// <summary>Waits for all threads of the group.</summary>
    internal void Barrier()
    {
        if (_isBroken)
            throw new GroupBrokenException();
        int phase = _phase;
        int arrived = Interlocked.Increment(ref _arrived);
        if (arrived == _size)
        {
            EndPhase();
            return;
        }

        BreakIfDivergent(arrived);
        if (!Wait(phase, leaveWhenBroken: true))
        {
            Interlocked.Decrement(ref _arrived);
            throw new GroupBrokenException();
        }
    }

    private void End()
    {
        int phase = _phase;
        int arrived = Interlocked.Add(ref _arrived, EndArrival);
        if (arrived == _size * EndArrival)
        {
            _index = _launch!.NextGroup();
            EndPhase();
            return;
        }

        BreakIfDivergent(arrived);
        Wait(phase, leaveWhenBroken: false);
    }

    private void BreakIfDivergent(int arrived)
    {
        int ended = arrived / EndArrival;
        int atBarrier = arrived % EndArrival;
        if (_isBroken || ended == 0 || ended + atBarrier < _size)
            return;
        Break(new InvalidOperationException(
            $"{ended} of the group's {_size} threads have ended while {atBarrier} wait at a barrier, "
            + "which every thread of a group must reach."));
    }

    private void Break(Exception exception)
    {
        _launch!.Fail(exception);
        _isBroken = true;
        WakeSleepers();
    }

    private void EndPhase()
    {
        _arrived = 0;
        _phase++;
        WakeSleepers();
    }

    /// <returns>Whether the phase has ended; false when the group is broken.</returns>
    private bool Wait(int phase, bool leaveWhenBroken)
    {
        for (int yields = 0; _phase == phase; yields++)
        {
            if (leaveWhenBroken && _isBroken)
                return false;
            if (yields < YieldsBeforeSleep)
                Thread.Yield();
            else
                Sleep(phase, leaveWhenBroken);
        }

        return true;
    }

    private void Sleep(int phase, bool leaveWhenBroken)
    {
        lock (_sleepers)
        {
            Interlocked.Increment(ref _sleeping);
            while (_phase == phase && !(leaveWhenBroken && _isBroken))
                Monitor.Wait(_sleepers);
            Interlocked.Decrement(ref _sleeping);
        }
    }

    private void WakeSleepers()
    {
        // The phase is written before the count is read, and a sleeper counts itself before it reads the phase.
        Interlocked.MemoryBarrier();
        if (_sleeping == 0)
            return;
        lock (_sleepers)
            Monitor.PulseAll(_sleepers);
    }
}
