using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>
/// One launch as a loop over all groups, split over the cores. A group's threads are an inner loop, or, where they
/// wait for each other, one loop from each barrier to the next (<see cref="GroupRunner{TCall}"/>).
/// </summary>
/// <remarks>
/// The groups are cut into chunks, and whoever is free takes the next one: the thread that launches, and as many
/// helpers from the thread pool as there are other cores. A helper that comes late finds no chunk left and goes; the
/// launch does not wait for it. So a tiny launch costs no more than asking for help, and a busy pool delays none.
/// </remarks>
internal sealed class LoopLaunch<TCall>(CpuKernel<TCall> kernel) : IThreadPoolWorkItem
    where TCall : struct, IKernelCall
{
    // Several chunks a core, so that one slow core does not keep the others waiting for long.
    private const int ChunksPerCore = 8;

    private static readonly int s_helpers = Environment.ProcessorCount - 1;

    private readonly ManualResetEventSlim _idle = new();
    private TCall _call;
    private Index3D _grid;
    private Index3D _group;
    private long _groups;
    private long _chunk;
    private long _next;
    private int _working;
    private int _holders;
    private KernelFault? _fault;

    /// <summary>Runs the kernel for every thread, and returns when the last has ended.</summary>
    internal KernelFault? Run(KernelConfig config, in TCall call)
    {
        _call = call;
        _grid = config.GridDim;
        _group = config.GroupDim;
        _groups = _grid.LongSize;
        _chunk = Math.Max(1, _groups / ((s_helpers + 1) * ChunksPerCore));
        _next = 0;
        _fault = null;

        int helpers = (int)Math.Min(s_helpers, (_groups - 1) / _chunk);
        _holders = helpers + 1;
        for (int i = 0; i < helpers; i++)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

        Work();
        while (Volatile.Read(ref _working) > 0)
            WaitForHelpers();
        KernelFault? fault = _fault;
        Release();
        return fault;
    }

    void IThreadPoolWorkItem.Execute()
    {
        Work();
        Release();
    }

    // Nothing may leave this method: on a helper it would end the process.
    private void Work()
    {
        Interlocked.Increment(ref _working);
        try
        {
            RunChunks();
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _fault, new KernelFault(exception), null);
            Interlocked.Exchange(ref _next, _groups);
        }
        finally
        {
            if (Interlocked.Decrement(ref _working) == 0)
                _idle.Set();
        }
    }

    private void RunChunks()
    {
        KernelThread.GridDimX = _grid.X;
        KernelThread.GridDimY = _grid.Y;
        KernelThread.GridDimZ = _grid.Z;
        KernelThread.GroupDimX = _group.X;
        KernelThread.GroupDimY = _group.Y;
        KernelThread.GroupDimZ = _group.Z;
        GroupRunner<TCall>? runner = kernel.TakeRunner();
        try
        {
            while (true)
            {
                long first = Interlocked.Add(ref _next, _chunk) - _chunk;
                if (first >= _groups)
                    return;
                RunGroups(first, Math.Min(first + _chunk, _groups), runner);
            }
        }
        finally
        {
            kernel.Return(runner);
        }
    }

    private void RunGroups(long first, long end, GroupRunner<TCall>? runner)
    {
        for (long index = first; index < end; index++)
        {
            KernelThread.GridIdxX = (int)(index % _grid.X);
            KernelThread.GridIdxY = (int)(index / _grid.X % _grid.Y);
            KernelThread.GridIdxZ = (int)(index / _grid.X / _grid.Y);
            if (runner is null)
                RunThreads();
            else
                runner.Run(_call, _group);
        }
    }

    private void RunThreads()
    {
        for (int z = 0; z < _group.Z; z++)
        {
            KernelThread.GroupIdxZ = z;
            for (int y = 0; y < _group.Y; y++)
            {
                KernelThread.GroupIdxY = y;
                for (int x = 0; x < _group.X; x++)
                {
                    KernelThread.GroupIdxX = x;
                    _call.Invoke();
                }
            }
        }
    }

    private void WaitForHelpers()
    {
        _idle.Reset();
        if (Volatile.Read(ref _working) > 0)
            _idle.Wait();
    }

    // The last one to hold it makes it free: a late helper must not come upon the next launch's half-set fields.
    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
            return;
        _call = default;
        kernel.Return(this);
    }
}
