using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MnistGpu.Training;

namespace MnistGpu.Engines.Simd;

/// <summary>One epoch of training: what its threads share and what each of them does.</summary>
/// <remarks>
/// A batch is a pass, or several of up to 64 images each. In a pass each thread computes its hidden units and its part
/// of the outputs' sums; behind a barrier it adds up all parts, so that every thread knows the outputs and their deltas,
/// and updates its part of the weights. So one barrier a pass is enough, and one cache line of each image goes from core
/// to core. (The parts lie in two places in turn: where they are written, no thread still reads those of the last pass.)
/// Small batches share a pass (<see cref="Overlaps"/>): between the threads' sums and their updates of W1 the calling
/// thread takes the steps, one after another.
/// </remarks>
internal sealed unsafe class SimdEpoch(
    SimdNetwork network,
    SparseImages pixels,
    byte[] labels,
    ReadOnlyMemory<int> order,
    int batchSize,
    ReadOnlyMemory<float> learningRates,
    IProgress<EpochProgress>? progress,
    CancellationToken cancellationToken)
{
    private const int MaxImages = BatchPixels.MaxImages;
    private const int SumsOfShare = MaxImages * SimdNetwork.OutputStride;

    /// <summary>Images between two reports of progress.</summary>
    private const int ProgressInterval = 4_096;

    /// <summary>Images that the calling thread trains on alone when the others do not get their cores.</summary>
    private const int ShortestAlone = 2_048;

    private readonly int _shares = network.Shares;
    private readonly int _largestBatch = Math.Min(batchSize, order.Length);

    /// <summary>Batches that share a pass: several if two or more fit.</summary>
    private readonly int _batchesOfPass = Math.Max(1, Overlaps.MaxImages / batchSize);
    private readonly StepBarrier _barrier = new(network.Shares);
    private readonly AlignedBuffer<float> _hidden = new((long)MaxImages * network.PaddedHidden);
    private readonly AlignedBuffer<float> _deltas = new((long)MaxImages * network.PaddedHidden);
    private readonly AlignedBuffer<float> _sums = new(2 * network.Shares * SumsOfShare);
    private readonly Overlaps _overlaps = new();
    private readonly SemaphoreSlim _together = new(0);
    private double _loss;
    private int _hits;
    private int _reported;
    private long _togetherSince = Stopwatch.GetTimestamp();
    private long _waited;
    private int _aloneImages;
    private int _aloneFrom;
    private int _aloneUntil;
    private int _stopAt = int.MaxValue;
    private Exception? _error;

    /// <summary>Passes of a batch; those of the last batch may be empty.</summary>
    private int PassesOfBatch => (_largestBatch - 1) / MaxImages + 1;

    private int Passes => ((order.Length - 1) / (batchSize * _batchesOfPass) + 1) * PassesOfBatch;

    /// <summary>What the epoch measured, after all threads have run.</summary>
    public EpochStatistics Finish()
    {
        if (_error is not null)
            ExceptionDispatchInfo.Throw(_error);
        return new EpochStatistics(_loss / order.Length, _hits);
    }

    /// <summary>What one thread does in the epoch.</summary>
    public void Run(int thread)
    {
        var workspace = new Workspace();
        int passes = Passes;
        for (int pass = 0; pass < passes; pass++)
        {
            bool alone = IsAlone(pass);
            if (alone && thread != 0)
            {
                _together.Wait();
                if (Volatile.Read(ref _stopAt) != int.MaxValue)
                    break;
                pass = _aloneUntil - 1;
                continue;
            }
            int first = alone ? 0 : thread, end = alone ? _shares : thread + 1;
            bool stopped = _batchesOfPass > 1
                ? !DescendInSmallSteps(pass, first, end, workspace)
                : !Descend(pass, first, end, workspace);
            if (alone && (stopped || !IsAlone(pass + 1)))
                ComeTogether();
            if (stopped)
                break;
            // Before the calling thread goes on alone, the others must be done with their updates.
            if (!alone && IsAlone(pass + 1))
                _barrier.Wait(thread);
        }
        // Pointers into it were used, which do not keep it from being collected.
        GC.KeepAlive(workspace);
    }

    /// <summary>One pass of a thread with its share, or with all shares if it is alone.</summary>
    /// <returns>False if the epoch ends here.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Descend(int pass, int firstShare, int endShare, Workspace workspace)
    {
        int batch = pass / PassesOfBatch, start = batch * batchSize + pass % PassesOfBatch * MaxImages;
        int batchEnd = (int)Math.Min((long)(batch + 1) * batchSize, order.Length);
        int count = Math.Min(MaxImages, batchEnd - start);
        BatchPart part = batchSize <= MaxImages ? BatchPart.Whole
            : start + count < batchEnd ? BatchPart.Inner : BatchPart.Last;
        if (count <= 0)
            return true;

        workspace.Gather(pixels, labels, order.Span, start, count);
        float* sums = _sums.Pointer + (pass & 1) * _shares * SumsOfShare;
        for (int share = firstShare; share < endShare; share++)
        {
            network.SumHidden(share, workspace.Pixels, count, _hidden.Pointer);
            network.Activate(share, first: 0, count, _hidden.Pointer);
            network.SumOutputs(share, first: 0, count, _hidden.Pointer, sums + share * SumsOfShare);
        }
        if (!Meet(pass, start, firstShare, endShare))
            return false;

        float* outputs = workspace.Outputs.Pointer;
        double loss = 0;
        network.Outputs(firstShare, count, sums, SumsOfShare, outputs);
        int hits = network.OutputDeltas(count, outputs, workspace.Labels.Pointer, learningRates.Span[batch], ref loss);
        for (int share = firstShare; share < endShare; share++)
            network.Update(share, workspace.Pixels, count, _hidden.Pointer, outputs, _deltas.Pointer, part);
        if (firstShare == 0)
        {
            _loss += loss;
            _hits += hits;
        }
        return true;
    }

    /// <summary>One pass of several small batches.</summary>
    /// <inheritdoc cref="Descend"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool DescendInSmallSteps(int pass, int firstShare, int endShare, Workspace workspace)
    {
        int batch = pass * _batchesOfPass, start = batch * batchSize;
        int count = Math.Min(_batchesOfPass * batchSize, order.Length - start);
        workspace.Gather(pixels, labels, order.Span, start, count);
        workspace.Pixels.Clear(count);
        for (int share = firstShare; share < endShare; share++)
        {
            network.SumHidden(share, workspace.Pixels, count, _hidden.Pointer);
            _overlaps.Find(workspace.Pixels, count, share, _shares);
        }
        if (!Meet(pass, start, firstShare, endShare))
            return false;

        if (firstShare == 0)
            for (int first = 0; first < count; first += batchSize)
                Step(first, Math.Min(batchSize, count - first), learningRates.Span[batch++], workspace);
        if (endShare - firstShare < _shares)
            Wait(firstShare);
        for (int share = firstShare; share < endShare; share++)
            network.UpdateHiddenLayer(share, workspace.Pixels, count, _deltas.Pointer);
        return true;
    }

    /// <summary>A small batch's step, but for W1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step(int first, int images, float learningRate, Workspace workspace)
    {
        for (int share = 0; share < _shares; share++)
        {
            network.CatchUp(share, first, images, _overlaps, _deltas.Pointer, _hidden.Pointer);
            network.Activate(share, first, images, _hidden.Pointer);
            network.SumOutputs(share, first, images, _hidden.Pointer, _sums.Pointer + share * SumsOfShare);
        }
        float* outputs = workspace.Outputs.Pointer;
        network.Outputs(share: 0, images, _sums.Pointer, SumsOfShare, outputs);
        _hits += network.OutputDeltas(images, outputs, workspace.Labels.Pointer + first, learningRate, ref _loss);
        for (int share = 0; share < _shares; share++)
            network.UpdateOutputLayer(share, first, images, _hidden.Pointer, outputs, _deltas.Pointer);
    }

    /// <summary>Where all threads meet, after their sums.</summary>
    /// <returns>False if the epoch ends here.</returns>
    private bool Meet(int pass, int done, int firstShare, int endShare)
    {
        if (firstShare == 0)
            LookAround(pass, done);
        if (endShare - firstShare < _shares)
        {
            if (firstShare == 0)
                WatchTheOthers(pass);
            Wait(firstShare);
        }
        return pass < Volatile.Read(ref _stopAt);
    }

    private void Wait(int thread)
    {
        long waited = _barrier.Wait(thread);
        if (thread == 0)
            _waited += waited;
    }

    private bool IsAlone(int pass) => pass < Volatile.Read(ref _aloneUntil) && pass >= Volatile.Read(ref _aloneFrom);

    /// <summary>
    /// On the calling thread, before the barrier of a pass: reports progress, and has all stop behind it if so wished.
    /// </summary>
    private void LookAround(int pass, int done)
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
            Volatile.Write(ref _stopAt, pass);
        }
    }

    /// <summary>
    /// On the calling thread, before a barrier. Where it spends more time waiting than computing, the others do not get
    /// the cores that they need, because other programs are busy. Then it goes on alone for a while, from the next
    /// pass, and for ever longer if it is no better afterwards. That changes no result.
    /// </summary>
    private void WatchTheOthers(int pass)
    {
        if (_waited < Stopwatch.Frequency / 1_000)
            return;
        long now = Stopwatch.GetTimestamp();
        if (_waited > (now - _togetherSince) / 2)
        {
            bool again = now - _togetherSince < Stopwatch.Frequency / 20;
            _aloneImages = again ? Math.Clamp(2 * _aloneImages, ShortestAlone, 1 << 24) : ShortestAlone;
            // In this order: a thread that sees the new end of it also sees the new beginning.
            Volatile.Write(ref _aloneFrom, pass + 1);
            int passes = (_aloneImages - 1) / (_largestBatch * _batchesOfPass) + 1;
            Volatile.Write(ref _aloneUntil, Math.Min(pass + 1 + passes, Passes));
        }
        _togetherSince = now;
        _waited = 0;
    }

    /// <summary>Has the other threads take part again, after all that was done alone.</summary>
    private void ComeTogether()
    {
        _togetherSince = Stopwatch.GetTimestamp();
        _waited = 0;
        _together.Release(_shares - 1);
    }

    /// <summary>What a thread needs for itself.</summary>
    private sealed class Workspace
    {
        public BatchPixels Pixels { get; } = new();

        public AlignedBuffer<float> Outputs { get; } = new(SumsOfShare);

        public AlignedBuffer<byte> Labels { get; } = new(MaxImages);

        /// <summary>Finds the images of a pass, and names those of the next.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Gather(SparseImages images, byte[] labels, ReadOnlySpan<int> order, int start, int count)
        {
            for (int i = 0; i < count; i++)
            {
                int image = order[start + i];
                Pixels.Gather(images.Image(image), images.End(image), i);
                Labels.Pointer[i] = labels[image];
            }
            int next = start + count;
            Pixels.Announce(images, order.Slice(next, Math.Min(MaxImages, order.Length - next)));
        }
    }
}
