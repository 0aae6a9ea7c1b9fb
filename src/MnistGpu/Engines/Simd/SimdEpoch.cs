using System.Diagnostics;
using System.Runtime.ExceptionServices;
using MnistGpu.Training;

namespace MnistGpu.Engines.Simd;

/// <summary>One epoch of training: what its threads share and what each of them does.</summary>
internal sealed unsafe class SimdEpoch(
    SimdNetwork network,
    SimdNetwork.Workspace[] workspaces,
    SparseImages pixels,
    byte[] labels,
    ReadOnlyMemory<int> order,
    int batchSize,
    ReadOnlyMemory<float> learningRates,
    IProgress<EpochProgress>? progress,
    CancellationToken cancellationToken)
{
    private const int MaxImages = BatchPixels.MaxImages;

    /// <summary>Images between two reports of progress.</summary>
    private const int ProgressInterval = 4_096;

    /// <summary>Images that the calling thread trains on alone when the others do not get their cores.</summary>
    private const int ShortestAlone = 2_048;

    private readonly StepBarrier _barrier = new(workspaces.Length);
    private readonly AlignedBuffer<float> _hidden = new((long)MaxImages * network.PaddedHidden);
    private readonly AlignedBuffer<float> _deltas = new((long)MaxImages * network.PaddedHidden);
    private readonly AlignedBuffer<float> _outputs = new(MaxImages * SimdNetwork.OutputStride);
    private readonly AlignedBuffer<float> _losses = new(MaxImages);
    private readonly AlignedBuffer<byte> _labels = new(MaxImages);
    private readonly int[] _hits = new int[workspaces.Length];
    private readonly SemaphoreSlim _together = new(0);
    private double _loss;
    private int _reported;
    private long _togetherSince = Stopwatch.GetTimestamp();
    private long _waited;
    private int _aloneImages;
    private int _aloneUntil;
    private bool _stop;
    private Exception? _error;

    /// <summary>What the epoch measured, after all threads have run.</summary>
    public EpochStatistics Finish()
    {
        if (_error is not null)
            ExceptionDispatchInfo.Throw(_error);
        return new EpochStatistics(_loss / order.Length, _hits.Sum());
    }

    /// <summary>What one thread does in the epoch.</summary>
    public void Run(int thread)
    {
        int hits = 0;
        int steps = (order.Length - 1) / batchSize + 1;
        for (int step = 0; step < steps && !_stop; step++)
        {
            if (step < _aloneUntil && thread != 0)
            {
                _together.Wait();
                step = _aloneUntil - 1;
                continue;
            }
            int threads = step < _aloneUntil ? 1 : workspaces.Length;
            int end = (int)Math.Min((long)(step + 1) * batchSize, order.Length);
            for (int start = step * batchSize, count; start < end && !_stop; start += count)
            {
                count = Math.Min(MaxImages, end - start);
                BatchPart part = batchSize <= MaxImages ? BatchPart.Whole
                    : start + count < end ? BatchPart.Inner : BatchPart.Last;
                hits += Descend(thread, threads, start, count, learningRates.Span[step], part);
            }
            // Before the calling thread goes on alone, the others must be done with their updates.
            if (step + 1 < _aloneUntil && !_stop)
                Wait(thread, threads);
            if (threads < workspaces.Length && (step + 1 == _aloneUntil || _stop))
                ComeTogether();
        }
        _hits[thread] = hits;
    }

    /// <summary>One thread's share of a step, or of a part of a step with more than 64 images.</summary>
    /// <returns>How many of its images were classified rightly.</returns>
    private int Descend(int thread, int threads, int start, int count, float learningRate, BatchPart part)
    {
        SimdNetwork.Workspace workspace = workspaces[thread];
        ReadOnlySpan<int> all = order.Span;
        float** sums = stackalloc float*[SimdNetwork.Parts];
        for (int t = 0; t < threads; t++)
            sums[t] = workspaces[t].Sums(0);

        // The hidden layer's sums over the thread's pixels.
        for (int i = start; i < start + count; i++)
        {
            workspace.Pixels.Gather(pixels.Image(all[i]), i - start, thread, threads);
            if (i + count < all.Length)
                BatchPixels.Prefetch(pixels.Image(all[i + count]), pixels.End(all[i + count]));
        }
        network.SumPixels(workspace, count, thread, threads);
        if (thread == 0)
            LookAround(start);
        Wait(thread, threads);
        if (_stop)
            return 0;

        // The rest of the network for the thread's images, forward and backward.
        int first = count * thread / threads, end = count * (thread + 1) / threads;
        for (int i = first; i < end; i++)
            _labels.Pointer[i] = labels[all[start + i]];
        network.Hidden(sums, threads, first, end, _hidden.Pointer);
        network.Outputs(_hidden.Pointer, first, end, _outputs.Pointer);
        int hits = network.Deltas(
            _hidden.Pointer, first, end, _outputs.Pointer, _labels.Pointer, learningRate, _deltas.Pointer,
            _losses.Pointer);
        if (thread == 0 && threads > 1)
            WatchTheOthers(start + count);
        Wait(thread, threads);

        // The update of the thread's part of the weights.
        network.Update(
            workspace, count, thread, threads, _hidden.Pointer, _outputs.Pointer, _deltas.Pointer, part);
        if (thread == 0)
            for (int i = 0; i < count; i++)
                _loss += _losses.Pointer[i];
        return hits;
    }

    private void Wait(int thread, int threads)
    {
        if (threads == 1)
            return;
        long waited = _barrier.Wait(thread);
        if (thread == 0)
            _waited += waited;
    }

    /// <summary>
    /// On the calling thread: where it spends more time waiting than computing, the other threads do not get the
    /// cores that they need, because other programs are busy. Then it goes on alone for some images, which changes
    /// no result, and for ever longer if it is no better afterwards. Set before a barrier, seen by all behind it.
    /// </summary>
    private void WatchTheOthers(int done)
    {
        if (_waited < Stopwatch.Frequency / 1_000)
            return;
        long now = Stopwatch.GetTimestamp();
        if (_waited > (now - _togetherSince) / 2)
        {
            bool again = now - _togetherSince < Stopwatch.Frequency / 20;
            _aloneImages = again ? Math.Clamp(2 * _aloneImages, ShortestAlone, 1 << 24) : ShortestAlone;
            _aloneUntil = (int)Math.Min(
                ((long)done + _aloneImages - 1) / batchSize + 1, (order.Length - 1) / batchSize + 1);
        }
        _togetherSince = now;
        _waited = 0;
    }

    /// <summary>Has the other threads take part again.</summary>
    private void ComeTogether()
    {
        _togetherSince = Stopwatch.GetTimestamp();
        _waited = 0;
        _together.Release(workspaces.Length - 1);
    }

    /// <summary>On the calling thread: has everybody stop at the next barrier if so wished; reports progress.</summary>
    private void LookAround(int done)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (progress is not null && done - _reported >= ProgressInterval)
            {
                _reported = done;
                progress.Report(new EpochProgress(done, _loss / done));
            }
        }
        catch (Exception error)
        {
            _error = error;
            _stop = true;
        }
    }
}
