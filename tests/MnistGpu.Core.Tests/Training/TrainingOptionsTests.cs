using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

public class TrainingOptionsTests
{
    [Theory]
    [InlineData(100, 64, 60_000, 0.5, 0.5, 0)]
    [InlineData(100, 64, 10_000, 0.1, 0.0880917, 0.9)]
    [InlineData(100, 1_024, 60_000, 0.1, 0.0020690, 0.9)]
    [InlineData(400, 64, 60_000, 0.2, 0.0311719, 0.9)]
    [InlineData(100, 100_000, 60_000, 0.1, 0.00002, 0.9)]
    public void RatesAndMomentumSuitTheSizes(
        int hidden, int batchSize, int images, double rate, double outputRate, double momentum)
    {
        TrainingOptions options = new TrainingOptions { BatchSize = batchSize }.For(hidden, images);

        Assert.Equal(rate, options.LearningRate!.Value, 1e-6);
        Assert.Equal(outputRate, options.OutputLearningRate!.Value, 1e-6);
        Assert.Equal(momentum, options.Momentum);
    }

    [Theory]
    [InlineData(100, 0.3, 0.3, 0)]
    [InlineData(1000, 0.04, 0.0124687, 0.9)]
    public void DistortedImagesTakeLowerRates(int hidden, double rate, double outputRate, double momentum)
    {
        TrainingOptions options = new TrainingOptions { Augment = true, Epochs = 60 }.For(hidden, 60_000);

        Assert.Equal(rate, options.LearningRate!.Value, 1e-6);
        Assert.Equal(outputRate, options.OutputLearningRate!.Value, 1e-6);
        Assert.Equal(momentum, options.Momentum);
    }

    [Theory]
    [InlineData(100, 1, 0.1)]
    [InlineData(100, 64, 0.02)]
    [InlineData(320, 100, 0.004)]
    public void AConstantScheduleIsPlainDescent(int hidden, int batchSize, double rate)
    {
        TrainingOptions options = new TrainingOptions { Schedule = LearningRateSchedule.Constant, BatchSize = batchSize }
            .For(hidden, images: 60_000);

        Assert.Equal((rate, rate, 0), (options.LearningRate, options.OutputLearningRate, options.Momentum));
    }

    [Fact]
    public void WhoSetsTheRateSetsItForBothLayersAndWithoutMomentum()
    {
        TrainingOptions options = new TrainingOptions { LearningRate = 0.3 }.For(hidden: 1_000, images: 60_000);

        Assert.Equal((0.3, 0.3, 0), (options.LearningRate, options.OutputLearningRate, options.Momentum));
    }

    [Fact]
    public void WhatIsGivenStays()
    {
        var given = new TrainingOptions { LearningRate = 0.3, OutputLearningRate = 0.2, Momentum = 0.5 };

        Assert.Equal(given, given.For(hidden: 1_000, images: 60_000));
        Assert.Equal(0.4, new TrainingOptions { Momentum = 0.4 }.For(1_000, 60_000).Momentum);
        Assert.Equal(0.4, new TrainingOptions { OutputLearningRate = 0.4 }.For(1_000, 60_000).OutputLearningRate);
    }
}
