using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public class TeamworkTests
{
    private readonly Clock _clock = new();
    private readonly Teamwork _teamwork;

    public TeamworkTests()
    {
        _teamwork = new Teamwork(_clock);
        _teamwork.Begin();
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
        Train(_teamwork.AloneImages, microsecondsTogether: 0.5, microsecondsAlone: 1);

        int alone = Train(images: 100_000, microsecondsTogether: 0.5, microsecondsAlone: 1);

        Assert.InRange(alone, 0, 10_000);
    }

    [Fact]
    public void AStandstillIsNoticedBeforeTheWindowIsOver()
    {
        Train(images: 10_000, microsecondsTogether: 1, microsecondsAlone: 2);
        Assert.Equal(0, _teamwork.AloneImages);

        _clock.Advance(microseconds: 5_000);
        _teamwork.WorkedTogether(64);

        Assert.NotEqual(0, _teamwork.AloneImages);
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
            _teamwork.Begin();
        }

        Assert.InRange(alone, least, most);
    }

    /// <summary>Trains as the engine does, in steps of 64 images.</summary>
    /// <returns>How many images one thread did alone.</returns>
    private int Train(int images, double microsecondsTogether, double microsecondsAlone)
    {
        int alone = 0;
        for (int done = 0; done < images; done += 64)
        {
            if (_teamwork.AloneImages == 0)
            {
                _clock.Advance(64 * microsecondsTogether);
                _teamwork.WorkedTogether(64);
                continue;
            }
            alone += 64;
            _clock.Advance(64 * microsecondsAlone);
            _teamwork.WorkedAlone(64);
            if (_teamwork.AloneImages == 0)
                _teamwork.Begin();
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
