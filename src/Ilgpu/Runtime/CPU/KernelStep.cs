namespace ILGPU.Runtime.CPU;

/// <summary>Runs a kernel as one thread, from one barrier to the next.</summary>
/// <param name="call">The arguments.</param>
/// <param name="barrier">The barrier behind which it goes on, counted from 1 in the kernel's IL, or 0 to begin.</param>
/// <param name="frame">The thread's local variables, kept from one barrier to the next.</param>
/// <returns>The barrier that it has come to, or 0 when the kernel has ended.</returns>
internal delegate int KernelStep<TCall, TFrame>(in TCall call, int barrier, ref TFrame frame);
