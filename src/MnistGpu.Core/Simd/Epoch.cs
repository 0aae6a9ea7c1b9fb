using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Simd;

/// <summary>What an epoch is to train, and on what.</summary>
/// <param name="Images">All images of the epoch, in their order.</param>
internal sealed record EpochTask(
    SimdNetwork Network,
    int Threads,
    Teamwork Teamwork,
    Images Images,
    int BatchSize,
    ReadOnlyMemory<float> LearningRates,
    IProgress<EpochProgress>? Progress,
    CancellationToken CancellationToken);

/// <summary>One epoch of training.</summary>
/// <remarks>
/// It goes in passes: up to 64 images that go through W1 together. A pass is a batch, a piece of a large batch, or several
/// small batches (<see cref="Overlaps"/>). The calling thread and its helper have a half each: half of the pixels, and so
/// of W1's rows, while W1 is read and updated, and half of the images in between. They hand each other the hidden units'
/// sums and deltas and the small parameters' step, but not W1. Where the calling thread is better off alone
/// (<see cref="Teamwork"/>), it does both halves, one after the other, and the helper sleeps.
/// </remarks>
internal sealed unsafe class Epoch<TVector>
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
    private readonly int _images;
    private readonly int _passesOfImages;
    private readonly int _passes;

    private readonly Overlaps _overlaps = new();
    private readonly Barrier _barrier = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly bool _startsAlone;

    /// <summary>The pass before which the helper goes to sleep, and the one that it wakes up for.</summary>
    private int _aloneFrom = -1;
    private int _togetherFrom;

    /// <summary>The pass in which the epoch is stopped, and why.</summary>
    private int _stopAt = int.MaxValue;
    private Exception? _error;
    private int _reported;

    private Epoch(EpochTask task)
    {
        _task = task;
        _network = task.Network;
        _startsAlone = task.Teamwork.AloneImages > 0;
        int count = task.Images.Count;
        _batchSize = Math.Min(task.BatchSize, count);
        int batches = Math.Max(1, Overlaps.MaxImages / _batchSize);
        _hasSmallBatches = batches > 1;
        _images = batches * _batchSize;
        _passesOfImages = (_images - 1) / MaxImages + 1;
        _passes = count / _images * _passesOfImages + (count % _images + MaxImages - 1) / MaxImages;
        if (_passesOfImages > 1)
            _network.ClearW1Step();
    }

    private double Loss => _network.Workspaces[0].Loss + _network.Workspaces[1].Loss;

    public static EpochStatistics Train(EpochTask task) => new Epoch<TVector>(task).Train();

    private EpochStatistics Train()
    {
        foreach (Workspace workspace in _network.Workspaces)
            (workspace.Loss, workspace.Hits) = (0, 0);
        // What is done alone to the end needs no helper, and to start one takes time too.
        bool hasHelper = _task.Threads > 1 && _task.Teamwork.AloneImages < _task.Images.Count;
        var helper = new Thread(Help) { IsBackground = true, Name = "MnistGpu helper" };
        if (hasHelper)
            helper.Start();
        Lead(hasHelper);
        if (hasHelper)
            helper.Join();
        _network.EqualizeCopies();
        if (_error is not null)
            ExceptionDispatchInfo.Throw(_error);
        return new EpochStatistics(
            Loss / _task.Images.Count, _network.Workspaces[0].Hits + _network.Workspaces[1].Hits);
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
                // Before the calling thread goes on alone, the helper must be done with its update.
                _barrier.Meet(thread: 0);
                alone = true;
            }
        }
        // For no pass at all: by the time that the helper is awake, it cannot tell which stop it was to meet for.
        if (alone && hasHelper)
            Wake(_passes);
    }

    /// <summary>What its helper does.</summary>
    private void Help()
    {
        int pass = _startsAlone ? Sleep() : 0;
        while (pass < _passes && TrainPass(pass, thread: 1, alone: false))
            if (++pass == Volatile.Read(ref _aloneFrom))
            {
                _barrier.Meet(thread: 1);
                pass = Sleep();
            }
    }

    private int Sleep()
    {
        _wake.Wait();
        return _togetherFrom;
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
            SendSums(thread, images.Count, own, other);
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

        bool beginsBatch = pass % _passesOfImages == 0;
        bool endsBatch = pass + 1 == _passes || (pass + 1) % _passesOfImages == 0;
        if (!_hasSmallBatches)
            for (int half = firstHalf; half < endHalf; half++)
                TrainHalf(half, images, pass / _passesOfImages, own, other, beginsBatch, endsBatch);
        else if (thread == 0)
            TrainSmallBatches(images, pass * (_images / _batchSize), own, other);
        if (other is not null)
            _barrier.Meet(thread);

        for (int half = firstHalf; half < endHalf; half++)
            HiddenLayer<TVector>.Update(
                _network, half, own.Pixels, own.Deltas.Pointer, isWholeBatch: _passesOfImages == 1, endsBatch);
        if (!_hasSmallBatches && endsBatch)
            OutputLayer<TVector>.TakeStep(
                own.Parameters, own.Step, other is null ? _network.Workspaces[1].Step : own.OtherStep);
        return true;
    }

    /// <summary>Hands over what the other thread needs of one's sums: its images' or, for small batches, all or nothing.</summary>
    private void SendSums(int thread, int images, Workspace own, Workspace other)
    {
        if (!_hasSmallBatches)
        {
            (int first, int count) = ImagesOf(1 - thread, images);
            SendRows(own.Sums(thread), other.Sums(thread), first, count);
        }
        else if (thread == 1)
        {
            SendRows(own.Sums(1), other.Sums(1), 0, images);
        }
    }

    /// <summary>From the hidden sums to the deltas, for half of a pass's images.</summary>
    private void TrainHalf(
        int half, Images images, int batch, Workspace own, Workspace? other, bool beginsBatch, bool endsBatch)
    {
        (int first, int count) = ImagesOf(half, images.Count);
        nint at = (nint)first * _network.Units;
        HiddenLayer<TVector>.Join(
            own.Parameters, count, own.Sums(0) + at, own.Sums(1) + at, own.Hidden.Pointer + at);
        SmallParameters step = _network.Workspaces[half].Step;
        if (beginsBatch)
            step.Span.Clear();
        TrainImages(images.Slice(first, count), first, half, _task.LearningRates.Span[batch], own, step);
        if (other is null)
            return;
        SendRows(own.Deltas.Pointer, other.Deltas.Pointer, first, count);
        if (endsBatch)
            Send(step.W2, other.OtherStep.W2, step.Span.Length);
    }

    /// <summary>The same for several small batches, whose steps are taken one after another, but for W1.</summary>
    private void TrainSmallBatches(Images images, int batch, Workspace own, Workspace? other)
    {
        _overlaps.Join(images.Count);
        HiddenLayer<TVector>.Join(own.Parameters, images.Count, own.Sums(0), own.Sums(1), own.Hidden.Pointer);
        for (int first = 0; first < images.Count; first += _batchSize)
        {
            int count = Math.Min(_batchSize, images.Count - first);
            _overlaps.CatchUp<TVector>(first, count, _network.Units, own.Deltas.Pointer, own.Hidden.Pointer);
            TrainImages(
                images.Slice(first, count), first, half: 0, _task.LearningRates.Span[batch++], own, own.Parameters);
        }
        if (other is not null)
            SendRows(own.Deltas.Pointer, other.Deltas.Pointer, 0, images.Count);
    }

    /// <summary>From z to the deltas of both layers and the step of the small parameters.</summary>
    /// <param name="first">Where the images begin in the pass.</param>
    /// <param name="half">Whose losses they are.</param>
    /// <param name="target">Where the step goes: to the parameters themselves, or to a step.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TrainImages(Images images, int first, int half, float learningRate, Workspace own, SmallParameters target)
    {
        nint at = (nint)first * _network.Units;
        float* hidden = own.Hidden.Pointer + at, deltas = own.Deltas.Pointer + at, outputs = own.Outputs.Pointer;
        HiddenLayer<TVector>.Activate(hidden, (nint)images.Count * _network.Units);
        OutputLayer<TVector>.Outputs(own.Parameters, images.Count, hidden, outputs);
        double loss = 0;
        Workspace measured = _network.Workspaces[half];
        measured.Hits += OutputLayer<TVector>.Deltas(images, outputs, learningRate, ref loss);
        measured.Loss += loss;
        OutputLayer<TVector>.HiddenDeltas(own.Parameters, images.Count, hidden, outputs, deltas);
        OutputLayer<TVector>.AddStep(target, images.Count, hidden, outputs, deltas);
    }

    /// <summary>
    /// On the calling thread, before the barrier of a pass: decides whether the epoch is stopped there, and whether the
    /// next pass is done alone.
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
        if (_task.Threads == 1)
            return;
        if (alone)
            _task.Teamwork.WorkedAlone(images);
        else
            _task.Teamwork.WorkedTogether(images);
        if (!alone && _task.Teamwork.AloneImages > 0)
            Volatile.Write(ref _aloneFrom, pass + 1);
    }

    private int StartOf(int pass) =>
        (int)Math.Min(
            (long)(pass / _passesOfImages) * _images + pass % _passesOfImages * MaxImages, _task.Images.Count);

    /// <summary>The images of a pass; behind the last one, none.</summary>
    private Images ImagesOf(int pass)
    {
        int start = StartOf(pass);
        return _task.Images.Slice(start, StartOf(pass + 1) - start);
    }

    /// <summary>A half of some images: where it begins, and how many it has.</summary>
    private static (int First, int Count) ImagesOf(int half, int images) =>
        half == 0 ? (0, (images + 1) / 2) : ((images + 1) / 2, images / 2);

    /// <summary>Hands some images' rows of hidden units to the other thread.</summary>
    private void SendRows(float* from, float* to, int first, int images)
    {
        nint at = (nint)first * _network.Units;
        Send(from + at, to + at, (nint)images * _network.Units);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Send(float* from, float* to, nint count)
    {
        for (nint j = 0; j < count; j += TVector.Lanes)
            TVector.StorePastCaches(to + j, TVector.Load(from + j));
    }
}
