namespace MnistGpu.Core.Training;

/// <summary>
/// How an epoch moves the parameters: gradient descent with a rate for each layer, and momentum. A step moves a parameter w by
/// <code>
///   s = v − η·gradient     w += s     v = µ·s
/// </code>
/// where the velocity v is carried over from earlier steps, and 0 at first; without momentum (µ = 0) only −η·gradient is left.
/// (B. Polyak: Some methods of speeding up the convergence of iteration methods, 1964.)
/// </summary>
/// <param name="LearningRates">
/// η of the hidden layer (W1, b1), for summed gradients, for each step: ceil(images / batch size) of them.
/// </param>
/// <param name="OutputRatio">η of the output layer (W2, b2) divided by that of the hidden layer; above 0.</param>
/// <param name="Momentum">µ: the fraction of each step carried into the next, from 0 to below 1.</param>
public readonly record struct EpochRates(ReadOnlyMemory<float> LearningRates, float OutputRatio = 1, float Momentum = 0)
{
    /// <summary>Plain gradient descent with one rate for both layers.</summary>
    public static implicit operator EpochRates(float[] learningRates) => new(learningRates);
}
