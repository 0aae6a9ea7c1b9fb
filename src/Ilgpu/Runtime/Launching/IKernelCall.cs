namespace ILGPU.Runtime.Launching;

/// <summary>
/// A kernel with the arguments of one launch. It is a struct that a launch is compiled for, so no argument is boxed
/// and none is looked up while the kernel's threads run.
/// </summary>
internal interface IKernelCall
{
    /// <summary>Runs the kernel once, as the thread that <see cref="KernelThread"/> describes.</summary>
    void Invoke();

    /// <summary>Shows the arguments, in order.</summary>
    void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IArgumentVisitor;
}
