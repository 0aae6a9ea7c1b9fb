using MnistGpu.Core.Network;

namespace MnistGpu.Core.Tests.Network;

public class GlorotInitializerTests
{
    [Fact]
    public void WeightsHaveGlorotsStandardDeviationAndMeanZero()
    {
        NetworkParameters parameters = GlorotInitializer.Draw(hidden: 100, seed: 1);

        double expected = Math.Sqrt(2.0 / (784 + 100));
        double mean = parameters.W1.Average(w => (double)w);
        double standardDeviation = Math.Sqrt(parameters.W1.Average(w => (w - mean) * (w - mean)));
        // 78,400 draws: the mean's own deviation is σ/280 and the standard deviation's σ/396; five of each.
        Assert.InRange(mean, -expected / 56, expected / 56);
        Assert.InRange(standardDeviation, expected * (1 - 5.0 / 396), expected * (1 + 5.0 / 396));
    }

    [Fact]
    public void OutputsStartAtATenthOrAsAsked()
    {
        NetworkParameters parameters = GlorotInitializer.Draw(hidden: 7, seed: 1);

        Assert.All(parameters.B1, b => Assert.Equal(0, b));
        for (int k = 0; k < 10; k++)
        {
            double z = parameters.B2[k] + Enumerable.Range(0, 7).Sum(j => 0.5 * parameters.W2[10 * j + k]);
            Assert.Equal(0.1, 1 / (1 + Math.Exp(-z)), 1e-7);
        }
        Assert.All(GlorotInitializer.Draw(hidden: 7, seed: 1, outputBias: 0).B2, b => Assert.Equal(0, b));
    }

    [Fact]
    public void TheSeedDecidesEveryWeight()
    {
        Assert.Equal(GlorotInitializer.Draw(20, 3).W1, GlorotInitializer.Draw(20, 3).W1);
        Assert.NotEqual(GlorotInitializer.Draw(20, 3).W1, GlorotInitializer.Draw(20, 4).W1);
    }
}
