using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using MnistGpu.Core.Memory;

namespace MnistGpu.Core.Simd;

/// <summary>
/// Makes threads wait for each other. Each writes the number of its latest arrival to its own cache line and reads the
/// others'. There is no locked instruction and no line written by two threads, so a meeting costs about as much as moving one
/// cache line from core to core. Between arriving and waiting, a thread can do work that depends on nobody else.
/// </summary>
/// <param name="most">The maximum number of threads.</param>
internal sealed unsafe class Barrier(int most) : IDisposable
{
    /// <summary>Distance between two threads' numbers: two cache lines, because CPUs fetch them in pairs.</summary>
    private const int Stride = 16;

    /// <summary>
    /// Spins before a thread yields its core: some milliseconds. A late thread has lost its core to another program, and if
    /// the waiting one gave up its own too, the two would hardly ever meet again.
    /// </summary>
    private const int Spins = 100_000;

    /// <summary>The same with fewer cores than threads: the late one may need this very core.</summary>
    private const int SpinsWithoutCore = 500;

    /// <summary>How often it then yields before it sleeps for a millisecond at a time.</summary>
    private const int Yields = 2_000;

    private readonly AlignedBuffer<long> _arrivals = new((long)most * Stride);

    /// <summary>Announces a thread's arrival. What it wrote before is visible to the others after their wait.</summary>
    /// <param name="number">The number of the meeting: larger than at any earlier one, and the same for all threads.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Arrive(int thread, long number)
    {
        // Otherwise, what was written past the caches may become visible after the arrival.
        if (Sse.IsSupported)
            Sse.StoreFence();
        Volatile.Write(ref _arrivals.Pointer[thread * Stride], number);
        GC.KeepAlive(this);
    }

    /// <summary>Returns when this many threads, counted from the first, have arrived.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Wait(int threads, long number)
    {
        int spins = threads <= Environment.ProcessorCount ? Spins : SpinsWithoutCore;
        for (int thread = 0; thread < threads; thread++)
        {
            ref long arrival = ref _arrivals.Pointer[thread * Stride];
            for (int looks = 0; Volatile.Read(ref arrival) < number; looks++)
            {
                if (looks < spins)
                    Thread.SpinWait(1);
                else if (looks < spins + Yields)
                    Thread.Yield();
                else
                    Thread.Sleep(1);
            }
        }
        // Only a pointer into this object was in use while waiting.
        GC.KeepAlive(this);
    }

    public void Meet(int thread, int threads, long number)
    {
        Arrive(thread, number);
        Wait(threads, number);
    }

    public void Dispose() => _arrivals.Dispose();
}
