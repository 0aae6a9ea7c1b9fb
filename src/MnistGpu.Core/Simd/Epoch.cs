using System.Runtime.ExceptionServices;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Simd;

/// <summary>The work of an epoch: what to train, on which images, in which order.</summary>
/// <param name="Threads">The maximum number of threads.</param>
/// <param name="BatchSize">At least 1.</param>
internal sealed record EpochTask(
    SimdNetwork Network, int Threads, Images Images, int BatchSize,
    EpochRates Rates, IProgress<EpochProgress>? Progress, CancellationToken CancellationToken)
{
    /// <summary>How many batches share a pass over W1: with momentum one, since it moves all of W1 in every step.</summary>
    public int BatchesOfPass => Rates.Momentum != 0 ? 1 : Math.Max(1, Overlaps.MaxImages / Math.Min(BatchSize, Images.Count));

    /// <summary>
    /// Which of the two kinds of epoch this is. It depends only on the work and never on the threads, and so does the result.
    /// </summary>
    public bool IsInStrips => !Network.IsSmall && BatchesOfPass == 1;

    /// <summary>How many threads have work to do.</summary>
    public int UsefulThreads => Math.Min(Threads, IsInStrips ? Network.Strips.Length : 2);

    /// <summary>The number of threads, and the reason.</summary>
    public string ThreadsInWords => UsefulThreads == Threads
        ? $"{Threads}, {(Threads == Environment.ProcessorCount ? "one per core" : "as requested")}"
        : IsInStrips ? $"{UsefulThreads}, one per strip of hidden units"
        : "2, one per half of the pixels, because " + (Network.IsSmall
            ? $"there are at most {SimdNetwork.MostSmallUnits} hidden units"
            : $"batches have at most {Overlaps.MaxImages / 2} images");
}

/// <summary>
/// One epoch of training, pass after pass, on the calling thread (0) and its helpers. This class decides who works when, and
/// how an epoch is stopped; its two subclasses define what a pass is, and how threads share it.
/// </summary>
/// <remarks>
/// In each pass, before the first meeting, the calling thread decides how many threads do the next one
/// (<see cref="AdaptiveThreadCount"/>). The others sleep until a pass needs them. For any number of threads, everything is added up in
/// the same order.
/// </remarks>
internal abstract class Epoch : IDisposable
{
    /// <summary>Images between two progress reports.</summary>
    private const int ProgressInterval = 4_096;

    /// <summary>The maximum number of meetings in and after a pass, which are numbered.</summary>
    private const int MeetingsOfPass = 3;

    private readonly AdaptiveThreadCount _threadCount;
    private readonly Barrier _barrier;
    private readonly SemaphoreSlim[] _wake;

    /// <summary>How many threads do an even and an odd pass. A late thread may still read the other entry.</summary>
    private readonly int[] _threadsOfPass = new int[2];

    /// <summary>The pass for which sleeping threads wake up.</summary>
    private int _wokenFor;

    /// <summary>The pass in which the epoch is stopped, and why.</summary>
    private int _stopAt = int.MaxValue;
    private Exception? _error;
    private int _reported;

    protected Epoch(EpochTask task, AdaptiveThreadCount threadCount)
    {
        (Task, _threadCount) = (task, threadCount);
        MostThreads = threadCount.ThreadsFor(task.Images.Count);
        _threadsOfPass[0] = threadCount.Threads;
        _barrier = new Barrier(MostThreads);
        _wake = [.. Enumerable.Range(0, MostThreads).Select(_ => new SemaphoreSlim(0))];
    }

    protected EpochTask Task { get; }

    /// <summary>The epoch's threads. If fewer do all of it, no more are started, which would take time too.</summary>
    protected int MostThreads { get; }

    /// <summary>Set by the constructor.</summary>
    protected int Passes { get; init; }

    /// <summary>The loss of the images trained on, and how many of them were classified correctly.</summary>
    protected abstract (double Loss, int Hits) Measured { get; }

    public EpochStatistics Train()
    {
        var helpers = new List<Thread>();
        try
        {
            for (int thread = 1; thread < MostThreads; thread++)
            {
                int number = thread;
                var helper = new Thread(() => Work(number)) { IsBackground = true, Name = "MnistGpu helper" };
                helper.Start();
                helpers.Add(helper);
            }
            Work(0);
        }
        finally
        {
            // Even if the system has no more threads: none may be left that still uses the memory.
            _wokenFor = Passes;
            Array.ForEach(_wake, semaphore => semaphore.Release());
            helpers.ForEach(helper => helper.Join());
        }
        Finish();
        if (_error is not null)
        {
            Task.Network.ClearSteps();
            ExceptionDispatchInfo.Throw(_error);
        }
        return new EpochStatistics(Measured.Loss / Task.Images.Count, Measured.Hits);
    }

    /// <summary>A thread's share of a pass done by this many threads.</summary>
    /// <returns>False if the epoch stops here.</returns>
    protected abstract bool TrainPass(int pass, int thread, int threads);

    /// <summary>Called on the calling thread while the others sleep, before more of them are used.</summary>
    protected virtual void BeforeMoreThreads()
    {
    }

    /// <summary>Called on the calling thread after the last pass.</summary>
    protected abstract void Finish();

    public virtual void Dispose()
    {
        _barrier.Dispose();
        Array.ForEach(_wake, semaphore => semaphore.Dispose());
    }

    protected void Arrive(int pass, int thread, int meeting = 0) => _barrier.Arrive(thread, Number(pass, meeting));

    /// <returns>False if the epoch stops here.</returns>
    protected bool Wait(int pass, int threads, int meeting = 0)
    {
        _barrier.Wait(threads, Number(pass, meeting));
        return pass < Volatile.Read(ref _stopAt);
    }

    /// <summary>
    /// Called on the calling thread before the first meeting of a pass: decides whether the epoch stops there, and how many
    /// threads do the next pass.
    /// </summary>
    protected void StopOrReport(int pass, int done, int images)
    {
        try
        {
            Task.CancellationToken.ThrowIfCancellationRequested();
            if (Task.Progress is not null && done - _reported >= ProgressInterval)
            {
                _reported = done;
                Task.Progress.Report(new EpochProgress(done, Measured.Loss / done));
            }
        }
        catch (Exception error)
        {
            Stop(pass, error);
        }
        if (_threadCount.MostThreads > 1 && images > 0)
            _threadCount.Worked(images);
        Volatile.Write(ref _threadsOfPass[(pass + 1) % 2], Math.Min(_threadCount.Threads, MostThreads));
    }

    /// <summary>Everything a thread does.</summary>
    private void Work(int thread)
    {
        try
        {
            if (thread == 0)
                Lead();
            else
                Help(thread);
        }
        catch (Exception error)
        {
            Stop(pass: 0, error);
        }
        finally
        {
            // No thread may wait for one that has ended.
            _barrier.Arrive(thread, long.MaxValue);
        }
    }

    private void Stop(int pass, Exception error)
    {
        Interlocked.CompareExchange(ref _error, error, null);
        Volatile.Write(ref _stopAt, pass);
    }

    /// <summary>What the calling thread does.</summary>
    private void Lead()
    {
        int threads = _threadsOfPass[0];
        _threadCount.Begin();
        Wake(0, 1, threads);
        for (int pass = 0; pass < Passes && TrainPass(pass, 0, threads); pass++)
        {
            int next = _threadsOfPass[(pass + 1) % 2];
            if (next == threads)
                continue;
            MeetBetween(pass, 0, threads);
            if (next > threads)
                Wake(pass + 1, threads, next);
            threads = next;
        }
    }

    /// <summary>What a helper does.</summary>
    private void Help(int thread)
    {
        int pass = 0, threads = 0;
        while (true)
        {
            if (thread >= threads)
            {
                _wake[thread].Wait();
                pass = _wokenFor;
                threads = Volatile.Read(ref _threadsOfPass[pass % 2]);
            }
            if (pass >= Passes || !TrainPass(pass, thread, threads))
                return;
            int next = Volatile.Read(ref _threadsOfPass[(pass + 1) % 2]);
            if (next != threads)
                MeetBetween(pass, thread, threads);
            (threads, pass) = (next, pass + 1);
        }
    }

    /// <summary>Before other threads continue the work of these, all of it must be done.</summary>
    private void MeetBetween(int pass, int thread, int threads) =>
        _barrier.Meet(thread, threads, Number(pass, MeetingsOfPass - 1));

    private void Wake(int pass, int from, int to)
    {
        if (from == to)
            return;
        BeforeMoreThreads();
        _wokenFor = pass;
        for (int thread = from; thread < to; thread++)
            _wake[thread].Release();
        _threadCount.Begin();
    }

    private static long Number(int pass, int meeting) => (long)pass * MeetingsOfPass + meeting + 1;
}
