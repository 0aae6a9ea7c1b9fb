using MnistGpu.Core.Augmentation;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>
/// Computes the forward pass, backpropagation and the gradient step. The <see cref="Trainer"/> owns everything else
/// (initialisation, shuffling, the schedule, evaluation), so every engine starts from the same numbers and sees the same
/// images in the same order.
/// </summary>
/// <remarks>
/// The order of calls: <see cref="LoadTrainingImages"/> once and <see cref="SetParameters"/>, then any number of
/// <see cref="TrainEpoch"/>, <see cref="Predict"/> and <see cref="GetParameters"/>. Prediction alone needs no training
/// images. Only one thread may use an engine at a time. A call out of this order throws
/// <see cref="InvalidOperationException"/>, and one after <see cref="IDisposable.Dispose"/>, which frees the memory and ends
/// the threads, <see cref="ObjectDisposedException"/>.
/// </remarks>
public interface ITrainingEngine : IDisposable
{
    /// <summary>The engine's short name, as in <c>metrics.json</c>: "reference", "cpu", "accelerator".</summary>
    string Name { get; }

    /// <summary>What it runs on, for people to read: "1 thread, scalar".</summary>
    string Description { get; }

    /// <summary>Gives the engine the images to train on; it may copy or index them where it computes.</summary>
    void LoadTrainingImages(ImageSet images);

    /// <summary>
    /// Makes the following epochs train on distortions of the loaded images: <see cref="Distortion"/>.
    /// </summary>
    /// <param name="seed">Of the training.</param>
    /// <param name="epoch">From 0; each has its own distortions.</param>
    void DistortTrainingImages(int seed, int epoch);

    /// <summary>
    /// Copies the parameters to where the engine computes, and sets the velocity to 0. The engine keeps no reference to them.
    /// </summary>
    void SetParameters(NetworkParameters parameters);

    /// <summary>Returns a copy of the parameters after the last finished step.</summary>
    NetworkParameters GetParameters();

    /// <summary>Sets the velocity, which has the shape of the parameters; see <see cref="EpochRates"/>. Call SetParameters first.</summary>
    /// <exception cref="ArgumentException">Its number of hidden units differs from that of the parameters.</exception>
    void SetVelocity(NetworkParameters velocity);

    /// <summary>Returns a copy of the velocity after the last finished epoch.</summary>
    NetworkParameters GetVelocity();

    /// <summary>
    /// Trains on each image of <paramref name="order"/> once, in that order, batch after batch; the last batch may be
    /// smaller. A gradient is the sum (not the mean) of its batch's gradients.
    /// </summary>
    /// <param name="order">Indices of training images. They must not change until the call returns.</param>
    /// <param name="batchSize">Images per step, at least 1.</param>
    /// <param name="rates">The learning rate of each step, and momentum.</param>
    /// <param name="progress">Receives reports from time to time, on the calling thread; may be null.</param>
    /// <param name="cancellationToken">Checked often enough to stop well within a second.</param>
    /// <exception cref="ArgumentException">
    /// The order is empty or contains an index out of range, or there are fewer learning rates than steps.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is below 1.</exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled within the epoch; the parameters are then those after some step of it, and the velocity is undefined.
    /// </exception>
    EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order,
        int batchSize,
        EpochRates rates,
        IProgress<EpochProgress>? progress,
        CancellationToken cancellationToken);

    /// <summary>The network's outputs for some images.</summary>
    /// <param name="pixels">count × 784 bytes.</param>
    /// <param name="cancellationToken">Checked every few images.</param>
    /// <returns>count × 10 activations, each 0 to 1; the largest marks the digit.</returns>
    /// <exception cref="ArgumentException">The length is not a multiple of 784.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default);
}

/// <summary>What an epoch measured on its training images, each before the step that used it.</summary>
/// <param name="MeanLoss">Mean over the images of ½ Σ (output − target)².</param>
/// <param name="Hits">Images whose largest output was the right digit.</param>
public readonly record struct EpochStatistics(double MeanLoss, int Hits);

/// <summary>The progress of an epoch.</summary>
/// <param name="Images">
/// Images trained on so far in this epoch; on an accelerator, which may lag behind, images queued for training.
/// </param>
/// <param name="MeanLoss">Their mean loss; null if the engine reads it back only at the end of the epoch.</param>
public readonly record struct EpochProgress(int Images, double? MeanLoss);
