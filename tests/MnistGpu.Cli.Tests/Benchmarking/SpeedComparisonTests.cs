using MnistGpu.Cli.Benchmarking;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class SpeedComparisonTests
{
    [Fact]
    public void ADeviceIsFasterIfItsMiddleHalfLiesBelowTheOthers()
    {
        var fast = new SampleSummary(1, 0.9, 1.1, 0.5, 9);
        var slow = new SampleSummary(2, 1.2, 2.1, 0.4, 9);
        var noisy = new SampleSummary(2, 1.0, 4, 0.4, 9);

        Assert.Equal(Faster.Baseline, SpeedComparison.FasterOf(fast, slow));
        Assert.Equal(Faster.Device, SpeedComparison.FasterOf(slow, fast));
        Assert.Equal(Faster.Neither, SpeedComparison.FasterOf(fast, noisy));
    }

    // One letter a size, from the smallest: b and d are the baseline and the device, = is neither. The crossover's
    // index, or −1.
    [Theory]
    [InlineData("bbdd", 2)]
    [InlineData("b=dd", 2)]
    [InlineData("bd", 1)]
    [InlineData("dbbb", 1)]
    [InlineData("bdbd", 3)]
    [InlineData("dddd", -1)]
    [InlineData("==dd", -1)]
    [InlineData("bbd=", -1)]
    [InlineData("b", -1)]
    [InlineData("", -1)]
    public void ACrossoverIsFoundOnlyIfTheMeasurementsShowIt(string outcomes, int expected)
    {
        (int Size, Faster Faster)[] sizes = [.. outcomes.Select((letter, i) => (
            100 << i, letter switch { 'b' => Faster.Baseline, 'd' => Faster.Device, _ => Faster.Neither }))];

        (int Size, Faster Winner)? found = SpeedComparison.Crossover(sizes.Reverse());

        Assert.Equal(expected < 0 ? null : (100 << expected, sizes[^1].Faster), found);
    }
}
