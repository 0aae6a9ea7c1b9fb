namespace MnistGpu.Core.Network;

/// <summary>
/// Glorot's normal initialisation: weights of a layer are drawn from a normal distribution of mean 0 and standard
/// deviation sqrt(2 / (fan_in + fan_out)), so that neither activations nor gradients shrink or grow from layer to layer
/// at the start. The hidden layer's biases are 0. (X. Glorot, Y. Bengio: Understanding the difficulty of training deep
/// feedforward neural networks, AISTATS 2010.)
/// </summary>
public static class GlorotInitializer
{
    /// <summary>Draws the parameters of a 784-H-10 network; the same seed gives the same numbers on every machine.</summary>
    /// <param name="hidden">Hidden units H, 1 to <see cref="NetworkParameters.MaxHidden"/>.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <param name="outputBias">
    /// Initial bias of the outputs. Null makes each output start at a tenth, because each digit is a tenth of the data: σ(−ln 9)
    /// is 0.1, and what hidden units of about ½ contribute is subtracted. With biases of 0 the outputs would start near ½, and
    /// the first steps would pull them all down: a large step then drives some so far that their gradient is 0, and these
    /// digits are never predicted again.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="hidden"/> is out of range.</exception>
    public static NetworkParameters Draw(int hidden, int seed, float? outputBias = null)
    {
        var parameters = new NetworkParameters(hidden);
        var random = new Random(seed);
        FillLayer(parameters.W1, NetworkParameters.Inputs, hidden, random);
        FillLayer(parameters.W2, hidden, NetworkParameters.Outputs, random);
        for (int k = 0; k < NetworkParameters.Outputs; k++)
        {
            double fromHidden = 0;
            for (int j = 0; j < hidden; j++)
                fromHidden += 0.5 * parameters.W2[j * NetworkParameters.Outputs + k];
            parameters.B2[k] = outputBias ?? (float)(-Math.Log(9) - fromHidden);
        }
        return parameters;
    }

    private static void FillLayer(float[] weights, int fanIn, int fanOut, Random random)
    {
        double standardDeviation = Math.Sqrt(2.0 / (fanIn + fanOut));
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (float)(standardDeviation * NextNormal(random));
    }

    /// <summary>A standard normal number from two uniform ones (G. Box, M. Muller, 1958).</summary>
    private static double NextNormal(Random random)
    {
        double radius = Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble()));
        return radius * Math.Cos(2.0 * Math.PI * random.NextDouble());
    }
}
