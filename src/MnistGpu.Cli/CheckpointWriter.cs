using MnistGpu.Core.Training;

namespace MnistGpu.Cli;

/// <summary>
/// Saves a training after some epochs and after the last, before anybody is told that the epoch is over. Where that
/// fails, there is a warning, and the training goes on: the next time may succeed.
/// </summary>
/// <param name="file">Where it is saved.</param>
/// <param name="isDue">Whether to save after an epoch.</param>
/// <param name="checkpoint">The training as it is after the last finished epoch.</param>
/// <param name="terminal">Told of what fails.</param>
internal sealed class CheckpointWriter(string file, Predicate<int> isDue, Func<Checkpoint> checkpoint, Terminal terminal)
{
    private readonly Predicate<int> _isDue = isDue;
    private bool _failed;

    /// <summary>Epochs that are in the file.</summary>
    public int SavedEpochs { get; private set; }

    /// <summary>Saves the training unless the file has it already.</summary>
    public void Save()
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
                terminal.WriteError($"warning: {exception.Message}; the training goes on", exception);
            _failed = true;
        }
    }

    /// <summary>Has the training saved before an observer, which may be null, is told of a finished epoch.</summary>
    public ITrainingObserver Before(ITrainingObserver? observer) => new Observer(this, observer);

    private sealed class Observer(CheckpointWriter writer, ITrainingObserver? inner) : ITrainingObserver
    {
        public void EpochStarted(int epoch) => inner?.EpochStarted(epoch);

        public void Report(EpochProgress value) => inner?.Report(value);

        public void EpochFinished(EpochResult result)
        {
            if (writer._isDue(result.Epoch))
                writer.Save();
            inner?.EpochFinished(result);
        }
    }
}
