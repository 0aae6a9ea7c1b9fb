using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MnistGpu.Core.Simd;

/// <summary>
/// Makes two threads wait for each other, twice a pass. Each counts its own arrivals on a cache line of its own and
/// reads the other's: no locked instruction, no line that both write, so a barrier costs about as much as one cache
/// line going from core to core. Between its arrival and its waiting a thread can do what depends on nobody else.
/// </summary>
internal sealed unsafe class Barrier : IDisposable
{
    /// <summary>Between the two counters: two cache lines, because CPUs fetch them in pairs.</summary>
    private const int Stride = 16;

    /// <summary>Times that it then offers its core to others before it sleeps, a millisecond at a time.</summary>
    private const int Yields = 2_000;

    /// <summary>
    /// Looks before a thread gives up its core: some milliseconds. A thread that is late has lost its core to another
    /// program, and if the waiting one gave up its own too, the two would hardly ever meet again. With a single core
    /// the late one needs this very core.
    /// </summary>
    private static readonly int s_spins = Environment.ProcessorCount > 1 ? 100_000 : 500;

    private readonly AlignedBuffer<long> _arrivals = new(2 * Stride);

    /// <summary>Says that a thread, 0 or 1, is here. What it wrote before, the other one sees after its wait.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Arrive(int thread)
    {
        // What went past the caches may otherwise come later than the arrival.
        if (Sse.IsSupported)
            Sse.StoreFence();
        ref long arrivals = ref _arrivals.Pointer[thread * Stride];
        Volatile.Write(ref arrivals, arrivals + 1);
        GC.KeepAlive(this);
    }

    /// <summary>Returns when the other thread has arrived as often as this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Wait(int thread)
    {
        long arrival = _arrivals.Pointer[thread * Stride];
        ref long others = ref _arrivals.Pointer[(1 - thread) * Stride];
        for (int looks = 0; Volatile.Read(ref others) < arrival; looks++)
        {
            if (looks < s_spins)
                Thread.SpinWait(1);
            else if (looks < s_spins + Yields)
                Thread.Yield();
            else
                Thread.Sleep(1);
        }
        // Only a pointer into this object was used while waiting.
        GC.KeepAlive(this);
    }

    public void Meet(int thread)
    {
        Arrive(thread);
        Wait(thread);
    }

    public void Dispose() => _arrivals.Dispose();
}

/// <summary>
/// Decides when the threads work together and when the calling one is better off alone: where other programs are busy,
/// a thread without its core keeps the other one waiting. Both ways are timed now and then, over as many epochs as it
/// takes, and where the two take clearly longer, one goes on alone. That changes no result.
/// </summary>
internal sealed class Teamwork(TimeProvider clock)
{
    /// <summary>Images after which a stretch of work is judged: about a millisecond.</summary>
    private const int Window = 1_024;

    /// <summary>When it is judged even if fewer images are done: then the threads hardly get on.</summary>
    private const double WindowSeconds = 0.002;

    private const int LongestAlone = 1 << 20;

    /// <summary>How much longer the threads must take than one of them: one window is no exact measure.</summary>
    private const double ClearlyLonger = 1.25;

    /// <summary>Images after which one thread alone is timed again.</summary>
    private const int TimedAgainAfter = 1 << 17;

    private double _secondsAlone = double.PositiveInfinity;
    private int _imagesSinceAlone = TimedAgainAfter;
    private int _nextAlone = Window;
    private int _images;
    private double _seconds;
    private long _since;

    /// <summary>Images that are still to be trained on alone.</summary>
    public int AloneImages { get; private set; }

    /// <summary>Work begins, or goes on after something that is not to be counted.</summary>
    public void Begin() => _since = clock.GetTimestamp();

    /// <summary>Judges what the threads have done together, and so sets <see cref="AloneImages"/>.</summary>
    public void WorkedTogether(int images)
    {
        Count(images);
        _imagesSinceAlone += images;
        if (_images < Window && _seconds < WindowSeconds)
            return;
        if (_seconds / _images >= ClearlyLonger * _secondsAlone)
        {
            // For ever longer, as long as it is no better afterwards.
            AloneImages = _nextAlone;
            _nextAlone = Math.Min(4 * _nextAlone, LongestAlone);
        }
        else
        {
            _nextAlone = Math.Max(_nextAlone / 2, Window);
            if (_imagesSinceAlone >= TimedAgainAfter)
                AloneImages = Window;
        }
        (_images, _seconds) = (0, 0);
    }

    /// <summary>Counts what the calling thread has done alone.</summary>
    public void WorkedAlone(int images)
    {
        Count(images);
        AloneImages = Math.Max(0, AloneImages - images);
        if (_images >= Window)
            (_secondsAlone, _imagesSinceAlone) = (_seconds / _images, 0);
        if (_images >= Window || AloneImages == 0)
            (_images, _seconds) = (0, 0);
    }

    private void Count(int images)
    {
        long now = clock.GetTimestamp();
        _images += images;
        _seconds += clock.GetElapsedTime(_since, now).TotalSeconds;
        _since = now;
    }
}
