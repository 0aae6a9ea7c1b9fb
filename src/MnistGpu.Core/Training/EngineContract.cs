using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>
/// Checks of what an engine is given, in one place so that every engine answers alike. Kernels and pointers rely on them: an
/// index outside the images would read other memory, which a GPU does not notice.
/// </summary>
internal static class EngineContract
{
    /// <summary>Checks the arguments of <see cref="ITrainingEngine.TrainEpoch"/>.</summary>
    /// <param name="images">The number of training images; null before they are loaded.</param>
    public static void CheckEpoch(int? images, ReadOnlySpan<int> order, int batchSize, EpochRates rates)
    {
        if (images is not int count)
            throw new InvalidOperationException("Call LoadTrainingImages first.");
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (order.IsEmpty)
            throw new ArgumentException("An epoch needs at least one image.", nameof(order));
        if (order.IndexOfAnyExceptInRange(0, count - 1) is >= 0 and int bad)
            throw new ArgumentException($"order[{bad}] is {order[bad]}, but there are {count} images.", nameof(order));
        int steps = (order.Length - 1) / batchSize + 1;
        if (rates.LearningRates.Length < steps)
            throw new ArgumentException(
                $"{steps} steps need {steps} learning rates, not {rates.LearningRates.Length}.", nameof(rates));
    }

    /// <summary>Checks the argument of <see cref="ITrainingEngine.SetVelocity"/>.</summary>
    /// <param name="hidden">Hidden units of the engine's network.</param>
    public static void CheckVelocity(NetworkParameters velocity, int hidden)
    {
        if (velocity.Hidden != hidden)
            throw new ArgumentException(
                $"The velocity is for {velocity.Hidden} hidden units, but the network has {hidden}.", nameof(velocity));
    }

    /// <summary>Checks the argument of <see cref="ITrainingEngine.Predict"/>.</summary>
    /// <returns>The number of images.</returns>
    public static int CountImages(ReadOnlyMemory<byte> pixels) =>
        pixels.Length % ImageSet.PixelsPerImage == 0
            ? pixels.Length / ImageSet.PixelsPerImage
            : throw new ArgumentException(
                $"{pixels.Length} bytes are not whole images of {ImageSet.PixelsPerImage}.", nameof(pixels));
}
