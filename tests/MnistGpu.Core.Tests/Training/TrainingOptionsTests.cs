using MnistGpu.Core.Data;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

public class TrainingOptionsTests
{
    private const double Mnist = 35.1;
    private const double Fashion = 93.6;

    // Worked out by hand from the bounds in docs/step.md: which of them is the lowest stands beside each.
    [Theory]
    [InlineData(100, 64, 60_000, Mnist, 0.5, 0.5, 0)] // the highest; the same
    [InlineData(100, 64, 10_000, Mnist, 0.1414214, 0.05, 0.9)] // noise; noise
    [InlineData(100, 1_024, 60_000, Mnist, 0.1414214, 0.0013079, 0.9)] // noise; curvature
    [InlineData(400, 64, 60_000, Mnist, 0.2, 0.025, 0.9)] // noise; noise
    [InlineData(100, 100_000, 60_000, Mnist, 0.0004813, 0.00001267, 0.9)] // curvature; curvature
    [InlineData(1_024, 1_000, 60_000, Mnist, 0.1856687, 0.00009606, 0.9)] // curvature; curvature
    [InlineData(100, 64, 60_000, Fashion, 0.3373300, 0.1192642, 0)] // noise; noise
    [InlineData(1_000, 256, 6_000, Fashion, 0.0232991, 0.00005097, 0.9)] // shock; curvature
    [InlineData(512, 16, 1_000, Mnist, 0.2262742, 0.0022978, 0.9)] // noise; curvature, as with 64 images
    public void RatesAndMomentumSuitTheSizesAndTheImages(
        int hidden, int batchSize, int images, double meanImageSquared, double rate, double outputRate, double momentum)
    {
        TrainingOptions options =
            DefaultRates.FillIn(new TrainingOptions { BatchSize = batchSize }, hidden, images, meanImageSquared);

        Assert.Equal(rate, options.LearningRate!.Value, 1e-3 * rate);
        Assert.Equal(outputRate, options.OutputLearningRate!.Value, 1e-3 * outputRate);
        Assert.Equal(momentum, options.Momentum);
    }

    [Theory]
    [InlineData(100, 0.3, 0.3, 0)]
    [InlineData(1000, 0.04, 0.0158114, 0.9)]
    public void DistortedImagesTakeLowerRates(int hidden, double rate, double outputRate, double momentum)
    {
        TrainingOptions options =
            DefaultRates.FillIn(new TrainingOptions { Augment = true, Epochs = 60 }, hidden, images: 60_000, Mnist);

        Assert.Equal(rate, options.LearningRate!.Value, 1e-6);
        Assert.Equal(outputRate, options.OutputLearningRate!.Value, 1e-6);
        Assert.Equal(momentum, options.Momentum);
    }

    [Theory]
    [InlineData(100, 1, 0.1, 0.1)]
    [InlineData(100, 64, 0.1, 0.00625)]
    [InlineData(320, 100, 0.1, 0.00125)]
    public void AConstantScheduleIsPlainDescent(int hidden, int batchSize, double rate, double outputRate)
    {
        TrainingOptions options = DefaultRates.FillIn(
            new TrainingOptions { Schedule = LearningRateSchedule.Constant, BatchSize = batchSize }, hidden, images: 60_000, Mnist);

        Assert.Equal((rate, 0), (options.LearningRate, options.Momentum));
        Assert.Equal(outputRate, options.OutputLearningRate!.Value, 1e-9);
    }

    [Fact]
    public void AGivenRateIsTheHiddenLayersAndTheOutputLayersIsAtMostThat()
    {
        TrainingOptions given = new() { LearningRate = 0.3 };

        TrainingOptions small = DefaultRates.FillIn(given, hidden: 100, images: 60_000, Mnist);
        TrainingOptions large = DefaultRates.FillIn(given, hidden: 1_000, images: 60_000, Mnist);

        Assert.Equal((0.3, 0.3, 0), (small.LearningRate, small.OutputLearningRate, small.Momentum));
        Assert.Equal((0.3, 0), (large.LearningRate, large.Momentum));
        Assert.Equal(0.5 * Math.Sqrt(0.1), large.OutputLearningRate!.Value, 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-9)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void EverySizeAndWarmupGetsRatesThatAreAllowed(double warmup)
    {
        foreach (int hidden in (int[])[1, 30, 100, 2_048, 100_000])
            foreach (int batchSize in (int[])[1, 64, 60_000, int.MaxValue])
                foreach (int images in (int[])[1, 1_000, 60_000])
                    foreach (double meanImageSquared in (double[])[0, 35, 94, 784])
                        foreach (LearningRateSchedule schedule in Enum.GetValues<LearningRateSchedule>())
                        {
                            TrainingOptions options = DefaultRates.FillIn(
                                new TrainingOptions { BatchSize = batchSize, Warmup = warmup, Schedule = schedule, Epochs = 1_000 },
                                hidden, images, meanImageSquared);
                            options.Validate();
                            Assert.True(options.OutputLearningRate <= options.LearningRate);
                        }
    }

    [Fact]
    public void WhatIsGivenStays()
    {
        var given = new TrainingOptions { LearningRate = 0.3, OutputLearningRate = 0.2, Momentum = 0.5 };

        Assert.Equal(given, DefaultRates.FillIn(given, hidden: 1_000, images: 60_000, Mnist));
        Assert.Equal(0.4, DefaultRates.FillIn(new() { Momentum = 0.4 }, 1_000, 60_000, Mnist).Momentum);
        Assert.Equal(0.4, DefaultRates.FillIn(new() { OutputLearningRate = 0.4 }, 1_000, 60_000, Mnist).OutputLearningRate);
    }

    [Fact]
    public void TheMeanImageIsThatOfTheImages()
    {
        // White images and black ones in turn, more than fit 16 bits; the last pixel is always white.
        byte[] pixels = new byte[600 * ImageSet.PixelsPerImage];
        for (int i = 0; i < 600; i++)
        {
            pixels.AsSpan(i * ImageSet.PixelsPerImage, ImageSet.PixelsPerImage).Fill((byte)(i % 2 * 255));
            pixels[(i + 1) * ImageSet.PixelsPerImage - 1] = 255;
        }

        Assert.Equal(783 / 4.0 + 1, new ImageSet(pixels, new byte[600]).MeanImageSquared, 1e-9);
        Assert.Equal(0, new ImageSet([], []).MeanImageSquared);
    }
}
