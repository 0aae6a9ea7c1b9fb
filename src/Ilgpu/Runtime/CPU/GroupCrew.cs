namespace ILGPU.Runtime.CPU;

/// <summary>
/// The threads that run the groups of a launch, one group after the other. They are kept for the next launch.
/// </summary>
internal sealed class GroupCrew(CPUAccelerator accelerator) : IDisposable
{
    // Kernels call little and have no large locals; the default of 1.5 MB for each of 1,024 threads would be for
    // nothing.
    private const int StackSize = 512 * 1024;

    private readonly List<SemaphoreSlim> _members = [];
    private readonly ManualResetEventSlim _done = new(initialState: true);
    private readonly CpuGroup _group = new(new SharedArena(accelerator));
    private GroupLaunch? _launch;
    private int _working;

    /// <summary>Sees to it that the crew has as many threads as a group.</summary>
    /// <exception cref="OutOfMemoryException">There cannot be so many. Those that there are stay with the
    /// crew.</exception>
    internal void Hire(int groupSize)
    {
        while (_members.Count < groupSize)
            Hire();
    }

    /// <summary>
    /// Begins to run groups of a launch, until it has no more. <see cref="Hire(int)"/> comes before.
    /// </summary>
    internal void Start(GroupLaunch launch)
    {
        _group.Begin(launch);
        _launch = launch;
        _working = launch.GroupSize;
        _done.Reset();
        for (int i = 0; i < launch.GroupSize; i++)
            _members[i].Release();
    }

    /// <summary>
    /// Waits until the launch has no more groups, and every thread of the crew is idle: at once where none was started.
    /// </summary>
    internal void Wait()
    {
        _done.Wait();
        _launch = null;
        _group.Leave();
    }

    /// <summary>Ends the threads of an idle crew.</summary>
    public void Dispose()
    {
        foreach (SemaphoreSlim member in _members)
            member.Release();
    }

    private void Hire()
    {
        int index = _members.Count;
        var start = new SemaphoreSlim(0);
        var thread = new Thread(() => Serve(index, start), StackSize)
        {
            IsBackground = true,
            Name = $"Kernel thread {index}"
        };
        thread.Start();
        _members.Add(start);
    }

    private void Serve(int index, SemaphoreSlim start)
    {
        do
            start.Wait();
        while (RunLaunch(index));
    }

    // A method of its own: what an idle thread has in its local variables is not freed.
    private bool RunLaunch(int index)
    {
        if (_launch is not { } launch)
            return false;
        _group.RunMember(launch, index);
        if (Interlocked.Decrement(ref _working) == 0)
            _done.Set();
        return true;
    }
}
