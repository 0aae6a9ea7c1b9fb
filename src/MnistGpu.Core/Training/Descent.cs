namespace MnistGpu.Core.Training;

/// <summary>
/// How an epoch goes downhill: gradient descent with a rate for each layer, and momentum. A step moves a parameter w by
/// <code>
///   s = v − η·gradient     w += s     v = µ·s
/// </code>
/// where the velocity v is what earlier steps leave, 0 at first; without momentum (µ = 0) only −η·gradient is left.
/// (B. Polyak: Some methods of speeding up the convergence of iteration methods, 1964.)
/// </summary>
/// <param name="LearningRates">
/// η of the hidden layer (W1, b1), per summed gradient, for each step: ceil(images / batch size) of them.
/// </param>
/// <param name="OutputRatio">η of the output layer (W2, b2) is so many times that of the hidden layer; above 0.</param>
/// <param name="Momentum">µ: what is left of a step in the next one, from 0 to below 1.</param>
public readonly record struct Descent(ReadOnlyMemory<float> LearningRates, float OutputRatio = 1, float Momentum = 0)
{
    /// <summary>Plain gradient descent with one rate for both layers.</summary>
    public static implicit operator Descent(float[] learningRates) => new(learningRates);
}
