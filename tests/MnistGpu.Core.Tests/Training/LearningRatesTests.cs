using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

public class LearningRatesTests
{
    [Fact]
    public void OneCycleRisesToThePeakAndFallsToZero()
    {
        var options = new TrainingOptions { Epochs = 2, LearningRate = 0.8, Warmup = 0.25 };
        float[] rates = [.. LearningRates.OfEpoch(options, 0, 10), .. LearningRates.OfEpoch(options, 1, 10)];

        // 20 steps, each at its middle: (step + ½) / 20 of the way, the peak at a quarter of it.
        Assert.Equal(0.8 * (0.5 / 20) / 0.25, rates[0], 1e-6);
        Assert.Equal(0.8 * (4.5 / 20) / 0.25, rates[4], 1e-6);
        Assert.Equal(0.8 * (1 - 5.5 / 20) / 0.75, rates[5], 1e-6);
        Assert.Equal(0.8 * (1 - 19.5 / 20) / 0.75, rates[19], 1e-6);
        Assert.Equal(0.4, rates.Average(), 1e-6);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void AWarmupOfNothingOrOfEverythingIsARampOneWay(double warmup)
    {
        var options = new TrainingOptions { Epochs = 1, LearningRate = 1, Warmup = warmup };
        float[] rates = LearningRates.OfEpoch(options, 0, 4);

        float[] rising = [0.125f, 0.375f, 0.625f, 0.875f];
        Assert.Equal(warmup == 1 ? rising : rising.Reverse(), rates);
    }

    [Fact]
    public void ConstantIsConstant()
    {
        var options = new TrainingOptions { Schedule = LearningRateSchedule.Constant, LearningRate = 0.1 };

        Assert.All(LearningRates.OfEpoch(options, 1, 5), rate => Assert.Equal(0.1f, rate));
    }
}
