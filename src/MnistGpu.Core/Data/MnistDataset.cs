namespace MnistGpu.Core.Data;

/// <summary>Images to train on and images, never trained on, to test with.</summary>
/// <param name="Name">What the data is: "MNIST", "generated digits" or the name of the folder it was read from.</param>
/// <param name="Train">The images to train on; 60,000 in MNIST.</param>
/// <param name="Test">The images to test with; 10,000 in MNIST.</param>
public sealed record MnistDataset(string Name, ImageSet Train, ImageSet Test);
