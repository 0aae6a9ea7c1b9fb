using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>
/// What an engine is given, checked in one place, so that every engine answers alike. Only then may kernels and pointers
/// use it: an index outside of the images would read memory that is not theirs, which a GPU does not notice.
/// </summary>
internal static class EngineContract
{
    /// <summary>What <see cref="ITrainingEngine.TrainEpoch"/> is given.</summary>
    /// <param name="images">How many training images the engine has; null before they are loaded.</param>
    public static void CheckEpoch(int? images, ReadOnlySpan<int> order, int batchSize, Descent descent)
    {
        if (images is not int count)
            throw new InvalidOperationException("LoadTrainingImages comes first.");
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (order.IsEmpty)
            throw new ArgumentException("An epoch needs at least one image.", nameof(order));
        if (order.IndexOfAnyExceptInRange(0, count - 1) is >= 0 and int bad)
            throw new ArgumentException($"order[{bad}] is {order[bad]}; there are {count} images.", nameof(order));
        int steps = (order.Length - 1) / batchSize + 1;
        if (descent.LearningRates.Length < steps)
            throw new ArgumentException(
                $"{steps} steps need as many learning rates, not {descent.LearningRates.Length}.", nameof(descent));
    }

    /// <summary>What <see cref="ITrainingEngine.SetVelocity"/> is given.</summary>
    /// <param name="hidden">Hidden units of the engine's network.</param>
    public static void CheckVelocity(NetworkParameters velocity, int hidden)
    {
        if (velocity.Hidden != hidden)
            throw new ArgumentException(
                $"The velocity is that of {velocity.Hidden} hidden units; the network has {hidden}.", nameof(velocity));
    }

    /// <summary>What <see cref="ITrainingEngine.Predict"/> is given.</summary>
    /// <returns>How many images they are.</returns>
    public static int CountImages(ReadOnlyMemory<byte> pixels) =>
        pixels.Length % ImageSet.PixelsPerImage == 0
            ? pixels.Length / ImageSet.PixelsPerImage
            : throw new ArgumentException(
                $"{pixels.Length} bytes are not whole images of {ImageSet.PixelsPerImage}.", nameof(pixels));
}
