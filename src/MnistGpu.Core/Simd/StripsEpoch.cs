using System.Runtime.CompilerServices;
using MnistGpu.Core.Memory;

namespace MnistGpu.Core.Simd;

/// <summary>An epoch of a large network: each thread has some of the strips of hidden units.</summary>
/// <remarks>
/// W1, W2 and b1 of a thread's units belong to that thread alone. A pass is up to 512 images, a batch or a piece of one, in
/// three stages. Threads meet once per pass, because the stages of three passes are done together: the pixels of the next
/// pass are loaded (each thread loads part of them); the sums of this one are computed; and for the one before, whose sums are
/// complete by now, outputs and deltas are computed and the step is taken. Every thread computes all outputs, from the
/// strips' sums in the order of the strips. So W1 and its velocity go from memory through the cores once per pass: as soon as
/// a chunk of a strip is updated, it is summed up for the next images.
/// </remarks>
internal sealed unsafe class StripsEpoch<TVector> : Epoch
    where TVector : struct, ISimd<TVector>
{
    /// <summary>
    /// The maximum number of images per pass. A strip's sums and deltas for this many are 256 KB, half of an L2 cache of 512 KB;
    /// more images would not make streaming W1 much cheaper.
    /// </summary>
    private const int MaxImages = 512;

    private const int BlockImages = PixelChunks.MaxImages, OutputStride = SmallParameters.OutputStride;

    /// <summary>The stages of a pass: it is loaded, summed up, and trained on.</summary>
    private const int Stages = 3;

    private readonly SimdNetwork _network;
    private readonly Images _images;
    private readonly int _batchSize, _passImages, _passesOfBatch, _imagePasses;
    private readonly bool _addsUp;

    /// <summary>The pixels of three passes, in blocks of 64 images.</summary>
    private readonly PixelChunks[][] _pixels;

    /// <summary>h of the latest pass, strip by strip, each images × the strip's units.</summary>
    private readonly AlignedBuffer<float> _hidden;

    /// <summary>h·W2 of two passes, for each strip: images × 16.</summary>
    private readonly AlignedBuffer<float> _sums;

    /// <summary>b2 before an even and before an odd pass: while one is still being read, the other is written.</summary>
    private readonly AlignedBuffer<float> _biases = new(2 * OutputStride);
    private readonly ThreadMemory[] _memory;
    private int _trainedPasses;
    private double _loss;
    private int _hits;

    public StripsEpoch(EpochTask task, AdaptiveThreadCount threadCount)
        : base(task, threadCount)
    {
        (_network, _images) = (task.Network, task.Images);
        _batchSize = Math.Min(task.BatchSize, _images.Count);
        _passesOfBatch = (_batchSize - 1) / MaxImages + 1;
        _passImages = Math.Min(_batchSize, MaxImages);
        _imagePasses = _images.Count / _batchSize * _passesOfBatch + (_images.Count % _batchSize + MaxImages - 1) / MaxImages;
        Passes = _imagePasses + Stages - 1;
        _addsUp = _passesOfBatch > 1 || task.Rates.Momentum != 0;
        if (_addsUp)
            _network.EnsureW1Step();
        int blocks = (_passImages - 1) / BlockImages + 1;
        _pixels = [.. Enumerable.Range(0, Stages).Select(_ =>
            Enumerable.Range(0, blocks).Select(_ => new PixelChunks()).ToArray())];
        _hidden = new((long)_passImages * _network.Units);
        _sums = new(2L * _network.Strips.Length * _passImages * OutputStride);
        _memory = [.. Enumerable.Range(0, MostThreads).Select(_ => new ThreadMemory(_passImages, _network.Strips))];
        Copy(_network.Parameters.B2, Biases(pass: 0));
    }

    protected override (double Loss, int Hits) Measured => (_loss, _hits);

    protected override bool TrainPass(int pass, int thread, int threads)
    {
        int summed = pass - 1, trained = pass - 2;
        ThreadMemory own = _memory[thread];
        if (trained >= 0)
            TrainOutputs(trained, own, isLeader: thread == 0);
        Strip[] strips = _network.Strips;
        for (int s = strips.Length * thread / threads; s < strips.Length * (thread + 1) / threads; s++)
            TrainStrip(s, summed, trained, own);
        if (pass < _imagePasses)
            Load(pass, thread, threads);
        if (thread == 0)
            StopOrReport(pass, StartOf(Math.Max(trained + 1, 0)), ImagesOf(summed).Count);
        Arrive(pass, thread);
        return Wait(pass, threads);
    }

    /// <summary>Loads a thread's share of the pixels of a pass. Prefetches the next.</summary>
    private void Load(int pass, int thread, int threads)
    {
        Images images = ImagesOf(pass), next = ImagesOf(pass + 1);
        for (int first = 0, part = 0; first < images.Count; first += BlockImages)
        {
            PixelChunks block = _pixels[pass % Stages][first / BlockImages];
            for (int chunk = 0; chunk < PixelChunks.Chunks; chunk++, part++)
                if (part % threads == thread)
                {
                    block.Load(chunk, Block(images, first), Block(next, first));
                    block.Transpose(chunk);
                }
        }
    }

    /// <summary>From the strips' sums to the outputs and their deltas, and the step of b2.</summary>
    private void TrainOutputs(int pass, ThreadMemory own, bool isLeader)
    {
        Images images = ImagesOf(pass);
        float* outputs = own.Outputs.Pointer;
        new Span<float>(outputs, images.Count * OutputStride).Clear();
        for (int s = 0; s < _network.Strips.Length; s++)
            OutputLayer<TVector>.Add(Sums(pass, s), images.Count, outputs);
        OutputLayer<TVector>.Activate(Biases(pass), images.Count, outputs);
        double loss = 0;
        int hits = OutputLayer<TVector>.Deltas(
            images, outputs, Task.Rates.LearningRates.Span[pass / _passesOfBatch], ref loss);
        OutputLayer<TVector>.Scale(outputs, own.ScaledOutputs.Pointer, images.Count, Task.Rates.OutputRatio);
        if (!isLeader)
            return;
        (_loss, _hits, _trainedPasses) = (_loss + loss, _hits + hits, pass + 1);
        float* next = Biases(pass + 1), step = _network.Step.B2;
        Copy(Biases(pass), next);
        OutputLayer<TVector>.AddBiasStep(_addsUp ? step : next, images.Count, own.ScaledOutputs.Pointer);
        if (_addsUp && EndsBatch(pass))
            HiddenLayer<TVector>.TakeStep(next, step, OutputStride, Task.Rates.Momentum);
    }

    /// <summary>Takes a strip's step for one pass and computes its sums for the next, chunk by chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TrainStrip(int s, int summed, int trained, ThreadMemory own)
    {
        Strip strip = _network.Strips[s];
        SmallParameters parameters = _network.Parameters, target = _addsUp ? _network.Step : parameters;
        Images images = ImagesOf(summed), before = ImagesOf(trained);
        bool takesStep = _addsUp && trained >= 0 && EndsBatch(trained);
        float* hidden = _hidden.Pointer + (nint)strip.First * _passImages, deltas = own.Deltas.Pointer;
        float momentum = Task.Rates.Momentum;
        if (before.Count > 0)
        {
            OutputLayer<TVector>.HiddenDeltas(parameters, strip, before.Count, hidden, own.Outputs.Pointer, deltas);
            OutputLayer<TVector>.AddStep(target, strip, before.Count, hidden, own.ScaledOutputs.Pointer, deltas);
        }
        if (takesStep)
            OutputLayer<TVector>.TakeStep(parameters, _network.Step, strip, momentum);
        HiddenLayer<TVector>.Begin(parameters.B1 + strip.First, strip, images.Count, hidden);
        for (int chunk = 0; chunk < PixelChunks.Chunks; chunk++)
        {
            for (int first = 0; first < before.Count; first += BlockImages)
                HiddenLayer<TVector>.UpdateChunk(
                    _network, strip, chunk, _pixels[trained % Stages][first / BlockImages],
                    deltas + first * strip.Units, strip.Units, _addsUp);
            if (takesStep)
                HiddenLayer<TVector>.TakeStep(_network, strip, chunk, momentum);
            for (int first = 0; first < images.Count; first += BlockImages)
                HiddenLayer<TVector>.SumChunk(
                    _network, strip, chunk, _pixels[summed % Stages][first / BlockImages],
                    Math.Min(BlockImages, images.Count - first), hidden + first * strip.Units, strip.Units);
        }
        HiddenLayer<TVector>.Activate(hidden, (nint)images.Count * strip.Units);
        if (images.Count > 0)
            OutputLayer<TVector>.Sum(parameters, strip, images.Count, hidden, Sums(summed, s));
    }

    protected override void Finish() => Copy(Biases(_trainedPasses), _network.Parameters.B2);

    public override void Dispose()
    {
        base.Dispose();
        foreach (IDisposable each in (IDisposable[])[.. _memory, .. _pixels.SelectMany(pixels => pixels), _hidden, _sums, _biases])
            each.Dispose();
    }

    private float* Biases(int pass) => _biases.Pointer + pass % 2 * OutputStride;

    private float* Sums(int pass, int strip) =>
        _sums.Pointer + ((nint)(pass % 2) * _network.Strips.Length + strip) * _passImages * OutputStride;

    private bool EndsBatch(int pass) => pass + 1 == _imagePasses || (pass + 1) % _passesOfBatch == 0;

    private int StartOf(int pass) => (int)Math.Min(
        (long)(pass / _passesOfBatch) * _batchSize + pass % _passesOfBatch * MaxImages, _images.Count);

    /// <summary>The images of a pass; none before the first and after the last.</summary>
    private Images ImagesOf(int pass) =>
        pass < 0 ? _images.Slice(0, 0) : _images.Slice(StartOf(pass), StartOf(pass + 1) - StartOf(pass));

    private static Images Block(Images images, int first) =>
        images.Slice(first, Math.Clamp(images.Count - first, 0, BlockImages));

    private static void Copy(float* from, float* to) =>
        new Span<float>(from, OutputStride).CopyTo(new Span<float>(to, OutputStride));

    /// <summary>A thread's private memory.</summary>
    private sealed class ThreadMemory(int images, Strip[] strips) : IDisposable
    {
        /// <summary>−η·δh of a strip: images × its units.</summary>
        public AlignedBuffer<float> Deltas { get; } = new((long)images * strips.Max(strip => strip.Units));

        /// <summary>o of all images, then −η·δo, with the rates of the hidden and of the output layer: images × 16.</summary>
        public AlignedBuffer<float> Outputs { get; } = new((long)images * OutputStride);
        public AlignedBuffer<float> ScaledOutputs { get; } = new((long)images * OutputStride);

        public void Dispose()
        {
            Deltas.Dispose();
            Outputs.Dispose();
            ScaledOutputs.Dispose();
        }
    }
}
