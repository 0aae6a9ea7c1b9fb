using MnistGpu.Cli.Benchmarking;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class SampleSummaryTests
{
    [Fact]
    public void QuartilesOfAnOddNumberOfSamplesAreSamples()
    {
        SampleSummary summary = SampleSummary.Of([5, 1, 4, 2, 3])!;

        Assert.Equal(new SampleSummary(3, 2, 4, 1, 5), summary);
        // Half of 4 − 2, by 3.
        Assert.Equal(1.0 / 3, summary.Spread, 12);
    }

    [Fact]
    public void QuantilesBetweenTwoSamplesAreLinear() =>
        Assert.Equal(new SampleSummary(2.5, 1.75, 3.25, 1, 4), SampleSummary.Of([4, 3, 2, 1]));

    [Fact]
    public void AFewDisturbedSamplesDoNotMoveTheMedian() =>
        Assert.Equal(1, SampleSummary.Of([1, 1, 50, 1, 1, 70, 1])!.Median);

    [Fact]
    public void OneSampleHasNoSpread() => Assert.Equal(0, SampleSummary.Of([7])!.Spread);

    [Fact]
    public void NoSamplesHaveNoSummary() => Assert.Null(SampleSummary.Of([]));
}
