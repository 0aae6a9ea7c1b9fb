using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Tests.Engine;

public class AcceleratorEngineTests
{
    private static readonly ImageSet s_images = GeneratedDigits.Draw(seed: 7, train: 75, test: 0).Train;

    [Theory]
    [InlineData(1, 33)]
    [InlineData(32, 33)]
    [InlineData(200, 1)]
    public void TheWeightsAreTheReferencesWithinRounding(int batchSize, int units)
    {
        using AcceleratorEngine engine = AcceleratorEngine.Open("ilgpu-cpu");

        VerificationRow[] rows = new TrainingVerifier(units, batchSize, images: 75).Run(engine);

        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));
    }

    /// <summary>In two steps, of which the second has fewer images. Larger shapes are left to KernelTests and to GPUs.</summary>
    [Fact]
    public void WithTunedKernelsTooTheWeightsAreTheReferencesWithinRounding()
    {
        using AcceleratorEngine engine = OpenTuned();

        VerificationRow[] rows = new TrainingVerifier(units: 33, batchSize: 3, images: 5).Run(engine);

        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));
        Assert.Contains("tuned", engine.Description);
    }

    [Fact]
    public void LossAndHitsAreTheReferences()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 20);
        using var reference = new ReferenceEngine();
        reference.LoadTrainingImages(s_images);
        reference.SetParameters(GlorotInitializer.Draw(20, seed: 1));

        EpochStatistics computed = Train(engine, batchSize: 8);
        EpochStatistics expected = Train(reference, batchSize: 8);

        // An output is off by less than 1e-5 (see the verification's bounds), and the loss has a slope of at most 1 in
        // each of ten.
        Assert.Equal(expected.MeanLoss, computed.MeanLoss, 1e-4);
        Assert.Equal(expected.Hits, computed.Hits);
        Assert.InRange(computed.Hits, 1, s_images.Count - 1);
    }

    [Fact]
    public void HitsStartAtZeroInEveryEpoch()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 20);
        NetworkParameters initial = engine.GetParameters();

        int first = Train(engine, batchSize: 8).Hits;
        engine.SetParameters(initial);

        Assert.Equal(first, Train(engine, batchSize: 8).Hits);
    }

    [Fact]
    public void TwoTrainingsGiveTheSameWeightsBitForBit()
    {
        using AcceleratorEngine a = OpenLoaded(units: 33);
        using AcceleratorEngine b = OpenLoaded(units: 33);

        EpochStatistics statisticsOfA = Train(a, batchSize: 32);
        EpochStatistics statisticsOfB = Train(b, batchSize: 32);

        AssertSame(a.GetParameters(), b.GetParameters());
        Assert.Equal(statisticsOfA, statisticsOfB);
    }

    [Fact]
    public void AStepIsThreeLaunchesAndTheHostDoesNotWaitInsideAFastEpoch()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5);
        var launches = new List<int>();
        var waits = new List<int>();
        var progress = new Observer(_ =>
        {
            launches.Add(engine.Queue.Launches);
            waits.Add(engine.Queue.Synchronizations);
        });
        int before = engine.Queue.Launches;

        Train(engine, batchSize: 10, progress);

        Assert.Equal(Enumerable.Range(1, 8).Select(step => before + 3 * step), launches);
        Assert.Single(waits.Distinct());
        // After the last step: losses and hits are read, each once.
        Assert.Equal(waits[0] + 2, engine.Queue.Synchronizations);
    }

    [Fact]
    public void CountersTellWhatAnEpochSentToTheAccelerator()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5);
        DeviceCounters before = engine.Counters;
        // The pixels and labels of 75 images and the lists of lit pixels; the parameters, with units filled up to 8.
        int lit = s_images.Pixels.Count(pixel => pixel != 0);
        Assert.Equal(75 * 785 + 76 * 4 + 4 * lit + sizeof(float) * (785 * 8 + 8 * 10 + 10), before.BytesUploaded);

        Train(engine, batchSize: 8);

        DeviceCounters epoch = engine.Counters - before;
        Assert.Equal(30, epoch.Launches);
        // The order, and the count of hits.
        Assert.Equal(76 * sizeof(int), epoch.BytesUploaded);
        Assert.InRange(epoch.LaunchTime, TimeSpan.FromTicks(1), TimeSpan.MaxValue);
        Assert.Equal(engine.Counters, before + epoch);
    }

    // An epoch of forty steps, waited for first after eight. What a clock shows is the time since the last wait.
    [Theory]
    [InlineData(0.01, new[] { 8, 24 })]
    [InlineData(0.2, new[] { 8, 16, 24, 32 })]
    [InlineData(0.3, new[] { 8, 12, 14, 15, 16, 17 })]
    public void TheHostWaitsMoreRarelyWhereStepsAreFastAndMoreOftenWhereTheyAreSlow(double secondsPerWait, int[] expected)
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5, new FakeClock(secondsPerWait));
        var waits = new List<int>();

        Train(engine, batchSize: 2, new Observer(_ => waits.Add(engine.Queue.Synchronizations)));

        int[] stepsWaitedFor = [.. Enumerable.Range(1, waits.Count - 1).Where(step => waits[step] > waits[step - 1])];
        Assert.Equal(expected, stepsWaitedFor.Take(expected.Length));
        Assert.True(secondsPerWait > 0.1 || stepsWaitedFor.Length == expected.Length);
    }

    [Fact]
    public void TheNextEpochOfTheSameShapeWaitsAsTheLastOneEnded()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5, new FakeClock(0.01));
        Train(engine, batchSize: 2);
        var waits = new List<int>();

        Train(engine, batchSize: 2, new Observer(_ => waits.Add(engine.Queue.Synchronizations)));

        Assert.Equal(32, Enumerable.Range(1, waits.Count - 1).First(step => waits[step] > waits[step - 1]));
    }

    [Fact]
    public void ACancelledEpochWaitsForWhatIsQueued()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5);
        using var cancellation = new CancellationTokenSource();
        int waits = 0;
        var cancelAfterThreeSteps = new Observer(progress =>
        {
            waits = engine.Queue.Synchronizations;
            if (progress.Images == 24)
                cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(
            () => Train(engine, batchSize: 8, cancelAfterThreeSteps, cancellation.Token));

        Assert.Equal(waits + 1, engine.Queue.Synchronizations);
    }

    [Fact]
    public void ProgressCountsImagesAndLeavesTheLossOpen()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5);
        var reports = new List<EpochProgress>();

        Train(engine, batchSize: 32, new Observer(reports.Add));

        Assert.Equal([new EpochProgress(32, null), new EpochProgress(64, null), new EpochProgress(75, null)], reports);
    }

    [Fact]
    public void ACancelledEpochLeavesTheParametersOfAStep()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5);
        using AcceleratorEngine twoSteps = OpenLoaded(units: 5);
        using var cancellation = new CancellationTokenSource();
        var cancelAfterTwoSteps = new Observer(progress =>
        {
            if (progress.Images == 16)
                cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(
            () => Train(engine, batchSize: 8, cancelAfterTwoSteps, cancellation.Token));
        twoSteps.TrainEpoch(Order()[..16], 8, Rates(2), null, CancellationToken.None);

        AssertSame(twoSteps.GetParameters(), engine.GetParameters());
    }

    [Theory]
    [InlineData(1 << 24)]
    [InlineData(150)]
    [InlineData(1)]
    public void PredictionsAreTheReferencesInChunksOfAnySize(int predictionActivations)
    {
        using Context context = Context.Create(builder => builder.CPU().EnableAlgorithms());
        using var engine = new AcceleratorEngine(context, context.GetDevice<CPUDevice>(0), "ilgpu-cpu", "test")
        {
            PredictionActivations = predictionActivations,
        };
        using var reference = new ReferenceEngine();
        engine.SetParameters(GlorotInitializer.Draw(33, seed: 3));
        reference.SetParameters(GlorotInitializer.Draw(33, seed: 3));
        byte[] pixels = s_images.Take(11).Pixels;

        float[] computed = engine.Predict(pixels);
        float[] expected = reference.Predict(pixels);

        // 784 terms of at most 1·|w|, where |w| < 0.3, and σ is nowhere steeper than ¼; then the same for 33 terms
        // below 1.
        double bound = Rounding.Gamma(786) * 784 * 0.3 / 4 * 33 * 0.9 / 4 + Rounding.Gamma(34) * 33 + 1e-6;
        Assert.Equal(expected.Length, computed.Length);
        Assert.All(expected.Zip(computed), pair => Assert.Equal(pair.First, pair.Second, bound));
    }

    /// <summary>A group of the output layer has four images; here the last one has two, or one each.</summary>
    [Fact]
    public void OutputsDoNotDependOnTheImagesInTheSameGroup()
    {
        using AcceleratorEngine together = OpenTuned();
        using AcceleratorEngine oneByOne = OpenTuned(predictionActivations: 1);
        together.SetParameters(GlorotInitializer.Draw(20, seed: 3));
        oneByOne.SetParameters(GlorotInitializer.Draw(20, seed: 3));
        byte[] pixels = s_images.Take(6).Pixels;

        Assert.Equal(oneByOne.Predict(pixels), together.Predict(pixels));
    }

    [Fact]
    public void PredictingNothingGivesNothing()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5);

        Assert.Empty(engine.Predict(Array.Empty<byte>()));
    }

    [Fact]
    public void ParametersComeBackAsTheyWereSetAndTheNumberOfHiddenUnitsMayChange()
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5);
        Train(engine, batchSize: 8);
        NetworkParameters other = GlorotInitializer.Draw(12, seed: 2);

        engine.SetParameters(other);

        AssertSame(other, engine.GetParameters());
        Train(engine, batchSize: 8);
        Assert.True(engine.GetParameters().IsFinite);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(75)]
    public void AnIndexThatIsNotAnImagesIsRefused(int index)
    {
        using AcceleratorEngine engine = OpenLoaded(units: 5);

        var exception = Assert.Throws<ArgumentException>(
            () => engine.TrainEpoch(new[] { 0, index }, 2, Rates(1), null, CancellationToken.None));

        Assert.Contains($"order[1] is {index}", exception.Message);
    }

    [Fact]
    public void ImagesAndParametersComeFirst()
    {
        using AcceleratorEngine engine = AcceleratorEngine.Open("ilgpu-cpu");

        Assert.Throws<InvalidOperationException>(() => Train(engine, batchSize: 8));
        Assert.Throws<InvalidOperationException>(() => engine.GetParameters());
    }

    [Fact]
    public void AfterDisposeEveryCallIsRefusedAndDisposeMayBeRepeated()
    {
        AcceleratorEngine engine = OpenLoaded(units: 5);

        engine.Dispose();
        engine.Dispose();

        Assert.Throws<ObjectDisposedException>(() => engine.SetParameters(new NetworkParameters(5)));
        Assert.Throws<ObjectDisposedException>(() => engine.GetParameters());
        Assert.Throws<ObjectDisposedException>(() => engine.LoadTrainingImages(s_images));
        Assert.Throws<ObjectDisposedException>(() => engine.Predict(Array.Empty<byte>()));
        Assert.Throws<ObjectDisposedException>(() => Train(engine, batchSize: 8));
    }

    [Fact]
    public void ADriverThatFailsToFreeABufferDoesNotKeepTheRestFromBeingFreed()
    {
        Context context = Context.Create(builder => builder.CPU().EnableAlgorithms());
        var engine = new AcceleratorEngine(context, context.GetDevice<CPUDevice>(0), "ilgpu-cpu", "test");
        var buffer = new FailingBuffer();
        engine.EpochMemory.Buffers.Add(buffer);

        engine.Dispose();

        Assert.Equal(1, buffer.Disposals);
        Assert.True(engine.Accelerator.IsDisposed);
        Assert.True(context.IsDisposed);
    }

    [Fact]
    public void AnEngineThatCannotBeMadeDisposesTheContextThatItWasGiven()
    {
        Context context = Context.Create(builder => builder.CPU().EnableAlgorithms());

        Assert.ThrowsAny<Exception>(() => new AcceleratorEngine(context, device: null!, "none", "test"));

        Assert.True(context.IsDisposed);
    }

    private static AcceleratorEngine OpenLoaded(int units, TimeProvider? clock = null)
    {
        Context context = Context.Create(builder => builder.CPU().EnableAlgorithms());
        var engine = new AcceleratorEngine(context, context.GetDevice<CPUDevice>(0), "ilgpu-cpu", "test", clock: clock);
        engine.LoadTrainingImages(s_images);
        engine.SetParameters(GlorotInitializer.Draw(units, seed: 1));
        return engine;
    }

    /// <summary>
    /// Tuned kernels on ILGPU's imitation of an NVIDIA GPU. A thread of a group is an operating-system
    /// thread and slow at barriers, so be brief.
    /// </summary>
    private static AcceleratorEngine OpenTuned(int predictionActivations = 1 << 20)
    {
        Context context = Context.Create(builder => builder.CPU(CPUDeviceKind.Nvidia).EnableAlgorithms());
        return new AcceleratorEngine(context, context.GetDevice<CPUDevice>(0), "ilgpu-cpu", "test", tuned: true)
        {
            PredictionActivations = predictionActivations,
        };
    }

    private static int[] Order() => [.. Enumerable.Range(0, s_images.Count).Reverse()];

    private static float[] Rates(int steps) => [.. Enumerable.Repeat(0.1f, steps)];

    private static EpochStatistics Train(
        ITrainingEngine engine, int batchSize, IProgress<EpochProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        engine.TrainEpoch(
            Order(), batchSize, Rates((s_images.Count - 1) / batchSize + 1), progress, cancellationToken);

    private static void AssertSame(NetworkParameters expected, NetworkParameters actual)
    {
        Assert.Equal(expected.W1, actual.W1);
        Assert.Equal(expected.B1, actual.B1);
        Assert.Equal(expected.W2, actual.W2);
        Assert.Equal(expected.B2, actual.B2);
    }

    /// <summary>Reports on the thread that trains, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Observer(Action<EpochProgress> report) : IProgress<EpochProgress>
    {
        public void Report(EpochProgress value) => report(value);
    }

    /// <summary>A clock that is ahead by the same time at every look.</summary>
    private sealed class FakeClock(double secondsPerLook) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now += (long)(secondsPerLook * 1000);
    }
}
