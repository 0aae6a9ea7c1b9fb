using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using MnistGpu.Core.Memory;

namespace MnistGpu.Core.Simd;

/// <summary>
/// Makes threads wait for each other. Each writes the number of its latest arrival on a cache line of its own and reads
/// the others': no locked instruction, no line that two write, so a meeting costs about as much as one cache line going
/// from core to core. Between its arrival and its waiting a thread can do what depends on nobody else.
/// </summary>
/// <param name="most">The most threads that ever meet.</param>
internal sealed unsafe class Barrier(int most) : IDisposable
{
    /// <summary>Between two threads' numbers: two cache lines, because CPUs fetch them in pairs.</summary>
    private const int Stride = 16;

    /// <summary>
    /// Looks before a thread gives up its core: some milliseconds. A thread that is late has lost its core to another
    /// program, and if the waiting one gave up its own too, the two would hardly ever meet again.
    /// </summary>
    private const int Spins = 100_000;

    /// <summary>The same where there are fewer cores than threads: the late one may need this very core.</summary>
    private const int SpinsWithoutCore = 500;

    /// <summary>Times that it then offers its core to others before it sleeps, a millisecond at a time.</summary>
    private const int Yields = 2_000;

    private readonly AlignedBuffer<long> _arrivals = new((long)most * Stride);

    /// <summary>Says that a thread is here. What it wrote before, the others see after their wait.</summary>
    /// <param name="number">Of the meeting: more than at any meeting before, and the same for all who meet.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Arrive(int thread, long number)
    {
        // What went past the caches may otherwise come later than the arrival.
        if (Sse.IsSupported)
            Sse.StoreFence();
        Volatile.Write(ref _arrivals.Pointer[thread * Stride], number);
        GC.KeepAlive(this);
    }

    /// <summary>Returns when all of the first so many threads have arrived.</summary>
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
        // Only a pointer into this object was used while waiting.
        GC.KeepAlive(this);
    }

    public void Meet(int thread, int threads, long number)
    {
        Arrive(thread, number);
        Wait(threads, number);
    }

    public void Dispose() => _arrivals.Dispose();
}
