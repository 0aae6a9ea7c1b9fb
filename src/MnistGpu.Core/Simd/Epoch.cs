using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Simd;

/// <summary>What an epoch is to train, and on what: the images in their order.</summary>
internal sealed record EpochTask(
    SimdNetwork Network, int Threads, Teamwork Teamwork, Images Images, int BatchSize,
    Descent Descent, IProgress<EpochProgress>? Progress, CancellationToken CancellationToken);

/// <summary>One epoch of training.</summary>
/// <remarks>
/// It goes in passes: up to 64 images that go through W1 together. A pass is a batch, a piece of a large batch, or
/// several small batches (<see cref="Overlaps"/>). The calling thread and its helper have a half each: half of the
/// pixels, and so of W1's rows, while W1 is read and updated, and half of the images in between. They hand each other
/// hidden sums, deltas and the small parameters' step, but not W1. Where the calling thread is better off alone
/// (<see cref="Teamwork"/>), it does both halves, one after the other, and the helper sleeps. Either way everything is
/// added up in the same order.
/// </remarks>
internal sealed unsafe class Epoch<TVector> : IDisposable
    where TVector : struct, ISimd<TVector>
{
    private const int MaxImages = PassPixels.MaxImages;

    /// <summary>Images between two reports of progress.</summary>
    private const int ProgressInterval = 4_096;

    private readonly EpochTask _task;
    private readonly SimdNetwork _network;
    private readonly int _batchSize;

    /// <summary>Whether several batches share a pass.</summary>
    private readonly bool _hasSmallBatches;

    /// <summary>Images of a batch, or of the small batches that share a pass; and the passes that they take.</summary>
    private readonly int _group, _passesOfGroup;
    private readonly int _passes;

    /// <summary>Whether the step of W1 is added up before it is taken; otherwise it goes right into W1.</summary>
    private readonly bool _addsUpW1Step;

    private readonly Overlaps _overlaps = new();
    private readonly Barrier _barrier = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly bool _startsAlone;

    /// <summary>The pass before which the helper goes to sleep, and the one that it wakes up for.</summary>
    private int _aloneFrom = -1, _togetherFrom;

    /// <summary>The pass in which the epoch is stopped, and why.</summary>
    private int _stopAt = int.MaxValue;
    private Exception? _error;
    private int _reported;

    public Epoch(EpochTask task)
    {
        (_task, _network, _startsAlone) = (task, task.Network, task.Teamwork.AloneImages > 0);
        int count = task.Images.Count;
        _batchSize = Math.Min(task.BatchSize, count);
        // Momentum moves all of W1 in every step.
        int batches = task.Descent.Momentum != 0 ? 1 : Math.Max(1, Overlaps.MaxImages / _batchSize);
        _hasSmallBatches = batches > 1;
        _group = batches * _batchSize;
        _passesOfGroup = (_group - 1) / MaxImages + 1;
        _passes = count / _group * _passesOfGroup + (count % _group + MaxImages - 1) / MaxImages;
        _addsUpW1Step = _passesOfGroup > 1 || task.Descent.Momentum != 0;
        if (_addsUpW1Step)
            _network.EnsureW1Step();
        foreach (Workspace workspace in _network.Workspaces)
            (workspace.Loss, workspace.Hits) = (0, 0);
    }

    private double Loss => _network.Workspaces[0].Loss + _network.Workspaces[1].Loss;

    public EpochStatistics Train()
    {
        // What is done alone to the end needs no helper, and to start one takes time too.
        Thread? helper = _task.Threads == 1 || _task.Teamwork.AloneImages >= _task.Images.Count ? null
            : new Thread(Help) { IsBackground = true, Name = "MnistGpu helper" };
        helper?.Start();
        Lead(hasHelper: helper is not null);
        helper?.Join();
        _network.EqualizeCopies();
        _network.JoinSteps();
        if (_error is not null)
        {
            _network.ClearSteps();
            ExceptionDispatchInfo.Throw(_error);
        }
        return new EpochStatistics(
            Loss / _task.Images.Count, _network.Workspaces[0].Hits + _network.Workspaces[1].Hits);
    }

    public void Dispose()
    {
        _overlaps.Dispose();
        _barrier.Dispose();
        _wake.Dispose();
    }

    /// <summary>What the calling thread does.</summary>
    private void Lead(bool hasHelper)
    {
        bool alone = !hasHelper || _startsAlone;
        _task.Teamwork.Begin();
        for (int pass = 0; pass < _passes && TrainPass(pass, thread: 0, alone); pass++)
        {
            if (alone && hasHelper && _task.Teamwork.AloneImages == 0)
            {
                Wake(pass + 1);
                alone = false;
            }
            else if (!alone && pass + 1 == _aloneFrom)
            {
                // Before this thread goes on alone, the helper must be done with its update.
                _barrier.Meet(thread: 0);
                alone = true;
            }
        }
        // For no pass: the helper must not see a stop that it was not awake for, and meet nobody there.
        if (alone && hasHelper)
            Wake(_passes);
    }

    /// <summary>What its helper does.</summary>
    private void Help()
    {
        bool sleeps = _startsAlone;
        for (int pass = 0; ; pass++)
        {
            if (sleeps)
            {
                _wake.Wait();
                pass = _togetherFrom;
            }
            if (pass >= _passes || !TrainPass(pass, thread: 1, alone: false))
                return;
            sleeps = pass + 1 == Volatile.Read(ref _aloneFrom);
            if (sleeps)
                _barrier.Meet(thread: 1);
        }
    }

    private void Wake(int pass)
    {
        _network.EqualizeCopies();
        _togetherFrom = pass;
        _wake.Release();
        _task.Teamwork.Begin();
    }

    /// <summary>One pass of a thread with its half, or of the calling one with both.</summary>
    /// <returns>False if the epoch is stopped here.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TrainPass(int pass, int thread, bool alone)
    {
        Images images = ImagesOf(pass), next = ImagesOf(pass + 1);
        Workspace own = _network.Workspaces[thread];
        Workspace? other = alone ? null : _network.Workspaces[1 - thread];
        (int firstHalf, int endHalf) = alone ? (0, 2) : (thread, thread + 1);

        for (int half = firstHalf; half < endHalf; half++)
        {
            HiddenLayer<TVector>.Sum(_network, half, images, next, own.Pixels, own.Sums(half));
            if (_hasSmallBatches)
                _overlaps.Find(own.Pixels, images.Count, half);
        }
        if (other is not null)
            SendRows(own.Sums(thread), other.Sums(thread), HalfOf(images.Count, 1 - thread));
        if (thread == 0)
            StopOrReport(pass, images.Count, alone);
        if (other is not null)
            _barrier.Arrive(thread);
        for (int half = firstHalf; half < endHalf; half++)
            own.Pixels.TransposeMasks(half);
        if (other is not null)
            _barrier.Wait(thread);
        if (pass >= Volatile.Read(ref _stopAt))
            return false;

        for (int half = firstHalf; half < endHalf; half++)
            TrainHalf(pass, half, images, own, other);
        if (other is not null)
            _barrier.Meet(thread);

        for (int half = firstHalf; half < endHalf; half++)
            HiddenLayer<TVector>.Update(
                _network, half, own.Pixels, own.Deltas.Pointer, _addsUpW1Step, EndsBatch(pass), _task.Descent.Momentum);
        if (!_hasSmallBatches && EndsBatch(pass))
            OutputLayer<TVector>.TakeStep(
                own.Parameters, own.Step, other is null ? _network.Workspaces[1].Step : own.OtherStep,
                _task.Descent.Momentum);
        return true;
    }

    /// <summary>From the hidden sums to the deltas, for one half of a pass's images.</summary>
    private void TrainHalf(int pass, int half, Images images, Workspace own, Workspace? other)
    {
        (int first, int count) = HalfOf(images.Count, half);
        nint at = (nint)first * _network.Units;
        HiddenLayer<TVector>.Join(
            own.Parameters, count, own.Sums(0) + at, own.Sums(1) + at, own.Hidden.Pointer + at);
        SmallParameters step = _network.Workspaces[half].Step;
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

    /// <summary>The steps of small batches, one after another, but for W1.</summary>
    private void TakeSmallSteps(Images images, int firstBatch, Workspace own)
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
    /// From z to the deltas of both layers, for some images of a pass. The step of the small parameters is added to
    /// these themselves or to a step that is taken later.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TrainImages(
        Images images, int first, int count, int half, int batch, Workspace own, SmallParameters target)
    {
        nint at = (nint)first * _network.Units;
        float* hidden = own.Hidden.Pointer + at, deltas = own.Deltas.Pointer + at, outputs = own.Outputs.Pointer;
        HiddenLayer<TVector>.Activate(hidden, (nint)count * _network.Units);
        OutputLayer<TVector>.Outputs(own.Parameters, count, hidden, outputs);
        double loss = 0;
        int hits = OutputLayer<TVector>.Deltas(
            images.Slice(first, count), outputs, _task.Descent.LearningRates.Span[batch], ref loss);
        Workspace measured = _network.Workspaces[half];
        (measured.Loss, measured.Hits) = (measured.Loss + loss, measured.Hits + hits);
        OutputLayer<TVector>.HiddenDeltas(own.Parameters, count, hidden, outputs, deltas);
        if (_task.Descent.OutputRatio != 1)
            OutputLayer<TVector>.Scale(outputs, count, _task.Descent.OutputRatio);
        OutputLayer<TVector>.AddStep(target, count, hidden, outputs, deltas);
    }

    /// <summary>
    /// On the calling thread, before the barrier of a pass: decides whether the epoch is stopped there, and whether
    /// the next pass is done alone.
    /// </summary>
    private void StopOrReport(int pass, int images, bool alone)
    {
        try
        {
            _task.CancellationToken.ThrowIfCancellationRequested();
            int done = StartOf(pass);
            if (_task.Progress is not null && done - _reported >= ProgressInterval)
            {
                _reported = done;
                _task.Progress.Report(new EpochProgress(done, Loss / done));
            }
        }
        catch (Exception error)
        {
            _error = error;
            Volatile.Write(ref _stopAt, pass);
        }
        if (alone && _task.Threads > 1)
            _task.Teamwork.WorkedAlone(images);
        if (alone)
            return;
        _task.Teamwork.WorkedTogether(images);
        if (_task.Teamwork.AloneImages > 0)
            Volatile.Write(ref _aloneFrom, pass + 1);
    }

    private bool EndsBatch(int pass) => pass + 1 == _passes || (pass + 1) % _passesOfGroup == 0;

    private int StartOf(int pass) => (int)Math.Min(
        (long)(pass / _passesOfGroup) * _group + pass % _passesOfGroup * MaxImages, _task.Images.Count);

    /// <summary>The images of a pass; behind the last one, none.</summary>
    private Images ImagesOf(int pass) => _task.Images.Slice(StartOf(pass), StartOf(pass + 1) - StartOf(pass));

    /// <summary>
    /// A half of a pass's images: where it begins, and how many it has. Small batches take their steps one after
    /// another, so all of them are in the first half.
    /// </summary>
    private (int First, int Count) HalfOf(int images, int half)
    {
        int middle = _hasSmallBatches ? images : (images + 1) / 2;
        return half == 0 ? (0, middle) : (middle, images - middle);
    }

    /// <summary>Hands some images' rows of hidden units to the other thread.</summary>
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
