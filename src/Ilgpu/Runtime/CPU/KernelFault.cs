using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>What went wrong in a kernel, and in which thread of the launch.</summary>
internal sealed class KernelFault
{
    private readonly Exception _exception;
    private readonly Index3D _group = new(Grid.IdxX, Grid.IdxY, Grid.IdxZ);
    private readonly Index3D _thread = new(Group.IdxX, Group.IdxY, Group.IdxZ);

    /// <summary>To be called on the thread where the exception was thrown.</summary>
    internal KernelFault(Exception exception) => _exception = exception;

    internal InvalidOperationException ToException(KernelDescription kernel)
    {
        string position = kernel.IsImplicitlyGrouped ? $"at index {_group}" : $"in group {_group}, thread {_thread}";
        return new InvalidOperationException(
            $"Kernel {kernel.Name} failed {position}: {_exception.Message}", _exception);
    }
}
