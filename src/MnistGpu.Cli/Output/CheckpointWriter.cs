using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Output;

/// <summary>
/// Saves a training after some epochs and after the last, before anybody is told that the epoch is over. Where that
/// fails, there is a warning, and the training goes on: the next time may succeed.
/// </summary>
/// <param name="file">Where it is saved.</param>
/// <param name="every">It is saved after every so many epochs, and after the last.</param>
/// <param name="epochs">How many epochs there are in the end.</param>
/// <param name="checkpoint">The training as it is after the last finished epoch.</param>
/// <param name="terminal">Told of what fails.</param>
internal sealed class CheckpointWriter(string file, int every, int epochs, Func<Checkpoint> checkpoint, Terminal terminal)
{
    private bool _failed;

    /// <summary>Epochs that are in the file.</summary>
    public int SavedEpochs { get; private set; }

    /// <summary>Saves a training that is over or interrupted, unless the file has it already.</summary>
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
            Save("; the training goes on");
    }

    /// <summary>Has the training saved before an observer, which may be null, is told of a finished epoch.</summary>
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
