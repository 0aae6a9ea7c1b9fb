namespace ILGPU.Runtime.CPU;

/// <summary>Runs groups whose threads wait for each other, one group after the other, on one core.</summary>
internal abstract class GroupRunner<TCall>
{
    /// <summary>Begins a launch.</summary>
    internal abstract void Begin();

    /// <summary>Runs the group that <see cref="Grid"/> tells the position of.</summary>
    /// <param name="call">The kernel with its arguments.</param>
    /// <param name="group">The number of threads in each dimension.</param>
    internal abstract void Run(in TCall call, Index3D group);

    /// <summary>Ends a launch: lets go of its buffers.</summary>
    internal abstract void End();
}
