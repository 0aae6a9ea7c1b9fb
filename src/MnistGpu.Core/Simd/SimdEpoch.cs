using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Simd;

/// <summary>One epoch of training: what its threads share and what each of them does.</summary>
/// <remarks>
/// A batch is a pass, or several of up to 64 images each. In a pass there are a few parts of the work, each for one
/// share of the hidden units and one half: of the pixels while W1 is read or updated, of the images in between. Each
/// thread has one part, or the only thread all. They meet when the halves of the hidden sums are there, and when the
/// deltas are, so that what goes from core to core is the hidden layer's sums and deltas, but not the weights. Each thread
/// works in memory of its own, and another one writes there only to hand something over, past the caches
/// (<see cref="ISimd{TVector}.StorePastCaches"/>). While that is under way, a thread does what depends on no other.
/// Small batches share a pass (<see cref="Overlaps"/>): between the threads' sums and their updates of W1 the calling
/// thread takes the steps, one after another.
/// </remarks>
internal sealed unsafe class SimdEpoch(
    SimdNetwork network,
    Workspace[] workspaces,
    Teamwork teamwork,
    SparseImages[] pixels,
    byte[] labels,
    ReadOnlyMemory<int> order,
    int batchSize,
    ReadOnlyMemory<float> learningRates,
    IProgress<EpochProgress>? progress,
    CancellationToken cancellationToken)
{
    private const int MaxImages = BatchPixels.MaxImages;
    private const int SumsOfShare = MaxImages * SimdNetwork.OutputStride;

    private const int MeasuredStride = 8;

    /// <summary>Images between two reports of progress.</summary>
    private const int ProgressInterval = 4_096;

    private readonly int _threads = network.Threads;
    private readonly int _shares = network.Shares;
    private readonly int _parts = network.Shares * SimdNetwork.Halves;
    private readonly int _largestBatch = Math.Min(batchSize, order.Length);

    /// <summary>Batches that share a pass: several if two or more fit.</summary>
    private readonly int _batchesOfPass = Math.Max(1, Overlaps.MaxImages / batchSize);
    private readonly StepBarrier _barrier = new(network.Threads);

    /// <summary>The shares' parts of h·W2.</summary>
    private readonly AlignedBuffer<float> _outputSums = new(network.Shares * SumsOfShare);
    private readonly Overlaps _overlaps = new();
    private readonly SemaphoreSlim _together = new(0);

    /// <summary>Of the images of the first and of the second halves, two cache lines apart.</summary>
    private readonly AlignedBuffer<(double Loss, long Hits)> _measured = new(SimdNetwork.Halves * MeasuredStride);
    private int _reported;

    private readonly bool _startsAlone = teamwork.AloneImages > 0;

    /// <summary>The pass from which on the calling thread is alone, and the one from which on it no longer is.</summary>
    private int _aloneFrom = -1;
    private int _togetherFrom;
    private int _stopAt = int.MaxValue;
    private Exception? _error;

    /// <summary>Passes of a batch; those of the last batch may be empty.</summary>
    private int PassesOfBatch => (_largestBatch - 1) / MaxImages + 1;

    private int Passes => ((order.Length - 1) / (batchSize * _batchesOfPass) + 1) * PassesOfBatch;

    /// <summary>The losses of all images so far.</summary>
    private double Loss => Measured(0).Loss + Measured(1).Loss;

    /// <summary>What the epoch measured, after all threads have run.</summary>
    public EpochStatistics Finish()
    {
        network.EqualizeReplicas();
        if (_error is not null)
            ExceptionDispatchInfo.Throw(_error);
        return new EpochStatistics(Loss / order.Length, (int)(Measured(0).Hits + Measured(1).Hits));
    }

    /// <summary>What one thread does in the epoch.</summary>
    public void Run(int thread)
    {
        int passes = Passes;
        workspaces[thread].Gathered = Workspace.Nothing;
        // Each thread decides once, behind a barrier, and not again at the next pass: when a thread without its core gets
        // there, the calling one may have come back and be about to leave again.
        bool alone = _startsAlone;
        for (int pass = 0; pass < passes; pass++)
        {
            if (alone && thread != 0)
            {
                _together.Wait();
                pass = _togetherFrom - 1;
                alone = false;
                continue;
            }
            bool hasAll = alone || _threads == 1;
            int first = hasAll ? 0 : thread, end = hasAll ? _parts : thread + 1;
            bool stopped = _batchesOfPass > 1
                ? !TrainPassOfSmallBatches(pass, first, end)
                : !TrainPass(pass, first, end);
            if (alone && (stopped || teamwork.AloneImages == 0 || pass + 1 == passes))
            {
                // After a stop the others find no pass left. They must not look at the stop themselves: by the time
                // they are awake, it may be one that all threads are to meet for.
                ComeTogether(stopped ? passes : pass + 1);
                alone = false;
            }
            if (stopped)
                break;
            if (!alone && pass + 1 == Volatile.Read(ref _aloneFrom))
            {
                // Before the calling thread goes on alone, the others must be done with their updates.
                Wait(thread);
                alone = true;
            }
        }
        // Pointers into what it has were used, which do not keep it from being collected.
        GC.KeepAlive(this);
    }

    /// <summary>One pass of a thread with its part of the work, or with all parts.</summary>
    /// <returns>False if the epoch ends here.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TrainPass(int pass, int firstPart, int endPart)
    {
        (int start, int count) = ImagesOf(pass);
        if (count == 0)
            return true;
        int batch = pass / PassesOfBatch;
        BatchPart ofBatch = batchSize <= MaxImages ? BatchPart.Whole
            : start + count < Math.Min((long)(batch + 1) * batchSize, order.Length) ? BatchPart.Inner : BatchPart.Last;
        bool alone = IsAlone(firstPart, endPart);
        Workspace own = workspaces[firstPart], other = alone ? own : workspaces[firstPart ^ 1];
        float* hidden = own.Hidden.Pointer, deltas = own.Deltas.Pointer;

        Gather(pass, firstPart, endPart);
        BatchPixels lit = own.Pixels;
        for (int part = firstPart; part < endPart; part++)
        {
            (int share, int half) = (ShareOf(part), HalfOf(part));
            network.SumHidden(share, half, lit, count, own.Sums(half));
            (int first, int some) = SimdNetwork.ImagesOf(1 - half, count);
            if (!alone)
                network.SendRows(share, first, some, own.Sums(half), other.Sums(half));
        }
        if (!MeetWithSums(pass, start, count, firstPart, endPart))
            return false;

        for (int part = firstPart; part < endPart; part++)
        {
            (int share, int half) = (ShareOf(part), HalfOf(part));
            (int first, int some) = SimdNetwork.ImagesOf(half, count);
            int replica = alone ? 0 : half;
            network.JoinHalves(share, replica, first, some, own.Sums(0), own.Sums(1), hidden);
            network.Activate(share, first, some, hidden);
            network.SumOutputs(share, replica, first, some, hidden, OutputSums(share, first));
        }
        if (_shares > 1 && !alone)
            Wait(firstPart);
        for (int part = firstPart; part < endPart; part++)
        {
            (int share, int half) = (ShareOf(part), HalfOf(part));
            (int first, int some) = SimdNetwork.ImagesOf(half, count);
            int replica = alone ? 0 : half;
            float* outputs = own.Outputs.Pointer;
            network.Outputs(share, replica, some, OutputSums(share: 0, first), _shares, SumsOfShare, outputs);
            OutputDeltasAndLoss(share, half, some, outputs, own.Labels.Pointer + first, learningRates.Span[batch]);
            network.HiddenDeltas(share, replica, first, some, hidden, outputs, deltas);
            if (!alone)
                network.SendRows(share, first, some, deltas, other.Deltas.Pointer);
            network.SumStep(
                share, half, first, some, hidden, outputs, deltas, isFirst: pass % PassesOfBatch == 0);
            if (!alone && ofBatch != BatchPart.Inner)
                network.SendStep(share, half);
        }
        MeetWithDeltas(pass, firstPart, endPart);
        for (int part = firstPart; part < endPart; part++)
        {
            (int share, int half) = (ShareOf(part), HalfOf(part));
            network.UpdateHiddenLayer(
                share, half, lit, count, deltas, ofBatch, isLast: part + SimdNetwork.Halves >= endPart);
            if (ofBatch != BatchPart.Inner && (!alone || half == 0))
                network.TakeStep(share, replica: half, sent: !alone);
        }
        return true;
    }

    /// <summary>One pass of several small batches.</summary>
    /// <inheritdoc cref="TrainPass"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TrainPassOfSmallBatches(int pass, int firstPart, int endPart)
    {
        (int start, int count) = ImagesOf(pass);
        int batch = pass * _batchesOfPass;
        bool alone = IsAlone(firstPart, endPart);
        Workspace own = workspaces[firstPart], calling = workspaces[0];
        Gather(pass, firstPart, endPart);
        BatchPixels lit = own.Pixels;
        for (int part = firstPart; part < endPart; part++)
        {
            (int share, int half) = (ShareOf(part), HalfOf(part));
            network.SumHidden(share, half, lit, count, own.Sums(half));
            _overlaps.Find(lit, count, half, share, _shares);
            if (firstPart != 0)
                network.SendRows(share, first: 0, count, own.Sums(half), calling.Sums(half));
        }
        if (!MeetWithSums(pass, start, count, firstPart, endPart))
            return false;

        if (firstPart == 0)
        {
            _overlaps.Join(count);
            for (int share = 0; share < _shares; share++)
                network.JoinHalves(
                    share, replica: 0, first: 0, count, own.Sums(0), own.Sums(1), own.Hidden.Pointer);
            for (int first = 0; first < count; first += batchSize)
                Step(first, Math.Min(batchSize, count - first), learningRates.Span[batch++]);
        }
        for (int part = 1; part < _parts && firstPart == 0 && !alone; part++)
            network.SendRows(ShareOf(part), first: 0, count, own.Deltas.Pointer, workspaces[part].Deltas.Pointer);
        MeetWithDeltas(pass, firstPart, endPart);
        for (int part = firstPart; part < endPart; part++)
            network.UpdateHiddenLayer(
                ShareOf(part), HalfOf(part), lit, count, own.Deltas.Pointer, BatchPart.Whole,
                isLast: part + SimdNetwork.Halves >= endPart);
        return true;
    }

    /// <summary>A small batch's step, but for W1: on the calling thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step(int first, int images, float learningRate)
    {
        Workspace own = workspaces[0];
        float* hidden = own.Hidden.Pointer, deltas = own.Deltas.Pointer, outputs = own.Outputs.Pointer;
        float* sums = _outputSums.Pointer;
        for (int share = 0; share < _shares; share++)
        {
            network.CatchUp(share, first, images, _overlaps, deltas, hidden);
            network.Activate(share, first, images, hidden);
        }
        network.SumAllOutputs(first, images, hidden, sums);
        network.Outputs(share: 0, replica: 0, images, sums, parts: 1, SumsOfShare, outputs);
        OutputDeltasAndLoss(share: 0, half: 0, images, outputs, own.Labels.Pointer + first, learningRate);
        for (int share = 0; share < _shares; share++)
        {
            network.HiddenDeltas(share, replica: 0, first, images, hidden, outputs, deltas);
            network.UpdateOutputLayer(share, first, images, hidden, outputs, deltas);
        }
    }

    /// <summary>The images of a pass: where they begin in the order, and how many they are. Beyond the end, none.</summary>
    private (int Start, int Count) ImagesOf(int pass)
    {
        long batch = (long)(pass / PassesOfBatch) * _batchesOfPass;
        long start = batch * batchSize + pass % PassesOfBatch * MaxImages;
        long end = Math.Min((batch + _batchesOfPass) * batchSize, order.Length);
        return start < end ? ((int)start, (int)Math.Min(MaxImages, end - start)) : (0, 0);
    }

    /// <summary>Has a thread's halves of a pass's images ready, if they are not, and announces those of the next pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(int pass, int firstPart, int endPart)
    {
        Workspace own = workspaces[firstPart];
        if (own.Gathered == (pass, endPart))
            return;
        bool announced = own.Gathered == (pass - 1, endPart);
        own.Gathered = (pass, endPart);
        (int start, int count) = ImagesOf(pass);
        (int nextStart, int nextCount) = ImagesOf(pass + 1);
        ReadOnlySpan<int> images = order.Span.Slice(start, count);
        for (int half = HalfOf(firstPart); half <= HalfOf(endPart - 1); half++)
        {
            if (!announced)
                own.Pixels.Announce(half, pixels[half], images);
            own.Pixels.Take(half);
        }
        for (int half = HalfOf(firstPart); half <= HalfOf(endPart - 1); half++)
            own.Pixels.Announce(half, pixels[half], order.Span.Slice(nextStart, nextCount));
        for (int i = 0; i < count; i++)
            own.Labels.Pointer[i] = labels[images[i]];
    }

    /// <summary>Turns outputs into their deltas; the first share also counts losses and hits.</summary>
    private void OutputDeltasAndLoss(int share, int half, int images, float* outputs, byte* labels, float learningRate)
    {
        double loss = 0;
        int hits = network.OutputDeltas(images, outputs, labels, learningRate, ref loss);
        if (share != 0)
            return;
        Measured(half).Loss += loss;
        Measured(half).Hits += hits;
    }

    private ref (double Loss, long Hits) Measured(int half) => ref _measured.Pointer[half * MeasuredStride];

    /// <summary>A share's part of an image's h·W2.</summary>
    private float* OutputSums(int share, int image) =>
        _outputSums.Pointer + share * SumsOfShare + image * SimdNetwork.OutputStride;

    private static int ShareOf(int part) => part / SimdNetwork.Halves;

    private static int HalfOf(int part) => part % SimdNetwork.Halves;

    /// <summary>Whether a thread has all parts of the work.</summary>
    private bool IsAlone(int firstPart, int endPart) => endPart - firstPart == _parts;

    /// <summary>
    /// Where all threads meet, after their sums. Meanwhile each finds the images of its pixels, for the update.
    /// </summary>
    /// <returns>False if the epoch ends here.</returns>
    private bool MeetWithSums(int pass, int done, int images, int firstPart, int endPart)
    {
        bool alone = IsAlone(firstPart, endPart);
        if (firstPart == 0)
        {
            ReportOrStop(pass, done);
            if (_threads > 1)
                Judge(pass, images, alone);
        }
        if (!alone)
            _barrier.Arrive(firstPart);
        for (int half = HalfOf(firstPart); half <= HalfOf(endPart - 1); half++)
            workspaces[firstPart].Pixels.Transpose(half, images);
        if (!alone)
            _barrier.Wait(firstPart);
        return pass < Volatile.Read(ref _stopAt);
    }

    /// <summary>Where all threads meet, after their deltas. Meanwhile each gathers the images of the next pass.</summary>
    private void MeetWithDeltas(int pass, int firstPart, int endPart)
    {
        bool alone = IsAlone(firstPart, endPart);
        if (!alone)
            _barrier.Arrive(firstPart);
        Gather(pass + 1, firstPart, endPart);
        if (!alone)
            _barrier.Wait(firstPart);
    }

    /// <summary>Waits for all threads, with nothing to do meanwhile.</summary>
    private void Wait(int thread)
    {
        _barrier.Arrive(thread);
        _barrier.Wait(thread);
    }

    /// <summary>
    /// On the calling thread, before the barrier of a pass: reports progress, and has all stop behind it if so wished.
    /// </summary>
    private void ReportOrStop(int pass, int done)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (progress is not null && done - _reported >= ProgressInterval)
            {
                _reported = done;
                progress.Report(new EpochProgress(done, Loss / done));
            }
        }
        catch (Exception error)
        {
            _error = error;
            Volatile.Write(ref _stopAt, pass);
        }
    }

    /// <summary>
    /// On the calling thread, before the barrier of a pass: decides whether it goes on alone from the next pass.
    /// </summary>
    private void Judge(int pass, int images, bool alone)
    {
        if (alone)
        {
            teamwork.WorkedAlone(images);
            return;
        }
        teamwork.WorkedTogether(images);
        if (teamwork.AloneImages > 0)
            Volatile.Write(ref _aloneFrom, pass + 1);
    }

    /// <summary>Has the other threads take part again from a pass, after all that was done alone.</summary>
    private void ComeTogether(int pass)
    {
        network.EqualizeReplicas();
        _togetherFrom = pass;
        _together.Release(_threads - 1);
        teamwork.Begin();
    }
}
