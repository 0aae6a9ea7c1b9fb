using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Sweeping;

/// <summary>A training that has ended.</summary>
/// <param name="Figures">Its result.</param>
/// <param name="Network">Null if its weights became NaN or infinite.</param>
/// <param name="TestOutputs">Count × 10, for the test images; null if not asked for or if there is no network.</param>
internal sealed record Trained(RunFigures Figures, NetworkParameters? Network, float[]? TestOutputs);

/// <summary>Trains many networks, as many at a time as there are engines. Each is identical to that of <c>train</c>, bit for bit.</summary>
/// <param name="dataset">What to train on and to test with.</param>
/// <param name="lastTenth">What else to test with; may be null.</param>
/// <param name="outputBias">Initial bias of the outputs; null lets each output start at 0.1.</param>
/// <param name="keepsOutputs">Whether the outputs for the test images are needed.</param>
internal sealed class Sweep(MnistDataset dataset, ImageSet? lastTenth, float? outputBias, bool keepsOutputs)
{
    /// <summary>Trains; the first fault ends everything.</summary>
    /// <param name="engines">One thread trains on each.</param>
    /// <param name="runs">What to train, in the order in which they begin.</param>
    /// <param name="observe">Returns the observer of a training, called on its thread.</param>
    /// <param name="finished">Called after each training, by one thread at a time.</param>
    /// <param name="cancellationToken">Stops within an epoch; unfinished trainings are lost.</param>
    public void Train(
        IReadOnlyList<ITrainingEngine> engines, IEnumerable<Run> runs, Func<Run, ITrainingObserver?> observe,
        Action<Run, Trained> finished, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var queue = new ConcurrentQueue<Run>(runs);
        ExceptionDispatchInfo? fault = null;
        Thread[] threads = [.. engines.Select(engine => new Thread(() => Work(engine)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        fault?.Throw();

        void Work(ITrainingEngine engine)
        {
            try
            {
                while (queue.TryDequeue(out Run? run))
                {
                    Trained trained = Train(engine, run, observe(run), stop.Token);
                    lock (queue)
                        finished(run, trained);
                }
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(exception), null);
                stop.Cancel();
            }
        }
    }

    private Trained Train(ITrainingEngine engine, Run run, ITrainingObserver? observer, CancellationToken cancellationToken)
    {
        var trainer = new Trainer(engine, dataset, run.Setting.Options with { Seed = run.Seed });
        double? lastTenthAccuracy = null;
        bool diverged = false;
        try
        {
            trainer.Train(GlorotInitializer.Draw(run.Setting.Hidden, run.Seed, outputBias), observer, cancellationToken);
            if (lastTenth is not null)
                lastTenthAccuracy = Evaluation.Of(engine, lastTenth, cancellationToken).Accuracy;
        }
        catch (TrainingDivergedException)
        {
            diverged = true;
        }
        double seconds = trainer.History.Sum(epoch => epoch.TrainSeconds) ?? 0;
        if (diverged)
            return new Trained(new RunFigures(run.Seed, null, null, null, null, null, seconds), Network: null, TestOutputs: null);
        EpochResult last = trainer.History[^1];
        var figures = new RunFigures(
            run.Seed, last.Loss, last.TrainAccuracy, last.TestLoss, last.TestAccuracy, lastTenthAccuracy, seconds);
        return new Trained(
            figures, trainer.Parameters, keepsOutputs ? engine.Predict(dataset.Test.Pixels, cancellationToken) : null);
    }
}
