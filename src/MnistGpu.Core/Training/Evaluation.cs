using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>How well a network's outputs fit the labels of some images.</summary>
public sealed class Evaluation
{
    private const int Outputs = NetworkParameters.Outputs;

    private Evaluation(int images, double meanLoss, int[,] confusion)
    {
        Images = images;
        MeanLoss = meanLoss;
        Confusion = confusion;
        for (int digit = 0; digit < Outputs; digit++)
            Hits += confusion[digit, digit];
    }

    /// <summary>Number of images.</summary>
    public int Images { get; }

    /// <summary>Images whose largest output is the right digit.</summary>
    public int Hits { get; }

    /// <summary>Fraction of hits, 0 to 1; 0 if there are no images.</summary>
    public double Accuracy => Images == 0 ? 0 : (double)Hits / Images;

    /// <summary>Mean over the images of ½ Σ (output − target)²; 0 if there are no images.</summary>
    public double MeanLoss { get; }

    /// <summary>10×10: how many images of a digit (row) were classified as which digit (column).</summary>
    public int[,] Confusion { get; }

    /// <summary>The digits that are predicted for no image, though at least ten images show them: too many to miss all by chance.</summary>
    public IReadOnlyList<int> NeverSaid =>
    [
        .. Enumerable.Range(0, Outputs).Where(digit =>
            Enumerable.Range(0, Outputs).Sum(taken => Confusion[digit, taken]) >= 10
            && Enumerable.Range(0, Outputs).All(shown => Confusion[shown, digit] == 0)),
    ];

    /// <summary>Runs an engine over the images and compares.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Evaluation Of(
        ITrainingEngine engine, ImageSet images, CancellationToken cancellationToken = default) =>
        Of(engine.Predict(images.Pixels, cancellationToken), images.Labels);

    /// <summary>Compares outputs with labels.</summary>
    /// <param name="outputs">count × 10 activations.</param>
    /// <param name="labels">count digits, 0 to 9.</param>
    /// <exception cref="ArgumentException">The counts disagree.</exception>
    public static Evaluation Of(ReadOnlySpan<float> outputs, ReadOnlySpan<byte> labels)
    {
        if (outputs.Length != labels.Length * Outputs)
            throw new ArgumentException($"{labels.Length} labels need {labels.Length * Outputs} outputs, but there are {outputs.Length}.");
        var confusion = new int[Outputs, Outputs];
        double loss = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> output = outputs.Slice(i * Outputs, Outputs);
            for (int k = 0; k < Outputs; k++)
            {
                double error = output[k] - (k == labels[i] ? 1 : 0);
                loss += error * error / 2;
            }
            confusion[labels[i], Digit(output)]++;
        }
        return new Evaluation(labels.Length, labels.Length == 0 ? 0 : loss / labels.Length, confusion);
    }

    /// <summary>The digit that an image's ten outputs stand for: that of the largest, or of the first if several are equal.</summary>
    public static int Digit(ReadOnlySpan<float> output)
    {
        int digit = 0;
        for (int k = 1; k < output.Length; k++)
            if (output[k] > output[digit])
                digit = k;
        return digit;
    }
}
