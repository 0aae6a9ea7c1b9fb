using ILGPU;

namespace MnistGpu.Gpu;

/// <summary>The training images in the accelerator's memory.</summary>
/// <param name="Pixels">count × 784 bytes.</param>
/// <param name="Labels">The digit of each image.</param>
internal sealed record DeviceImages(ArrayView<byte> Pixels, ArrayView<byte> Labels);

/// <summary>What one launch of a step leaves for the next, and what an epoch is to be judged by.</summary>
/// <param name="Hidden">Activations of the hidden layer, B×H, with the H of <see cref="DeviceNetwork.Units"/>.</param>
/// <param name="HiddenDelta">B×H.</param>
/// <param name="OutputDelta">B×10.</param>
/// <param name="Losses">The loss of each image of the epoch, in the epoch's order.</param>
/// <param name="Hits">One number: the epoch's images that were classified rightly.</param>
internal sealed record DeviceActivations(
    ArrayView<float> Hidden, ArrayView<float> HiddenDelta, ArrayView<float> OutputDelta,
    ArrayView<float> Losses, ArrayView<int> Hits);

/// <summary>The images of a step.</summary>
/// <param name="Order">The order of the images in the epoch.</param>
/// <param name="Start">Where in the order the step's images begin.</param>
/// <param name="Images">How many they are.</param>
internal readonly record struct DeviceBatch(ArrayView<int> Order, int Start, int Images);
