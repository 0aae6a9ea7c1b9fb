namespace ILGPU.Runtime.CPU;

/// <summary>Runs groups of a kernel that can stop at its barriers (<see cref="ResumableKernel"/>).</summary>
internal sealed class ResumableGroupRunner<TCall, TFrame>(KernelStep<TCall, TFrame> step, SharedArena arena)
    : GroupRunner<TCall>
    where TFrame : struct
{
    private TFrame[] _frames = [];

    internal override void Begin() => arena.Begin();

    internal override void Run(in TCall call, Index3D group)
    {
        if (_frames.Length < group.Size)
            _frames = new TFrame[group.Size];
        SharedArena.Use(arena);
        try
        {
            int barrier = 0;
            int blocks = 0;
            do
                barrier = RunToNextBarrier(call, group, barrier, ref blocks);
            while (barrier != 0);
        }
        finally
        {
            SharedArena.Use(null);
        }
    }

    internal override void End() => Array.Clear(_frames);

    private int RunToNextBarrier(in TCall call, Index3D group, int barrier, ref int blocks)
    {
        int reached = 0;
        int thread = 0;
        for (int z = 0; z < group.Z; z++)
        {
            KernelThread.GroupIdxZ = z;
            for (int y = 0; y < group.Y; y++)
            {
                KernelThread.GroupIdxY = y;
                for (int x = 0; x < group.X; x++)
                {
                    KernelThread.GroupIdxX = x;
                    SharedArena.Calls = blocks;
                    int stop = step(call, barrier, ref _frames[thread]);
                    if (thread > 0 && stop != reached)
                        throw Divergence(stop, reached);
                    reached = stop;
                    thread++;
                }
            }
        }

        blocks = SharedArena.Calls;
        return reached;
    }

    private static InvalidOperationException Divergence(int stop, int reached)
    {
        static string Place(int barrier) => barrier == 0 ? "the kernel's end" : $"barrier {barrier} of the kernel";
        return new InvalidOperationException(
            $"it has come to {Place(stop)} and the threads before it to {Place(reached)}: "
            + "every thread of a group must reach a barrier.");
    }
}
