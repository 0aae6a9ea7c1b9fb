using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public class AdaptiveThreadCountTests
{
    private readonly Clock _clock = new();
    private readonly AdaptiveThreadCount _threadCount;

    public AdaptiveThreadCountTests()
    {
        _threadCount = new AdaptiveThreadCount(_clock, threads: 2);
        _threadCount.Begin();
    }

    [Fact]
    public void OneThreadIsTimedOnceAndThenLeftIfItIsSlower()
    {
        int alone = Train(images: 60_000, microsecondsTogether: 1, microsecondsAlone: 2);

        Assert.InRange(alone, 1_024, 4_096);
    }

    [Fact]
    public void WhereTheThreadsHinderEachOtherOneDoesNearlyAll()
    {
        int alone = Train(images: 200_000, microsecondsTogether: 3, microsecondsAlone: 1);

        Assert.InRange(alone, 180_000, 199_999);
    }

    [Fact]
    public void TheThreadsComeTogetherAgainWhenTheyGetOnAgain()
    {
        Train(images: 100_000, microsecondsTogether: 3, microsecondsAlone: 1);
        // What was begun alone is finished alone.
        while (_threadCount.Threads == 1)
            Train(images: 64, microsecondsTogether: 0.5, microsecondsAlone: 1);

        int alone = Train(images: 100_000, microsecondsTogether: 0.5, microsecondsAlone: 1);

        Assert.InRange(alone, 0, 10_000);
    }

    [Fact]
    public void AStandstillIsNoticedBeforeTheWindowIsOver()
    {
        Train(images: 10_000, microsecondsTogether: 1, microsecondsAlone: 2);
        Assert.Equal(2, _threadCount.Threads);

        _clock.Advance(microseconds: 5_000);
        _threadCount.Worked(64);

        Assert.Equal(1, _threadCount.Threads);
    }

    [Theory]
    [InlineData(1, 3, 0, 3_000)]
    [InlineData(3, 1, 195_000, 204_799)]
    public void EpochsShorterThanAWindowAreJudgedTogether(
        double microsecondsTogether, double microsecondsAlone, int least, int most)
    {
        int alone = 0;
        for (int epoch = 0; epoch < 400; epoch++)
        {
            alone += Train(images: 512, microsecondsTogether, microsecondsAlone);
            // What comes between two epochs does not count.
            _clock.Advance(microseconds: 10_000);
            _threadCount.Begin();
        }

        Assert.InRange(alone, least, most);
    }

    [Fact]
    public void OfManyThreadsAsManyWorkAsGetOnBest()
    {
        // Two of eight cores are taken: whoever has to share one keeps the others waiting.
        var images = new Dictionary<int, int>();
        var threadCount = new AdaptiveThreadCount(_clock, threads: 8);
        threadCount.Begin();
        for (int done = 0; done < 2_000_000; done += 64)
        {
            int threads = threadCount.Threads;
            images[threads] = images.GetValueOrDefault(threads) + 64;
            _clock.Advance(64 * (threads > 6 ? 2.0 : 1.0) / threads * 4);
            threadCount.Worked(64);
            if (threadCount.Threads > threads)
                threadCount.Begin();
        }

        // Eight take as long as four: no reason to use fewer, and hardly any image is spent on finding out.
        Assert.InRange(images[8], 1_900_000, 2_000_000);
        Assert.False(images.ContainsKey(1));
    }

    [Fact]
    public void WhereOnlyTwoOfManyThreadsGetOnTwoDoNearlyAll()
    {
        var images = new Dictionary<int, int>();
        var threadCount = new AdaptiveThreadCount(_clock, threads: 8);
        threadCount.Begin();
        for (int done = 0; done < 4_000_000; done += 64)
        {
            int threads = threadCount.Threads;
            images[threads] = images.GetValueOrDefault(threads) + 64;
            _clock.Advance(64 * (threads > 2 ? threads : 1.0 / threads));
            threadCount.Worked(64);
        }

        Assert.InRange(images[2], 3_000_000, 4_000_000);
    }

    [Fact]
    public void ThreadsAreHalvedDownToOne()
    {
        var threadCount = new AdaptiveThreadCount(_clock, threads: 5);
        var seen = new SortedSet<int>();
        for (int done = 0; done < 1_000_000; done += 64)
        {
            seen.Add(threadCount.Threads);
            _clock.Advance(64 * threadCount.Threads * threadCount.Threads);
            threadCount.Worked(64);
        }

        Assert.Equal([1, 2, 3, 5], seen);
    }

    /// <summary>Trains as the engine does, in steps of 64 images.</summary>
    /// <returns>How many images one thread did alone.</returns>
    private int Train(int images, double microsecondsTogether, double microsecondsAlone)
    {
        int alone = 0;
        for (int done = 0; done < images; done += 64)
        {
            bool isAlone = _threadCount.Threads == 1;
            alone += isAlone ? 64 : 0;
            _clock.Advance(64 * (isAlone ? microsecondsAlone : microsecondsTogether));
            _threadCount.Worked(64);
        }
        return alone;
    }

    private sealed class Clock : TimeProvider
    {
        private long _nanoseconds;

        public override long TimestampFrequency => 1_000_000_000;

        public void Advance(double microseconds) => _nanoseconds += (long)(microseconds * 1000);

        public override long GetTimestamp() => _nanoseconds;
    }
}
