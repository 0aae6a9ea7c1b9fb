using System.Runtime.ExceptionServices;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Simd;

/// <summary>What an epoch is to train, and on what: the images in their order.</summary>
/// <param name="Threads">That may be used.</param>
/// <param name="BatchSize">At least 1.</param>
internal sealed record EpochTask(
    SimdNetwork Network, int Threads, Images Images, int BatchSize,
    Descent Descent, IProgress<EpochProgress>? Progress, CancellationToken CancellationToken)
{
    /// <summary>How many batches share a way through W1. Momentum moves all of W1 in every step, and then it is one.</summary>
    public int BatchesOfPass => Descent.Momentum != 0 ? 1 : Math.Max(1, Overlaps.MaxImages / Math.Min(BatchSize, Images.Count));

    /// <summary>
    /// Which of the two kinds of epochs it is. That depends on the work alone and never on threads, so neither does a result.
    /// </summary>
    public bool IsInStrips => !Network.IsSmall && BatchesOfPass == 1;

    /// <summary>How many threads have something to do.</summary>
    public int UsefulThreads => Math.Min(Threads, IsInStrips ? Network.Strips.Length : 2);

    /// <summary>How many they are, and why.</summary>
    public string ThreadsInWords => UsefulThreads == Threads
        ? $"{Threads}, {(Threads == Environment.ProcessorCount ? "one for each core" : "as many as were asked for")}"
        : IsInStrips ? $"{UsefulThreads}, one for each strip of hidden units"
        : "2, one for each half of the pixels, as " + (Network.IsSmall
            ? $"there are no more than {SimdNetwork.MostSmallUnits} hidden units"
            : $"batches are of no more than {Overlaps.MaxImages / 2} images");
}

/// <summary>
/// One epoch of training, pass after pass, on the calling thread (0) and its helpers. Here is who works when, and how an
/// epoch is stopped; what a pass is, and how threads share it, the two kinds of epochs say.
/// </summary>
/// <remarks>
/// The calling thread decides in each pass, before its first meeting, how many threads do the next one
/// (<see cref="Teamwork"/>). The others sleep until a pass needs them. However many they are, everything is added up in
/// the same order.
/// </remarks>
internal abstract class Epoch : IDisposable
{
    /// <summary>Images between two reports of progress.</summary>
    private const int ProgressInterval = 4_096;

    /// <summary>Meetings in a pass and behind it, at most; they are numbered.</summary>
    private const int MeetingsOfPass = 3;

    private readonly Teamwork _teamwork;
    private readonly Barrier _barrier;
    private readonly SemaphoreSlim[] _wake;

    /// <summary>How many threads do an even pass, and an odd one. A late thread may still read the other.</summary>
    private readonly int[] _threadsOfPass = new int[2];

    /// <summary>The pass that sleeping threads wake up for.</summary>
    private int _wokenFor;

    /// <summary>The pass in which the epoch is stopped, and why.</summary>
    private int _stopAt = int.MaxValue;
    private Exception? _error;
    private int _reported;

    protected Epoch(EpochTask task, Teamwork teamwork)
    {
        (Task, _teamwork) = (task, teamwork);
        MostThreads = teamwork.ThreadsFor(task.Images.Count);
        _threadsOfPass[0] = teamwork.Threads;
        _barrier = new Barrier(MostThreads);
        _wake = [.. Enumerable.Range(0, MostThreads).Select(_ => new SemaphoreSlim(0))];
    }

    protected EpochTask Task { get; }

    /// <summary>The threads of the epoch. Where fewer do all of it, there are no more: to start one takes time too.</summary>
    protected int MostThreads { get; }

    /// <summary>Set by the constructor.</summary>
    protected int Passes { get; init; }

    /// <summary>Of the images that were trained on, and how many of them were right.</summary>
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
            // Even where the system has no more threads: none may be left that still uses the memory.
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

    /// <summary>A thread's share of a pass, where so many threads do it.</summary>
    /// <returns>False if the epoch is stopped here.</returns>
    protected abstract bool TrainPass(int pass, int thread, int threads);

    /// <summary>On the calling thread, when the others sleep: before there are more of them.</summary>
    protected virtual void BeforeMoreThreads()
    {
    }

    /// <summary>On the calling thread, after the last pass.</summary>
    protected abstract void Finish();

    public virtual void Dispose()
    {
        _barrier.Dispose();
        Array.ForEach(_wake, semaphore => semaphore.Dispose());
    }

    protected void Arrive(int pass, int thread, int meeting = 0) => _barrier.Arrive(thread, Number(pass, meeting));

    /// <returns>False if the epoch is stopped here.</returns>
    protected bool Wait(int pass, int threads, int meeting = 0)
    {
        _barrier.Wait(threads, Number(pass, meeting));
        return pass < Volatile.Read(ref _stopAt);
    }

    /// <summary>
    /// On the calling thread, before the first meeting of a pass: decides whether the epoch is stopped there, and how
    /// many threads do the next pass.
    /// </summary>
    /// <param name="done">Images whose loss is known.</param>
    /// <param name="images">Images of this pass.</param>
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
        if (_teamwork.MostThreads > 1 && images > 0)
            _teamwork.Worked(images);
        Volatile.Write(ref _threadsOfPass[(pass + 1) % 2], Math.Min(_teamwork.Threads, MostThreads));
    }

    /// <summary>All that a thread does.</summary>
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
            // Nobody may wait for a thread that is gone.
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
        _teamwork.Begin();
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

    /// <summary>Before other threads go on with what these have done, all of it must be done.</summary>
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
        _teamwork.Begin();
    }

    private static long Number(int pass, int meeting) => (long)pass * MeetingsOfPass + meeting + 1;
}
