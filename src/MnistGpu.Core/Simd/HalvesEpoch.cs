using System.Runtime.CompilerServices;
using MnistGpu.Core.Memory;

namespace MnistGpu.Core.Simd;

/// <summary>An epoch of a small network, or of small batches: two threads have half of the pixels each.</summary>
/// <remarks>
/// A pass is up to 64 images that go through W1 together: a batch, a piece of a large batch, or several small batches
/// (<see cref="Overlaps"/>). A thread has half of the pixels, and so of W1's rows, while W1 is read and updated, and half
/// of the images in between. The two exchange hidden sums, deltas and the small parameters' step, but not W1. A single
/// thread does both halves, one after the other.
/// </remarks>
internal sealed unsafe class HalvesEpoch<TVector> : Epoch
    where TVector : struct, ISimd<TVector>
{
    private const int Halves = 2;

    private const int MaxImages = PixelChunks.MaxImages;

    private readonly SimdNetwork _network;
    private readonly Images _images;
    private readonly int _batchSize;

    /// <summary>Whether several batches share a pass.</summary>
    private readonly bool _hasSmallBatches;

    /// <summary>Images per batch, or per group of small batches that share a pass; and the passes they take.</summary>
    private readonly int _group, _passesOfGroup;

    /// <summary>Whether the step of W1 is accumulated before it is taken; otherwise it goes straight into W1.</summary>
    private readonly bool _addsUpW1Step;

    private readonly Strip _all;
    private readonly PixelChunks _pixels = new();
    private readonly Overlaps _overlaps = new();

    /// <summary>One per thread; a thread that works alone uses the first, and only the step of the second.</summary>
    private readonly HalfMemory[] _memory;

    public HalvesEpoch(EpochTask task, AdaptiveThreadCount threadCount)
        : base(task, threadCount)
    {
        (_network, _images, _all) = (task.Network, task.Images, task.Network.All);
        _batchSize = Math.Min(task.BatchSize, _images.Count);
        _hasSmallBatches = task.BatchesOfPass > 1;
        _group = task.BatchesOfPass * _batchSize;
        _passesOfGroup = (_group - 1) / MaxImages + 1;
        Passes = _images.Count / _group * _passesOfGroup + (_images.Count % _group + MaxImages - 1) / MaxImages;
        _addsUpW1Step = _passesOfGroup > 1 || task.Rates.Momentum != 0;
        if (_addsUpW1Step)
            _network.EnsureW1Step();
        _memory = [new HalfMemory(_network), new HalfMemory(_network)];
        _network.Step.CopyTo(_memory[0].Step);
        _network.Parameters.CopyTo(_memory[0].Parameters);
    }

    protected override (double Loss, int Hits) Measured =>
        (_memory[0].Loss + _memory[1].Loss, _memory[0].Hits + _memory[1].Hits);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override bool TrainPass(int pass, int thread, int threads)
    {
        bool alone = threads == 1;
        Images images = ImagesOf(pass), next = ImagesOf(pass + 1);
        HalfMemory own = _memory[thread];
        HalfMemory? other = alone ? null : _memory[1 - thread];
        (int firstHalf, int endHalf) = alone ? (0, Halves) : (thread, thread + 1);

        for (int half = firstHalf; half < endHalf; half++)
        {
            HiddenLayer<TVector>.SumHalf(_network, half, images, next, _pixels, own.Sums(half));
            if (_hasSmallBatches)
                _overlaps.Find(_pixels, images.Count, half);
        }
        if (other is not null)
            SendRows(own.Sums(thread), other.Sums(thread), HalfOf(images.Count, 1 - thread));
        if (thread == 0)
            StopOrReport(pass, StartOf(pass), images.Count);
        Arrive(pass, thread);
        for (int half = firstHalf; half < endHalf; half++)
            for (int chunk = PixelChunks.FirstChunk(half); chunk < PixelChunks.FirstChunk(half + 1); chunk++)
                _pixels.Transpose(chunk);
        if (!Wait(pass, threads))
            return false;

        for (int half = firstHalf; half < endHalf; half++)
            TrainHalf(pass, half, images, own, other);
        Arrive(pass, thread, meeting: 1);
        Wait(pass, threads, meeting: 1);

        for (int half = firstHalf; half < endHalf; half++)
            HiddenLayer<TVector>.UpdateHalf(
                _network, half, _pixels, own.Deltas.Pointer, _addsUpW1Step, EndsBatch(pass), Task.Rates.Momentum);
        if (!_hasSmallBatches && EndsBatch(pass))
            OutputLayer<TVector>.TakeStep(
                own.Parameters, own.Step, other is null ? _memory[1].Step : own.OtherStep, Task.Rates.Momentum);
        return true;
    }

    /// <summary>From the hidden sums to the deltas, for one half of a pass's images.</summary>
    private void TrainHalf(int pass, int half, Images images, HalfMemory own, HalfMemory? other)
    {
        (int first, int count) = HalfOf(images.Count, half);
        nint at = (nint)first * _network.Units;
        HiddenLayer<TVector>.Join(
            own.Parameters, count, own.Sums(0) + at, own.Sums(1) + at, own.Hidden.Pointer + at);
        SmallParameters step = _memory[half].Step;
        if (_hasSmallBatches)
        {
            TakeSmallSteps(images.Slice(first, count), firstBatch: pass * (_group / _batchSize), own);
        }
        else
        {
            TrainImages(images, first, count, half, batch: pass / _passesOfGroup, own, step);
        }
        if (other is null)
            return;
        SendRows(own.Deltas.Pointer, other.Deltas.Pointer, (first, count));
        if (!_hasSmallBatches && EndsBatch(pass))
            Send(step.W2, other.OtherStep.W2, step.Span.Length);
    }

    /// <summary>The steps of small batches, one after another, except that of W1.</summary>
    private void TakeSmallSteps(Images images, int firstBatch, HalfMemory own)
    {
        _overlaps.Join(images.Count);
        for (int first = 0; first < images.Count; first += _batchSize)
        {
            int count = Math.Min(_batchSize, images.Count - first);
            _overlaps.CatchUp<TVector>(first, count, _network.Units, own.Deltas.Pointer, own.Hidden.Pointer);
            TrainImages(images, first, count, half: 0, firstBatch + first / _batchSize, own, own.Parameters);
        }
    }

    /// <summary>
    /// From z to the deltas of both layers, for some images of a pass. The step of the small parameters is added either to
    /// these themselves or to a step that is taken later.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TrainImages(
        Images images, int first, int count, int half, int batch, HalfMemory own, SmallParameters target)
    {
        nint at = (nint)first * _network.Units;
        float* hidden = own.Hidden.Pointer + at, deltas = own.Deltas.Pointer + at, outputs = own.Outputs.Pointer;
        HiddenLayer<TVector>.Activate(hidden, (nint)count * _network.Units);
        OutputLayer<TVector>.Sum(own.Parameters, _all, count, hidden, outputs);
        OutputLayer<TVector>.Activate(own.Parameters.B2, count, outputs);
        double loss = 0;
        int hits = OutputLayer<TVector>.Deltas(
            images.Slice(first, count), outputs, Task.Rates.LearningRates.Span[batch], ref loss);
        HalfMemory measured = _memory[half];
        (measured.Loss, measured.Hits) = (measured.Loss + loss, measured.Hits + hits);
        OutputLayer<TVector>.HiddenDeltas(own.Parameters, _all, count, hidden, outputs, deltas);
        if (Task.Rates.OutputRatio != 1)
            OutputLayer<TVector>.Scale(outputs, outputs, count, Task.Rates.OutputRatio);
        OutputLayer<TVector>.AddStep(target, _all, count, hidden, outputs, deltas);
        OutputLayer<TVector>.AddBiasStep(target.B2, count, outputs);
    }

    /// <summary>The second thread's copy of the small parameters follows the first one's.</summary>
    protected override void BeforeMoreThreads() => _memory[0].Parameters.CopyTo(_memory[1].Parameters);

    protected override void Finish()
    {
        _memory[0].Parameters.CopyTo(_network.Parameters);
        Span<float> step = _network.Step.Span, first = _memory[0].Step.Span, second = _memory[1].Step.Span;
        for (int i = 0; i < step.Length; i++)
            step[i] = first[i] + second[i];
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (IDisposable each in (IDisposable[])[.. _memory, _pixels, _overlaps])
            each.Dispose();
    }

    private bool EndsBatch(int pass) => pass + 1 == Passes || (pass + 1) % _passesOfGroup == 0;

    private int StartOf(int pass) => (int)Math.Min(
        (long)(pass / _passesOfGroup) * _group + pass % _passesOfGroup * MaxImages, _images.Count);

    /// <summary>The images of a pass; none after the last one.</summary>
    private Images ImagesOf(int pass) => _images.Slice(StartOf(pass), StartOf(pass + 1) - StartOf(pass));

    /// <summary>
    /// Half of a pass's images: where it begins, and how many it has. Small batches take their steps one after another, so
    /// all of them are in the first half.
    /// </summary>
    private (int First, int Count) HalfOf(int images, int half)
    {
        int middle = _hasSmallBatches ? images : (images + 1) / 2;
        return half == 0 ? (0, middle) : (middle, images - middle);
    }

    /// <summary>Passes some images' rows of hidden units to the other thread.</summary>
    private void SendRows(float* from, float* to, (int First, int Count) images)
    {
        nint at = (nint)images.First * _network.Units;
        Send(from + at, to + at, (nint)images.Count * _network.Units);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Send(float* from, float* to, nint count)
    {
        for (nint j = 0; j < count; j += TVector.Lanes)
            TVector.StorePastCaches(to + j, TVector.Load(from + j));
    }
}

/// <summary>The private memory of one of two threads. The other one writes to it only to pass something over.</summary>
internal sealed unsafe class HalfMemory : IDisposable
{
    private readonly AlignedBuffer<float>[] _sums;

    public HalfMemory(SimdNetwork network)
    {
        long size = (long)PixelChunks.MaxImages * network.Units;
        (_sums, Hidden, Deltas) = ([new(size), new(size)], new(size), new(size));
        (Parameters, Step, OtherStep) = (network.NewSmallParameters(), network.NewSmallParameters(), network.NewSmallParameters());
    }

    /// <summary>h of the thread's half of the images; before that, z. 64 × units, like the sums and deltas.</summary>
    public AlignedBuffer<float> Hidden { get; }

    /// <summary>−η·δh of all images; the other thread passes over those of its images.</summary>
    public AlignedBuffer<float> Deltas { get; }

    /// <summary>o of the thread's images, then −η·δo, from the first image on: 64 × 16.</summary>
    public AlignedBuffer<float> Outputs { get; } = new(PixelChunks.MaxImages * SmallParameters.OutputStride);

    /// <summary>A copy of W2 and the biases.</summary>
    public SmallParameters Parameters { get; }

    /// <summary>
    /// The batch's step of these parameters, from this half of the images; it starts with the velocity.
    /// </summary>
    public SmallParameters Step { get; }

    /// <summary>The other thread's, passed over.</summary>
    public SmallParameters OtherStep { get; }

    /// <summary>The losses of this half of the images since the epoch began.</summary>
    public double Loss { get; set; }
    public int Hits { get; set; }

    /// <summary>
    /// X·W1 over one half of the pixels. The thread computes its own half for all images; the other thread passes over its
    /// half for this thread's images.
    /// </summary>
    public float* Sums(int half) => _sums[half].Pointer;

    public void Dispose()
    {
        foreach (IDisposable each in (IDisposable[])[.. _sums, Hidden, Deltas, Outputs, Parameters, Step, OtherStep])
            each.Dispose();
    }
}
