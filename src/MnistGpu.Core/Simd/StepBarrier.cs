using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MnistGpu.Core.Simd;

/// <summary>
/// Makes the threads of a training wait for each other, a few times a step. Each thread counts its own arrivals on a cache
/// line of its own and reads those of the others: no locked instruction, no line that all of them write, so a barrier
/// costs about as much as one cache line going from core to core. Between its arrival and its waiting a thread can do
/// what depends on no other, and then even that is hidden.
/// </summary>
/// <param name="threads">Threads that take part.</param>
internal sealed unsafe class StepBarrier(int threads)
{
    /// <summary>Between two counters: two cache lines, because CPUs fetch them in pairs.</summary>
    private const int Stride = 16;

    /// <summary>
    /// Looks before a thread gives up its core. With a core for each thread that is some milliseconds: a thread that is
    /// late has lost its core to another program, and if the waiting one gave up its own too, the two would hardly ever
    /// meet again. With fewer cores than threads the one that is late may need this very core.
    /// </summary>
    private readonly int _spins = threads <= Environment.ProcessorCount ? 100_000 : 500;

    /// <summary>Times that a thread then offers its core to others before it sleeps, a millisecond at a time.</summary>
    private const int Yields = 2_000;

    private readonly AlignedBuffer<long> _arrivals = new((long)threads * Stride);

    /// <summary>
    /// Says that a thread has come to the barrier, and goes on. What it wrote before is seen by every thread that has
    /// waited for it.
    /// </summary>
    /// <param name="thread">The calling thread, 0 to threads − 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Arrive(int thread)
    {
        // What went past the caches may otherwise come later than the arrival.
        if (Sse.IsSupported)
            Sse.StoreFence();
        long* arrivals = _arrivals.Pointer;
        Volatile.Write(ref arrivals[thread * Stride], arrivals[thread * Stride] + 1);
        GC.KeepAlive(this);
    }

    /// <summary>Returns when every thread has arrived as often as the calling one.</summary>
    /// <param name="thread">The calling thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Wait(int thread)
    {
        long* arrivals = _arrivals.Pointer;
        long arrival = arrivals[thread * Stride];
        for (int other = 0; other < threads; other++)
            for (int looks = 0; Volatile.Read(ref arrivals[other * Stride]) < arrival; looks++)
            {
                if (looks < _spins)
                    Thread.SpinWait(1);
                else if (looks < _spins + Yields)
                    Thread.Yield();
                else
                    Thread.Sleep(1);
            }
        // Only a pointer into this object was used while waiting.
        GC.KeepAlive(this);
    }
}
