using MnistGpu.Core.Training;

namespace MnistGpu.Cli;

/// <summary>Saves a training after some epochs and after the last, before anybody is told that the epoch is over.</summary>
/// <param name="inner">Told all the same; may be null.</param>
/// <param name="isDue">Whether to save after an epoch.</param>
/// <param name="save">Saves.</param>
internal sealed class CheckpointWriter(ITrainingObserver? inner, Predicate<int> isDue, Action save) : ITrainingObserver
{
    public void EpochStarted(int epoch) => inner?.EpochStarted(epoch);

    public void Report(EpochProgress value) => inner?.Report(value);

    public void EpochFinished(EpochResult result)
    {
        if (isDue(result.Epoch))
            save();
        inner?.EpochFinished(result);
    }
}
