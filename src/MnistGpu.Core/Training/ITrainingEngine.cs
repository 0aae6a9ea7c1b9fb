using MnistGpu.Core.Augmentation;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>
/// What computes: forward pass, backpropagation and the gradient step. The <see cref="Trainer"/> owns everything else
/// (initialisation, shuffling, the schedule, evaluation), so every engine starts from the same numbers and sees the same
/// images in the same order.
/// </summary>
/// <remarks>
/// The order of calls: <see cref="LoadTrainingImages"/> once and <see cref="SetParameters"/>, then any number of
/// <see cref="TrainEpoch"/>, <see cref="Predict"/> and <see cref="GetParameters"/>. Prediction alone needs no training
/// images. An engine is used by one thread at a time. Out of this order every call throws
/// <see cref="InvalidOperationException"/>, and after <see cref="IDisposable.Dispose"/>, which frees the memory and ends the
/// threads, <see cref="ObjectDisposedException"/>.
/// </remarks>
public interface ITrainingEngine : IDisposable
{
    /// <summary>The engine's short name, as in <c>metrics.json</c>: "reference", "cpu", "accelerator".</summary>
    string Name { get; }

    /// <summary>What it runs on, in words that a person reads: "1 thread, scalar".</summary>
    string Description { get; }

    /// <summary>Gives the engine the images to train on; it may copy or index them where it computes.</summary>
    void LoadTrainingImages(ImageSet images);

    /// <summary>
    /// Has the epochs that follow train on distortions of the images that were loaded: <see cref="Distortion"/>.
    /// </summary>
    /// <param name="seed">Of the training.</param>
    /// <param name="epoch">From 0; each has its own distortions.</param>
    void DistortTrainingImages(int seed, int epoch);

    /// <summary>
    /// Copies the parameters to where the engine computes. The engine keeps no reference to them. The velocity is 0 then.
    /// </summary>
    void SetParameters(NetworkParameters parameters);

    /// <summary>Copies the parameters back, as they are after the last finished step.</summary>
    NetworkParameters GetParameters();

    /// <summary>Sets the velocity, in the shape of the parameters, which have been set before; see <see cref="Descent"/>.</summary>
    /// <exception cref="ArgumentException">It has another number of hidden units than the parameters.</exception>
    void SetVelocity(NetworkParameters velocity);

    /// <summary>Copies the velocity back, as it is after the last finished epoch.</summary>
    NetworkParameters GetVelocity();

    /// <summary>
    /// Trains on each image of <paramref name="order"/> once, in that order, batch after batch; the last batch may be
    /// smaller. A gradient is the sum (not the mean) of its batch's gradients.
    /// </summary>
    /// <param name="order">Indices of training images. They must not change until the call returns.</param>
    /// <param name="batchSize">Images a step, at least 1.</param>
    /// <param name="descent">The learning rate of each step, and momentum.</param>
    /// <param name="progress">Told now and then how far the epoch is, on the thread that called; may be null.</param>
    /// <param name="cancellationToken">Looked at often enough to stop well within a second.</param>
    /// <exception cref="ArgumentException">
    /// The order is empty or names an image that there is not, or there are fewer learning rates than steps.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is below 1.</exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled inside the epoch; the parameters are then those of some step of it, and the velocity is undefined.
    /// </exception>
    EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order,
        int batchSize,
        Descent descent,
        IProgress<EpochProgress>? progress,
        CancellationToken cancellationToken);

    /// <summary>The network's outputs for some images.</summary>
    /// <param name="pixels">count × 784 bytes.</param>
    /// <param name="cancellationToken">Looked at every few images.</param>
    /// <returns>count × 10 activations, each 0 to 1; the digit is where the largest is.</returns>
    /// <exception cref="ArgumentException">The bytes are not whole images.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default);
}

/// <summary>What an epoch measured on the images it trained on, each before the step that used it.</summary>
/// <param name="MeanLoss">Mean over the images of ½ Σ (output − target)².</param>
/// <param name="Hits">Images whose largest output was the right digit.</param>
public readonly record struct EpochStatistics(double MeanLoss, int Hits);

/// <summary>How far an epoch is.</summary>
/// <param name="Images">
/// Images trained on so far in this epoch; on an accelerator, which may be behind, images queued to be trained on.
/// </param>
/// <param name="MeanLoss">Their mean loss; null where the engine reads it back at the end of the epoch alone.</param>
public readonly record struct EpochProgress(int Images, double? MeanLoss);
