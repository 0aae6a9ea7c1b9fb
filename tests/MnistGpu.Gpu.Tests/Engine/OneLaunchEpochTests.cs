using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>An epoch in one launch on the first CUDA device, and what happens where that cannot be.</summary>
public class OneLaunchEpochTests
{
    private static readonly ImageSet s_images = GeneratedDigits.Draw(seed: 7, train: 150, test: 0).Train;

    [SkippableTheory]
    [InlineData(1, 5, 100)]
    [InlineData(7, 5, 50)]
    [InlineData(33, 100, 150)]
    [InlineData(64, 133, 150)]
    public void EveryWayGivesTheReferencesWeightsWithinRounding(int batchSize, int hidden, int images)
    {
        var verifier = new TrainingVerifier(hidden, batchSize, images);
        using (AcceleratorEngine three = Open(oneLaunch: false))
            Assert.All(verifier.Run(three), row => Assert.True(row.Ok, $"three launches, {row}"));
        foreach (bool onTensorCores in (bool[])[false, true])
        {
            using AcceleratorEngine engine = Open(oneLaunch: true);
            if (onTensorCores && !TensorCores.CanRun(engine.Accelerator))
                continue;
            using var oneLaunch = new OneLaunchEpoch(engine.Accelerator, engine.Queue, onTensorCores: onTensorCores);
            Array.Fill(engine.Launchers, oneLaunch);
            Assert.All(verifier.Run(engine), row => Assert.True(row.Ok, $"on tensor cores: {onTensorCores}, {row}"));
        }
    }

    [SkippableFact]
    public void LossAndHitsAreThoseOfThreeLaunches()
    {
        using AcceleratorEngine one = OpenLoaded(oneLaunch: true);
        using AcceleratorEngine three = OpenLoaded(oneLaunch: false);

        EpochStatistics computed = Train(one);
        EpochStatistics expected = Train(three);

        // An output is off by less than 1e-5, and the loss has a slope of at most 1 in each of ten.
        Assert.Equal(expected.MeanLoss, computed.MeanLoss, 1e-4);
        Assert.Equal(expected.Hits, computed.Hits);
        Assert.InRange(computed.Hits, 1, s_images.Count - 1);
    }

    [SkippableFact]
    public void ImagesWithoutALitPixelMoveTheBiasesAlone()
    {
        NetworkParameters start = GlorotInitializer.Draw(33, seed: 1);
        using AcceleratorEngine engine = Open(oneLaunch: true);
        engine.LoadTrainingImages(new ImageSet(new byte[8 * 784], [0, 1, 2, 3, 4, 5, 6, 7]));
        engine.SetParameters(start);

        engine.TrainEpoch(Enumerable.Range(0, 8).ToArray(), 8, new EpochRates(new float[] { 0.1f }, 1, 0), null, default);

        NetworkParameters trained = engine.GetParameters();
        Assert.Equal(start.W1, trained.W1);
        Assert.All(trained.B1.ToArray(), b => Assert.InRange(b, -1, 1));
        Assert.NotEqual(start.B1, trained.B1);
    }

    [SkippableFact]
    public void AnEpochIsOneLaunchOnceItIsKnownToBeShortAndSaysSo()
    {
        using AcceleratorEngine engine = OpenLoaded(oneLaunch: true);
        var said = new List<string>();
        engine.Explain = said.Add;
        Train(engine);
        int before = engine.Queue.Launches;

        Train(engine);

        Assert.Equal(before + 1, engine.Queue.Launches);
        Assert.StartsWith("cuda:0: an epoch is one launch", Assert.Single(said));
    }

    [SkippableFact]
    public void MoreGroupsThanMultiprocessorsOrLargerBatchesTakeThreeLaunchesAndSayWhy()
    {
        using AcceleratorEngine engine = Open(oneLaunch: true);
        var said = new List<string>();
        engine.Explain = said.Add;
        engine.LoadTrainingImages(s_images);
        int most = 4 * engine.Accelerator.NumMultiprocessors;
        foreach ((int batchSize, int hidden) in new[] { (8, most), (65, most), (8, most + 1) })
        {
            engine.SetParameters(GlorotInitializer.Draw(hidden, seed: 1));
            Train(engine, batchSize, images: 65);
        }

        Assert.Collection(said,
            first => Assert.Contains("an epoch is one launch", first),
            second => Assert.Contains("batches of up to 64 images", second),
            third => Assert.Contains($"would need {most / 4 + 1} groups", third));
    }

    /// <summary>The first launch has 64 steps and succeeds; its work is undone when the second one fails.</summary>
    [SkippableFact]
    public void GroupsThatDoNotMeetGiveUpAndTheEpochIsTrainedInThreeLaunches()
    {
        const float Momentum = 0.5f;
        using AcceleratorEngine engine = OpenLoaded(oneLaunch: true);
        using AcceleratorEngine three = OpenLoaded(oneLaunch: false);
        var said = new List<string>();
        engine.Warn = said.Add;
        engine.Explain = said.Add;
        var neverWait = new Observer(() => ((OneLaunchEpoch)engine.Launchers[0]).MaxSpins = -1);

        EpochStatistics computed = Train(engine, batchSize: 2, momentum: Momentum, progress: neverWait);

        Assert.Equal(Train(three, batchSize: 2, momentum: Momentum), computed);
        Assert.Equal(three.GetParameters().W1, engine.GetParameters().W1);
        Assert.Equal(three.GetVelocity().W1, engine.GetVelocity().W1);
        Assert.Collection(said,
            first => Assert.Contains("an epoch is one launch", first),
            second => Assert.Contains("did not meet; epochs take more launches from now on", second),
            third => Assert.Contains("a step is three launches: the groups of a launch did not meet", third));
        int launches = engine.Queue.Launches;
        Train(engine);
        Assert.Equal(launches + 3 * 19, engine.Queue.Launches);
    }

    [SkippableFact]
    public void TwoTrainingsGiveTheSameWeightsBitForBit()
    {
        using AcceleratorEngine first = OpenLoaded(oneLaunch: true);
        using AcceleratorEngine second = OpenLoaded(oneLaunch: true);

        Assert.Equal(Train(first), Train(second));
        Assert.Equal(first.GetParameters().W1, second.GetParameters().W1);
        Assert.Equal(first.GetParameters().W2, second.GetParameters().W2);
    }

    private static EpochStatistics Train(
        AcceleratorEngine engine, int batchSize = 8, float momentum = 0, int images = 150, IProgress<EpochProgress>? progress = null) =>
        engine.TrainEpoch(
            Enumerable.Range(0, images).Reverse().ToArray(), batchSize,
            new EpochRates(Enumerable.Repeat(0.1f, (images - 1) / batchSize + 1).ToArray(), 1, momentum), progress, default);

    private static AcceleratorEngine OpenLoaded(bool oneLaunch)
    {
        AcceleratorEngine engine = Open(oneLaunch);
        engine.LoadTrainingImages(s_images);
        engine.SetParameters(GlorotInitializer.Draw(33, seed: 1));
        return engine;
    }

    private static AcceleratorEngine Open(bool oneLaunch)
    {
        GpuDevice.Require("cuda");
        AcceleratorEngine engine = AcceleratorEngine.Open("cuda:0");
        if (!oneLaunch)
            engine.Launchers[0] = engine.Launchers[1];
        return engine;
    }

    private sealed class Observer(Action notify) : IProgress<EpochProgress>
    {
        public void Report(EpochProgress value) => notify();
    }
}
