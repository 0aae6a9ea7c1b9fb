using System.Diagnostics;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>
/// The host side of training: draws the order of the images, sets the learning rate of each step, makes an engine train
/// one epoch after another, and tests the network after each.
/// </summary>
public sealed class Trainer
{
    private readonly ITrainingEngine _engine;
    private readonly MnistDataset _dataset;
    private readonly TrainingOptions _options;
    private readonly List<EpochResult> _history = [];
    private NetworkParameters? _velocity;

    /// <summary>Gives the engine the training images.</summary>
    /// <exception cref="ArgumentException">There is nothing to train on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Trainer(ITrainingEngine engine, MnistDataset dataset, TrainingOptions options)
    {
        options.Validate();
        if (dataset.Train.Count == 0)
            throw new ArgumentException("There are no training images.", nameof(dataset));
        _engine = engine;
        _dataset = dataset;
        _options = options;
        _engine.LoadTrainingImages(dataset.Train);
    }

    /// <summary>The finished epochs.</summary>
    public IReadOnlyList<EpochResult> History => _history;

    /// <summary>The parameters after the last finished epoch; null before the first.</summary>
    public NetworkParameters? Parameters { get; private set; }

    /// <summary>The test after the last finished epoch; null if there was none, or it did not finish.</summary>
    public Evaluation? LastTest { get; private set; }

    /// <summary>The state after the last finished epoch, to resume from.</summary>
    /// <exception cref="InvalidOperationException">No epoch has finished.</exception>
    public TrainingState State => new(
        Parameters ?? throw new InvalidOperationException("No epoch has finished."), _velocity, [.. _history]);

    /// <summary>
    /// Trains. If an exception ends it, <see cref="History"/> and <see cref="Parameters"/> are those of the last epoch that was
    /// trained completely, whether tested or not.
    /// </summary>
    /// <param name="initial">Where to start; not changed.</param>
    /// <param name="observer">Notified of each epoch and its progress, on this thread; may be null.</param>
    /// <param name="cancellationToken">Stops the training within an epoch or its test.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="TrainingDivergedException">A weight became NaN or infinite.</exception>
    public TrainingResult Train(
        NetworkParameters initial, ITrainingObserver? observer = null, CancellationToken cancellationToken = default) =>
        Train(new TrainingState(initial, Velocity: null, History: []), observer, cancellationToken);

    /// <summary>Resumes a training; on the same engine, the result is bit-identical to that of an uninterrupted one.</summary>
    /// <param name="start">Where to resume; not changed.</param>
    /// <param name="observer">As above.</param>
    /// <param name="cancellationToken">As above.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="TrainingDivergedException">A weight became NaN or infinite.</exception>
    public TrainingResult Train(
        TrainingState start, ITrainingObserver? observer = null, CancellationToken cancellationToken = default)
    {
        int count = _dataset.Train.Count;
        TrainingOptions options = _options.WithDefaultRates(start.Parameters.Hidden, _dataset.Train);
        int stepsPerEpoch = options.StepsPerEpoch(count);
        int[] order = Enumerable.Range(0, count).ToArray();
        // A different stream from the one that the initial weights are drawn from.
        var random = new Random(~_options.Seed);
        _history.Clear();
        _history.AddRange(start.History);
        Parameters = start.History.Count == 0 ? null : start.Parameters;
        _velocity = start.Velocity;
        _engine.SetParameters(start.Parameters);
        if (start.Velocity is not null && options.Momentum != 0)
            _engine.SetVelocity(start.Velocity);
        // It ended during the test of its last epoch, or nothing is left to train and only its predictions are wanted.
        if (_history is [.., { TestAccuracy: null }] || _history.Count >= _options.Epochs)
            Test(cancellationToken);

        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            // Each order is shuffled from the one before, so those of finished epochs are needed too.
            if (_options.Shuffle)
                random.Shuffle(order);
            if (epoch < start.History.Count)
                continue;
            observer?.EpochStarted(epoch + 1);
            var rates = new EpochRates(
                LearningRates.OfEpoch(options, epoch, stepsPerEpoch),
                (float)(options.OutputLearningRate / options.LearningRate)!, (float)options.Momentum!);

            long began = Stopwatch.GetTimestamp();
            if (options.Augment)
                _engine.DistortTrainingImages(options.Seed, epoch);
            EpochStatistics statistics = _engine.TrainEpoch(
                order, _options.BatchSize, rates, observer, cancellationToken);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;

            NetworkParameters parameters = _engine.GetParameters();
            if (!double.IsFinite(statistics.MeanLoss) || !parameters.IsFinite)
                throw new TrainingDivergedException(epoch + 1, options.LearningRate!.Value, options.OutputLearningRate!.Value);
            // From here on the epoch counts: whatever ends its test, it has been trained.
            _velocity = options.Momentum == 0 ? null : _engine.GetVelocity();
            Parameters = parameters;
            _history.Add(new EpochResult(
                epoch + 1, statistics.MeanLoss, (double)statistics.Hits / count, seconds, TestAccuracy: null));
            Test(cancellationToken);
            observer?.EpochFinished(_history[^1]);
            if (_history[^1].TestAccuracy >= options.TargetAccuracy)
                break;
        }
        // Cancelling is reported even if nothing was left to stop.
        cancellationToken.ThrowIfCancellationRequested();
        return new TrainingResult(Parameters!, LastTest!, [.. _history]);
    }

    private void Test(CancellationToken cancellationToken)
    {
        LastTest = null;
        LastTest = Evaluation.Of(_engine, _dataset.Test, cancellationToken);
        _history[^1] = _history[^1] with { TestAccuracy = LastTest.Accuracy, TestLoss = LastTest.MeanLoss };
    }
}

/// <summary>What a training led to.</summary>
/// <param name="Parameters">The trained network.</param>
/// <param name="Test">How it does on the test images.</param>
/// <param name="History">The epochs, at least one, with how long each took and how well it trained.</param>
public sealed record TrainingResult(
    NetworkParameters Parameters, Evaluation Test, IReadOnlyList<EpochResult> History);

/// <summary>A finished epoch.</summary>
/// <param name="Epoch">Which, from 1.</param>
/// <param name="Loss">Mean loss of the training images, each before the step that used it.</param>
/// <param name="TrainAccuracy">The fraction of them that was classified correctly, at the same time; 0 to 1.</param>
/// <param name="TrainSeconds">How long the epoch took, the engine's training only; null if it was trained in an earlier run.</param>
/// <param name="TestAccuracy">
/// The fraction of test images classified correctly after the epoch, 0 to 1; null if the test did not finish.
/// </param>
/// <param name="TestLoss">The mean loss of the test images, likewise.</param>
public sealed record EpochResult(
    int Epoch, double Loss, double TrainAccuracy, double? TrainSeconds, double? TestAccuracy, double? TestLoss = null);

/// <summary>Observes a training. <see cref="IProgress{T}.Report"/> receives the progress of the current epoch.</summary>
public interface ITrainingObserver : IProgress<EpochProgress>
{
    /// <summary>An epoch, counted from 1, begins.</summary>
    void EpochStarted(int epoch);

    /// <summary>An epoch is over and tested.</summary>
    void EpochFinished(EpochResult result);
}

/// <summary>A weight became NaN or infinite: a learning rate is too high, or the output layer's is too far from the other.</summary>
/// <param name="epoch">The epoch in which it happened, from 1.</param>
/// <param name="learningRate">The learning rate asked for.</param>
/// <param name="outputLearningRate">That of the output layer.</param>
public sealed class TrainingDivergedException(int epoch, double learningRate, double outputLearningRate) : Exception(
    $"the weights became NaN or infinite in epoch {epoch}: "
        + (learningRate == outputLearningRate ? $"the learning rate {learningRate} is too high"
            : $"the learning rates {learningRate} and, for the output layer, {outputLearningRate:G3} are too high or too far apart"))
{
    /// <summary>The epoch in which it happened, from 1.</summary>
    public int Epoch { get; } = epoch;
}
