namespace ILGPU.Runtime;

/// <summary>Turns kernels, which are static methods, into delegates that launch them.</summary>
/// <remarks>
/// <para>
/// There are five methods, each for 1 to 14 arguments. An explicitly grouped kernel computes its position from <see
/// cref="Grid"/> and <see cref="Group"/>, and a launch states the grid and the group (<see cref="KernelConfig"/>). An
/// implicitly grouped one is given its index as first argument, and a launch states the extent of the indices. Either
/// launches in the default stream, or in the stream that is the launcher's first argument. The groups of an implicitly
/// grouped one are the runtime's choice, or have the size that it is loaded with, which here can be 1 thread only.
/// </para>
/// <para>
/// The overloads of a method stand in a file of their own and are all alike: the arguments of a launch go into a
/// struct (Launching/Call.cs), which the accelerator's loaded kernel was compiled for. What is changed in one overload
/// is to be changed in all.
/// </para>
/// <para>
/// Loading throws a <see cref="NotSupportedException"/> for a kernel that cannot run. Launching throws an <see
/// cref="ArgumentException"/>, a <see cref="NotSupportedException"/> or an <see cref="ObjectDisposedException"/>,
/// naming the kernel, for a launch that is not possible; the CPU accelerator also throws an <see
/// cref="InvalidOperationException"/> when the kernel itself fails.
/// </para>
/// </remarks>
public static partial class KernelLoaders
{
}
