using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Simd;

public class SimdEngineTests
{
    private const float LearningRate = 0.05f;

    public static TheoryData<int, int, double> Shapes => new()
    {
        { 1, 100, 0.2 }, { 2, 33, 0.5 }, { 7, 100, 0.2 }, { 8, 100, 0.2 }, { 9, 100, 0.2 },
        { 32, 100, 0.2 }, { 64, 100, 0.2 }, { 100, 100, 0.2 }, { 1000, 100, 0.2 },
        { 64, 1, 0.2 }, { 64, 7, 0.2 }, { 64, 10, 0.2 }, { 64, 16, 0.2 }, { 64, 33, 0.2 }, { 64, 130, 0.2 },
        { 64, 257, 0.2 }, { 7, 200, 0.2 }, { 9, 129, 0.2 }, { 100, 500, 0.2 }, { 1000, 300, 0.2 }, { 130, 1000, 0.2 },
        { 64, 100, 0.5 }, { 5, 100, 1 }, { 32, 100, 0 },
    };

    /// <summary>Every width, whatever the CPU has: what it lacks, the runtime makes of narrower vectors.</summary>
    public static TheoryData<int> Widths => new() { 16, 8, 4 };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TrainsLikeTheReference(int batchSize, int hidden, double lit)
    {
        ImageSet images = RandomImages.Draw(150, lit);
        AssertTrainsLikeTheReference(Engine(threads: 2), images, batchSize, hidden);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void EveryWidthTrainsLikeTheReference(int lanes)
    {
        ImageSet images = RandomImages.Draw(80, 0.2);
        AssertTrainsLikeTheReference(new SimdEngine(1, lanes, TimeProvider.System), images, batchSize: 32, hidden: 33);
        AssertTrainsLikeTheReference(new SimdEngine(2, lanes, TimeProvider.System), images, batchSize: 3, hidden: 20);
        AssertTrainsLikeTheReference(new SimdEngine(3, lanes, TimeProvider.System), images, batchSize: 32, hidden: 201);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(7, 10)]
    [InlineData(64, 100)]
    [InlineData(64, 128)]
    [InlineData(64, 129)]
    [InlineData(100, 130)]
    [InlineData(13, 333)]
    [InlineData(1, 500)]
    [InlineData(64, 1000)]
    [InlineData(600, 700)]
    public void WeightsAreTheSameForAnyNumberOfThreadsAndInEveryRun(int batchSize, int hidden)
    {
        ImageSet images = RandomImages.Draw(batchSize > 500 ? 1_333 : 333, 0.2);
        NetworkParameters expected = Train(
            new SimdEngine(1), images, batchSize, hidden, out EpochStatistics statistics);

        foreach (int threads in new[] { 1, 2, 3, 8, 64 })
        {
            NetworkParameters actual = Train(
                Engine(threads), images, batchSize, hidden, out EpochStatistics theseStatistics);

            Assert.Equal(statistics, theseStatistics);
            AssertSame(expected, actual);
        }
    }

    [Theory]
    [InlineData(0, 33)]
    [InlineData(1, 33)]
    [InlineData(63, 33)]
    [InlineData(200, 33)]
    [InlineData(0, 333)]
    [InlineData(1, 333)]
    [InlineData(300, 333)]
    public void PredictsLikeTheReference(int count, int hidden)
    {
        ImageSet images = RandomImages.Draw(count, 0.3);
        NetworkParameters parameters = GlorotInitializer.Draw(hidden, seed: 5);
        using var reference = new ReferenceEngine();
        using var engine = new SimdEngine(2);
        reference.SetParameters(parameters);
        engine.SetParameters(parameters);

        float[] expected = reference.Predict(images.Pixels);
        float[] actual = engine.Predict(images.Pixels);

        Assert.Equal(expected.Length, actual.Length);
        // A sum of n numbers is off by n roundings of the sum of their magnitudes, at most: 784 pixels of up to 5σ of
        // their weights, then the hidden units. σ(z) is no steeper than 1/4.
        double unit = Math.Pow(2, -24);
        double hiddenError = 784 * unit * 784 * 0.3 * parameters.W1.Max(Math.Abs) / 4;
        double bound = hidden * parameters.W2.Max(Math.Abs) * (hiddenError + hidden * unit) / 4;
        for (int i = 0; i < actual.Length; i++)
            Assert.InRange(actual[i], expected[i] - bound, expected[i] + bound);
    }

    [Theory]
    [InlineData(1, 33)]
    [InlineData(64, 33)]
    [InlineData(100, 33)]
    [InlineData(64, 200)]
    public void PredictsWithWhatItHasLearnt(int batchSize, int hidden)
    {
        ImageSet images = RandomImages.Draw(70, 0.2);
        using var engine = new SimdEngine(2);
        engine.LoadTrainingImages(images);
        engine.SetParameters(GlorotInitializer.Draw(hidden, seed: 7));
        engine.TrainEpoch(Order(images.Count), batchSize, Rates(images.Count), null, default);
        using var fresh = new SimdEngine(2);
        fresh.SetParameters(engine.GetParameters());

        Assert.Equal(fresh.Predict(images.Pixels), engine.Predict(images.Pixels));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(700)]
    public void PredictsTheSameForAnyNumberOfThreads(int hidden)
    {
        ImageSet images = RandomImages.Draw(1_500, 0.2);
        NetworkParameters parameters = GlorotInitializer.Draw(hidden, seed: 5);
        float[][] outputs = new[] { 1, 2, 8 }.Select(threads =>
        {
            using SimdEngine engine = Engine(threads);
            engine.SetParameters(parameters);
            return engine.Predict(images.Pixels);
        }).ToArray();

        Assert.Equal(outputs[0], outputs[1]);
        Assert.Equal(outputs[0], outputs[2]);
    }

    [Fact]
    public void GivesBackTheParametersItWasGiven()
    {
        NetworkParameters parameters = GlorotInitializer.Draw(130, seed: 3);
        parameters.B1[129] = 2;
        parameters.B2[9] = 3;
        using var engine = new SimdEngine(2);

        engine.SetParameters(parameters);

        AssertSame(parameters, engine.GetParameters());
    }

    [Fact]
    public void NotANumberIsNotHidden()
    {
        NetworkParameters parameters = GlorotInitializer.Draw(10, seed: 3);
        parameters.B1[4] = float.NaN;
        using var engine = new SimdEngine(2);
        engine.LoadTrainingImages(RandomImages.Draw(8, 0.2));
        engine.SetParameters(parameters);

        EpochStatistics statistics = engine.TrainEpoch(Order(8), 4, Rates(2), null, default);

        Assert.True(double.IsNaN(statistics.MeanLoss));
        Assert.False(engine.GetParameters().IsFinite);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(200)]
    public void CancellingStopsInsideAnEpochAndLeavesAUsableEngine(int hidden)
    {
        ImageSet images = RandomImages.Draw(10_000, 0.05);
        NetworkParameters start = GlorotInitializer.Draw(hidden, seed: 1);
        using var engine = new SimdEngine(2);
        engine.LoadTrainingImages(images);
        engine.SetParameters(start);
        using var cancellation = new CancellationTokenSource();
        int reports = 0;
        var progress = new Progress(_ =>
        {
            reports++;
            cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(
            () => engine.TrainEpoch(Order(10_000), 200, Rates(50), progress, cancellation.Token));

        Assert.Equal(1, reports);
        Assert.True(engine.GetParameters().IsFinite);
        engine.SetParameters(start);
        engine.TrainEpoch(Order(300), 200, Rates(2), null, default);
        NetworkParameters expected = Train(new SimdEngine(1), images, 200, hidden, out _, count: 300);
        AssertSame(expected, engine.GetParameters());
    }

    [Fact]
    public void ACancelledPredictionEndsOnAllThreads()
    {
        using var engine = new SimdEngine(2);
        engine.SetParameters(GlorotInitializer.Draw(8, seed: 1));

        Assert.Throws<OperationCanceledException>(
            () => engine.Predict(RandomImages.Draw(500, 0.05).Pixels, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void AThreadThatStallsChangesNothing()
    {
        ImageSet images = RandomImages.Draw(5_000, 0.05);
        var progress = new Progress(_ => Thread.Sleep(100));

        NetworkParameters expected = Train(new SimdEngine(2), images, 64, 16, out _);
        NetworkParameters actual = Train(new SimdEngine(2), images, 64, 16, out _, progress: progress);

        Assert.True(progress.Reports > 0);
        AssertSame(expected, actual);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(100)]
    public void AMachineThatIsBusyChangesNothing(int batchSize)
    {
        ImageSet images = RandomImages.Draw(5_000, 0.05);
        NetworkParameters expected = TrainEpochs(threads: 1);
        using var over = new CancellationTokenSource();
        Thread[] busy = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (!over.IsCancellationRequested)
                Thread.SpinWait(100);
        })
        { IsBackground = true })];
        Array.ForEach(busy, thread => thread.Start());

        try
        {
            AssertSame(expected, TrainEpochs(threads: 2));
        }
        finally
        {
            over.Cancel();
        }

        NetworkParameters TrainEpochs(int threads)
        {
            using var engine = new SimdEngine(threads);
            engine.LoadTrainingImages(images);
            engine.SetParameters(GlorotInitializer.Draw(hidden: 16, seed: 7));
            for (int epoch = 0; epoch < 8; epoch++)
                engine.TrainEpoch(Order(images.Count), batchSize, Rates(images.Count), null, default);
            return engine.GetParameters();
        }
    }

    [Theory]
    [InlineData(8, 64, 100, "2, one per half of the pixels, because there are at most 128 hidden units; ")]
    [InlineData(8, 8, 200, "2, one per half of the pixels, because batches have at most 8 images; ")]
    [InlineData(64, 64, 200, "4, one per strip of hidden units; ")]
    [InlineData(1, 64, 200, "1, ")]
    public void ItSaysHowManyThreadsTrainAndWhy(int threads, int batchSize, int hidden, string expected)
    {
        using var engine = new SimdEngine(threads, 16, TimeProvider.System);
        engine.LoadTrainingImages(RandomImages.Draw(batchSize, 0.2));
        engine.SetParameters(GlorotInitializer.Draw(hidden, seed: 7));
        Assert.Null(engine.ThreadUse);

        engine.TrainEpoch(Order(batchSize), batchSize, Rates(1), null, default);

        Assert.StartsWith(expected, engine.ThreadUse);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(140)]
    public void WhoStaysAloneForWholeEpochsIsJoinedAgain(int hidden)
    {
        // Whole passes, which take equally long by this clock.
        const int Images = 2_048;
        using var engine = new SimdEngine(2, 4, new SlowingClock(looks: 150));
        engine.LoadTrainingImages(RandomImages.Draw(Images, 0.05));
        engine.SetParameters(GlorotInitializer.Draw(hidden, seed: 7));
        var threads = new List<int>();

        for (int epoch = 0; epoch < 40; epoch++)
        {
            engine.TrainEpoch(Order(Images), 64, Rates(32), null, default);
            threads.Add(engine.ThreadCount!.Threads);
        }

        Assert.Contains(1, threads);
        Assert.Equal(2, threads[^1]);
        Assert.InRange(engine.ThreadCount!.ShareOfFewer, 0.01, 0.2);
    }

    [Theory]
    [InlineData(1, 2, 40)]
    [InlineData(20, 2, 40)]
    [InlineData(64, 2, 40)]
    [InlineData(150, 2, 40)]
    [InlineData(64, 2, 140)]
    [InlineData(64, 6, 140)]
    [InlineData(600, 6, 140)]
    public void ThreadsThatPartAndComeTogetherAgainChangeNothing(int batchSize, int threads, int hidden)
    {
        ImageSet images = RandomImages.Draw(4_000, 0.05);
        using var one = new SimdEngine(1, 4, TimeProvider.System);
        using var several = new SimdEngine(threads, 4, new ErraticClock());

        NetworkParameters expected = TrainEpochs(one);
        NetworkParameters actual = TrainEpochs(several);

        AssertSame(expected, actual);

        NetworkParameters TrainEpochs(SimdEngine engine)
        {
            engine.LoadTrainingImages(images);
            engine.SetParameters(GlorotInitializer.Draw(hidden, seed: 7));
            for (int epoch = 0; epoch < 6; epoch++)
                engine.TrainEpoch(Order(images.Count), batchSize, Rates(images.Count), null, default);
            return engine.GetParameters();
        }
    }

    [Fact]
    public void ADisposedEngineRefusesToWork()
    {
        var engine = new SimdEngine(1);
        engine.LoadTrainingImages(RandomImages.Draw(5, 0.2));
        engine.SetParameters(GlorotInitializer.Draw(8, seed: 1));

        engine.Dispose();
        engine.Dispose();

        Assert.Throws<ObjectDisposedException>(() => engine.TrainEpoch(new[] { 0 }, 1, Rates(1), null, default));
        Assert.Throws<ObjectDisposedException>(() => engine.Predict(new byte[784]));
        Assert.Throws<ObjectDisposedException>(() => engine.SetParameters(GlorotInitializer.Draw(8, seed: 1)));
    }

    [Fact]
    public async Task WhatIsCompiledAheadTouchesNoWeight()
    {
        NetworkParameters parameters = GlorotInitializer.Draw(8, seed: 1);
        using var engine = new SimdEngine(2);
        engine.SetParameters(parameters);

        await engine.CompileAhead(hidden: 8);

        AssertSame(parameters, engine.GetParameters());
    }

    [Fact]
    public void AnImageThatDoesNotExistIsRefused()
    {
        using var engine = new SimdEngine(1);
        engine.LoadTrainingImages(RandomImages.Draw(5, 0.2));
        engine.SetParameters(GlorotInitializer.Draw(8, seed: 1));

        Assert.Throws<ArgumentException>(() => engine.TrainEpoch(new[] { 0, 5 }, 2, Rates(1), null, default));
        Assert.Throws<ArgumentException>(() => engine.TrainEpoch(new[] { 0, 1 }, 1, Rates(1), null, default));
    }

    /// <summary>
    /// Both engines store weights as floats, so each rounds every weight in every step. The reference takes its sums in
    /// double; a sum of n floats is off by up to n roundings, and what a step moves depends on sums of 784 pixels, of H
    /// hidden units (twice) and of the batch's images, and on some 40 further operations.
    /// </summary>
    private static void AssertTrainsLikeTheReference(SimdEngine engine, ImageSet images, int batchSize, int hidden)
    {
        NetworkParameters start = GlorotInitializer.Draw(hidden, seed: 7);
        NetworkParameters expected = Train(
            new ReferenceEngine(), images, batchSize, hidden, out EpochStatistics expectedStatistics);
        NetworkParameters actual = Train(engine, images, batchSize, hidden, out EpochStatistics statistics);

        int steps = (images.Count - 1) / batchSize + 1;
        double roundings = 784 + 2 * hidden + Math.Min(batchSize, images.Count) + 40;
        AssertClose(start.W1, expected.W1, actual.W1, steps, roundings);
        AssertClose(start.B1, expected.B1, actual.B1, steps, roundings);
        AssertClose(start.W2, expected.W2, actual.W2, steps, roundings);
        AssertClose(start.B2, expected.B2, actual.B2, steps, roundings);
        Assert.Equal(expectedStatistics.Hits, statistics.Hits);
        double lossBound = expectedStatistics.MeanLoss * roundings / (1 << 24);
        Assert.Equal(expectedStatistics.MeanLoss, statistics.MeanLoss, lossBound);
    }

    private static void AssertClose(float[] start, float[] expected, float[] actual, int steps, double roundings)
    {
        double unit = Math.Pow(2, -24);
        double moved = expected.Zip(start, (a, b) => Math.Abs(a - b)).Max();
        double bound = unit * (2 * steps * expected.Max(Math.Abs) + roundings * moved);
        Assert.True(moved > 100 * bound || moved == 0, $"moved {moved}, but the bound is {bound}");
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - bound, expected[i] + bound);
    }

    private static void AssertSame(NetworkParameters expected, NetworkParameters actual)
    {
        Assert.Equal(expected.W1, actual.W1);
        Assert.Equal(expected.B1, actual.B1);
        Assert.Equal(expected.W2, actual.W2);
        Assert.Equal(expected.B2, actual.B2);
    }

    private static NetworkParameters Train(
        ITrainingEngine engine, ImageSet images, int batchSize, int hidden, out EpochStatistics statistics,
        IProgress<EpochProgress>? progress = null, int? count = null)
    {
        using (engine)
        {
            engine.LoadTrainingImages(images);
            engine.SetParameters(GlorotInitializer.Draw(hidden, count is null ? 7 : 1));
            int[] order = Order(count ?? images.Count);
            float[] rates = Rates((order.Length - 1) / batchSize + 1);
            statistics = engine.TrainEpoch(order, batchSize, rates, progress, default);
            return engine.GetParameters();
        }
    }

    /// <summary>With so many threads, however many cores there are.</summary>
    private static SimdEngine Engine(int threads) => new(threads, SimdEngine.WidestVector, TimeProvider.System);

    private static int[] Order(int count)
    {
        int[] order = Enumerable.Range(0, count).ToArray();
        new Random(3).Shuffle(order);
        return order;
    }

    private static float[] Rates(int steps) => Enumerable.Repeat(LearningRate, steps).ToArray();

    private sealed class Progress(Action<EpochProgress> action) : IProgress<EpochProgress>
    {
        public int Reports { get; private set; }

        public void Report(EpochProgress value)
        {
            Reports++;
            action(value);
        }
    }
}
