using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Simd;

/// <summary>
/// Epochs that something ends. All of their threads must get away: a thread that still waits for another is a test that
/// never ends.
/// </summary>
public class StoppedEpochTests
{
    private const int Images = 5_000, BatchSize = 64;

    private static readonly ImageSet s_images = RandomImages.Draw(Images, 0.05);

    [Fact]
    public void AnExceptionFromProgressEndsTheEpochOfAllThreads()
    {
        using SimdEngine engine = Engine(threads: 2, hidden: 8, TimeProvider.System);

        Assert.Throws<InvalidOperationException>(
            () => TrainEpoch(engine, _ => throw new InvalidOperationException("enough")));
    }

    [Theory]
    [InlineData(2, 32)]
    [InlineData(2, 150)]
    [InlineData(5, 150)]
    public void AnEpochThatIsStoppedAsThreadsComeTogetherEnds(int threads, int hidden)
    {
        // They take turns of 1,024 images, together, alone, together, alone, and progress is first reported after 4,096.
        for (int run = 0; run < 20; run++)
        {
            using SimdEngine engine = Engine(threads, hidden, new SlowingClock());

            Assert.Throws<InvalidOperationException>(
                () => TrainEpoch(engine, _ => throw new InvalidOperationException("enough")));
        }
    }

    [Theory]
    [InlineData(2, 32, 1)]
    [InlineData(2, 32, 20)]
    [InlineData(5, 150, 1)]
    [InlineData(5, 150, 20)]
    public void AFaultOfOneThreadEndsTheEpochOfAll(int threads, int hidden, int looks)
    {
        using SimdEngine engine = Engine(threads, hidden, new BreakingClock(looks));

        Assert.Throws<InvalidOperationException>(() => TrainEpoch(engine, _ => { }));
    }

    [Fact]
    public void DisposingWaitsForTheEpochOnAnotherThread()
    {
        SimdEngine engine = Engine(threads: 2, hidden: 8, TimeProvider.System);
        var disposer = new Thread(engine.Dispose);
        bool waits = false;

        EpochStatistics statistics = TrainEpoch(engine, _ =>
        {
            disposer.Start();
            while (!(waits = disposer.ThreadState.HasFlag(ThreadState.WaitSleepJoin)) && disposer.IsAlive)
                Thread.Yield();
        });
        disposer.Join();

        Assert.True(waits);
        Assert.True(statistics.MeanLoss > 0);
        Assert.Throws<ObjectDisposedException>(engine.GetParameters);
    }

    [Fact]
    public void ProgressMayNotDisposeTheEngineInTheMiddleOfTheEpoch()
    {
        using SimdEngine engine = Engine(threads: 2, hidden: 8, TimeProvider.System);

        Assert.Throws<InvalidOperationException>(() => TrainEpoch(engine, _ => engine.Dispose()));
        Assert.True(engine.GetParameters().IsFinite);
    }

    private static SimdEngine Engine(int threads, int hidden, TimeProvider clock)
    {
        var engine = new SimdEngine(threads, lanes: 4, clock);
        engine.LoadTrainingImages(s_images);
        engine.SetParameters(GlorotInitializer.Draw(hidden, seed: 1));
        return engine;
    }

    /// <summary>Progress is reported once.</summary>
    private static EpochStatistics TrainEpoch(SimdEngine engine, Action<EpochProgress> progress)
    {
        float[] rates = Enumerable.Repeat(0.05f, (Images - 1) / BatchSize + 1).ToArray();
        return engine.TrainEpoch(
            Enumerable.Range(0, Images).ToArray(), BatchSize, rates, new Progress(progress), CancellationToken.None);
    }

    private sealed class Progress(Action<EpochProgress> action) : IProgress<EpochProgress>
    {
        public void Report(EpochProgress value) => action(value);
    }
}
