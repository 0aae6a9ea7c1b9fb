using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MnistGpu.Training;

namespace MnistGpu.Engines.Simd;

/// <summary>One epoch of training: what its threads share and what each of them does.</summary>
/// <remarks>
/// A batch is a pass, or several of up to 64 images each. In a pass there are a few parts of the work, each for one
/// share of the hidden units and one half: of the pixels while W1 is read or updated, of the images in between. Each
/// thread has one part, or the only thread all. They meet when the halves of the hidden sums are there, and when the
/// deltas are, so that what goes from core to core is the hidden layer's activations and deltas, but not the weights.
/// Small batches share a pass (<see cref="Overlaps"/>): between the threads' sums and their updates of W1 the calling
/// thread takes the steps, one after another.
/// </remarks>
internal sealed unsafe class SimdEpoch(
    SimdNetwork network,
    Teamwork teamwork,
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
    private readonly AlignedBuffer<float> _hiddenSums = new((long)MaxImages * network.PaddedHidden);
    private readonly AlignedBuffer<float> _otherHiddenSums = new((long)MaxImages * network.PaddedHidden);
    private readonly AlignedBuffer<float> _hidden = new((long)MaxImages * network.PaddedHidden);
    private readonly AlignedBuffer<float> _deltas = new((long)MaxImages * network.PaddedHidden);
    private readonly AlignedBuffer<float> _sums = new(network.Shares * SumsOfShare);
    private readonly AlignedBuffer<float> _outputs = new(network.Shares * SumsOfShare);
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
        for (int part = 0; part < _parts; part++)
            network.CopyW2(ShareOf(part), HalfOf(part));
        if (_error is not null)
            ExceptionDispatchInfo.Throw(_error);
        return new EpochStatistics(Loss / order.Length, (int)(Measured(0).Hits + Measured(1).Hits));
    }

    /// <summary>What one thread does in the epoch.</summary>
    public void Run(int thread)
    {
        var workspace = new Workspace();
        int passes = Passes;
        if (thread == 0)
            teamwork.Begin();
        // Each thread decides once, behind a barrier, and not again at the next pass: when a thread without its core gets
        // there, the calling one may have come back and be about to leave again.
        bool alone = _startsAlone;
        for (int pass = 0; pass < passes; pass++)
        {
            if (alone && thread != 0)
            {
                _together.Wait();
                if (Volatile.Read(ref _stopAt) != int.MaxValue)
                    break;
                pass = _togetherFrom - 1;
                alone = false;
                continue;
            }
            bool hasAll = alone || _threads == 1;
            int first = hasAll ? 0 : thread, end = hasAll ? _parts : thread + 1;
            bool stopped = _batchesOfPass > 1
                ? !DescendInSmallSteps(pass, first, end, workspace)
                : !Descend(pass, first, end, workspace);
            if (alone && (stopped || teamwork.AloneImages == 0 || pass + 1 == passes))
            {
                ComeTogether(pass + 1);
                alone = false;
            }
            if (stopped)
                break;
            if (!alone && pass + 1 == Volatile.Read(ref _aloneFrom))
            {
                // Before the calling thread goes on alone, the others must be done with their updates.
                _barrier.Wait(thread);
                alone = true;
            }
        }
        // Pointers into it were used, which do not keep it from being collected.
        GC.KeepAlive(workspace);
    }

    /// <summary>One pass of a thread with its part of the work, or with all parts.</summary>
    /// <returns>False if the epoch ends here.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Descend(int pass, int firstPart, int endPart, Workspace workspace)
    {
        int batch = pass / PassesOfBatch, start = batch * batchSize + pass % PassesOfBatch * MaxImages;
        int batchEnd = (int)Math.Min((long)(batch + 1) * batchSize, order.Length);
        int count = Math.Min(MaxImages, batchEnd - start);
        BatchPart ofBatch = batchSize <= MaxImages ? BatchPart.Whole
            : start + count < batchEnd ? BatchPart.Inner : BatchPart.Last;
        if (count <= 0)
            return true;
        float* hidden = _hidden.Pointer, deltas = _deltas.Pointer;

        Range chunks = ChunksOf(firstPart, endPart);
        workspace.Gather(pixels, labels, order.Span, start, count, chunks);
        workspace.Pixels.Clear(count, chunks);
        for (int part = firstPart; part < endPart; part++)
            network.SumHidden(ShareOf(part), HalfOf(part), workspace.Pixels, count, HiddenSums(HalfOf(part)));
        if (!Meet(pass, start, count, firstPart, endPart))
            return false;

        for (int part = firstPart; part < endPart; part++)
        {
            int share = ShareOf(part);
            (int first, int images) = SimdNetwork.ImagesOf(HalfOf(part), count);
            network.JoinHalves(share, first, images, HiddenSums(0), HiddenSums(1), hidden);
            network.Activate(share, first, images, hidden);
            network.SumOutputs(share, first, images, hidden, Of(share, first, _sums));
        }
        if (_shares > 1)
            WaitUnlessAlone(firstPart, endPart);
        for (int part = firstPart; part < endPart; part++)
        {
            int share = ShareOf(part);
            (int first, int images) = SimdNetwork.ImagesOf(HalfOf(part), count);
            float* outputs = Of(share, first, _outputs);
            network.Outputs(share, images, Of(share: 0, first, _sums), _shares, SumsOfShare, outputs);
            Measure(
                share, HalfOf(part), images, outputs, workspace.Labels.Pointer + first, learningRates.Span[batch]);
            network.HiddenDeltas(share, first, images, hidden, outputs, deltas);
        }
        WaitUnlessAlone(firstPart, endPart);
        for (int part = firstPart; part < endPart; part++)
        {
            (int share, int half) = (ShareOf(part), HalfOf(part));
            network.UpdateOutputLayer(
                share, half, first: 0, count, hidden, Of(share, image: 0, _outputs), deltas, ofBatch);
            network.UpdateHiddenLayer(share, half, workspace.Pixels, count, deltas, ofBatch);
            if (ofBatch != BatchPart.Inner)
                network.CopyW2(share, half);
        }
        return true;
    }

    /// <summary>One pass of several small batches.</summary>
    /// <inheritdoc cref="Descend"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool DescendInSmallSteps(int pass, int firstPart, int endPart, Workspace workspace)
    {
        int batch = pass * _batchesOfPass, start = batch * batchSize;
        int count = Math.Min(_batchesOfPass * batchSize, order.Length - start);
        Range chunks = ChunksOf(firstPart, endPart);
        workspace.Gather(pixels, labels, order.Span, start, count, chunks);
        workspace.Pixels.Clear(count, chunks);
        for (int part = firstPart; part < endPart; part++)
        {
            (int share, int half) = (ShareOf(part), HalfOf(part));
            network.SumHidden(share, half, workspace.Pixels, count, HiddenSums(half));
            _overlaps.Find(workspace.Pixels, count, half, share, _shares);
        }
        if (!Meet(pass, start, count, firstPart, endPart))
            return false;

        if (firstPart == 0)
        {
            _overlaps.Join(count);
            for (int share = 0; share < _shares; share++)
                network.JoinHalves(share, first: 0, count, HiddenSums(0), HiddenSums(1), _hidden.Pointer);
            for (int first = 0; first < count; first += batchSize)
                Step(first, Math.Min(batchSize, count - first), learningRates.Span[batch++], workspace);
        }
        WaitUnlessAlone(firstPart, endPart);
        for (int part = firstPart; part < endPart; part++)
            network.UpdateHiddenLayer(
                ShareOf(part), HalfOf(part), workspace.Pixels, count, _deltas.Pointer, BatchPart.Whole);
        return true;
    }

    /// <summary>A small batch's step, but for W1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step(int first, int images, float learningRate, Workspace workspace)
    {
        float* hidden = _hidden.Pointer, deltas = _deltas.Pointer, outputs = _outputs.Pointer;
        for (int share = 0; share < _shares; share++)
        {
            network.CatchUp(share, first, images, _overlaps, deltas, hidden);
            network.Activate(share, first, images, hidden);
        }
        network.SumAllOutputs(first, images, hidden, _sums.Pointer);
        network.Outputs(share: 0, images, _sums.Pointer, parts: 1, SumsOfShare, outputs);
        Measure(share: 0, half: 0, images, outputs, workspace.Labels.Pointer + first, learningRate);
        for (int share = 0; share < _shares; share++)
        {
            network.HiddenDeltas(share, first, images, hidden, outputs, deltas);
            for (int half = 0; half < SimdNetwork.Halves; half++)
                network.UpdateOutputLayer(share, half, first, images, hidden, outputs, deltas, BatchPart.Whole);
        }
    }

    /// <summary>Turns outputs into their deltas; the first share also counts losses and hits.</summary>
    private void Measure(int share, int half, int images, float* outputs, byte* labels, float learningRate)
    {
        double loss = 0;
        int hits = network.OutputDeltas(images, outputs, labels, learningRate, ref loss);
        if (share != 0)
            return;
        Measured(half).Loss += loss;
        Measured(half).Hits += hits;
    }

    private ref (double Loss, long Hits) Measured(int half) => ref _measured.Pointer[half * MeasuredStride];

    /// <summary>A half's sums of the hidden layer.</summary>
    private float* HiddenSums(int half) => (half == 0 ? _hiddenSums : _otherHiddenSums).Pointer;

    /// <summary>An image's outputs, or their sums, in a share's part of an array.</summary>
    private static float* Of(int share, int image, AlignedBuffer<float> array) =>
        array.Pointer + share * SumsOfShare + image * SimdNetwork.OutputStride;

    private static int ShareOf(int part) => part / SimdNetwork.Halves;

    private static int HalfOf(int part) => part % SimdNetwork.Halves;

    /// <summary>The chunks of pixels that some parts of the work need.</summary>
    private static Range ChunksOf(int firstPart, int endPart) =>
        endPart - firstPart > 1 ? ..SparseImages.Chunks : SimdNetwork.ChunksOf(HalfOf(firstPart));

    /// <summary>Where all threads meet, after their sums.</summary>
    /// <returns>False if the epoch ends here.</returns>
    private bool Meet(int pass, int done, int images, int firstPart, int endPart)
    {
        if (firstPart == 0)
        {
            LookAround(pass, done);
            if (_threads > 1)
                Judge(pass, images, alone: endPart == _parts);
        }
        WaitUnlessAlone(firstPart, endPart);
        return pass < Volatile.Read(ref _stopAt);
    }

    /// <summary>Waits for the other threads, if they have parts of the work.</summary>
    private void WaitUnlessAlone(int firstPart, int endPart)
    {
        if (endPart - firstPart < _parts)
            _barrier.Wait(firstPart);
    }

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
        _togetherFrom = pass;
        _together.Release(_threads - 1);
        teamwork.Begin();
    }

    /// <summary>What a thread needs for itself.</summary>
    private sealed class Workspace
    {
        public BatchPixels Pixels { get; } = new();

        public AlignedBuffer<byte> Labels { get; } = new(MaxImages);

        /// <summary>Finds the images of a pass, and names those of the next.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Gather(
            SparseImages images, byte[] labels, ReadOnlySpan<int> order, int start, int count, Range chunks)
        {
            for (int i = 0; i < count; i++)
            {
                int image = order[start + i];
                Pixels.Gather(images.Image(image), i, chunks);
                Labels.Pointer[i] = labels[image];
            }
            int next = start + count;
            Pixels.Announce(images, order.Slice(next, Math.Min(MaxImages, order.Length - next)));
        }
    }
}
