using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Output;

/// <summary>
/// Saves a training after some epochs and after the last, before an epoch is reported as finished. If that fails, it warns
/// and the training continues: the next attempt may succeed.
/// </summary>
/// <param name="file">Where to save.</param>
/// <param name="every">Save after every so many epochs.</param>
/// <param name="epochs">The total number of epochs.</param>
/// <param name="checkpoint">Returns the training as of the last finished epoch.</param>
/// <param name="terminal">Where warnings go.</param>
internal sealed class CheckpointWriter(string file, int every, int epochs, Func<Checkpoint> checkpoint, Terminal terminal)
{
    private bool _failed;

    /// <summary>Number of epochs in the file.</summary>
    public int SavedEpochs { get; private set; }

    /// <summary>Saves a training that has finished or been interrupted, unless the file is up to date.</summary>
    public void Save() => Save("");

    private void Save(string whatFollows)
    {
        Checkpoint current = checkpoint();
        if (SavedEpochs == current.State.History.Count)
            return;
        try
        {
            current.Save(file);
            SavedEpochs = current.State.History.Count;
            _failed = false;
        }
        catch (IOException exception)
        {
            // Said once, not after each epoch.
            if (!_failed)
                terminal.WriteError($"warning: {exception.Message}{whatFollows}", exception);
            _failed = true;
        }
    }

    private void SaveIfDue(int epoch)
    {
        if (epoch == epochs)
            Save();
        else if (epoch % every == 0)
            Save("; training continues");
    }

    /// <summary>An observer that saves the training before another one, which may be null, hears of a finished epoch.</summary>
    public ITrainingObserver Before(ITrainingObserver? observer) => new Observer(this, observer);

    private sealed class Observer(CheckpointWriter writer, ITrainingObserver? inner) : ITrainingObserver
    {
        public void EpochStarted(int epoch) => inner?.EpochStarted(epoch);

        public void Report(EpochProgress value) => inner?.Report(value);

        public void EpochFinished(EpochResult result)
        {
            writer.SaveIfDue(result.Epoch);
            inner?.EpochFinished(result);
        }
    }
}
