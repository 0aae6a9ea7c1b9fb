using MnistGpu.Cli.Benchmarking;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class CrossoverTests
{
    [Fact]
    public void ADeviceIsFasterWhereItsMiddleHalfIsBelowTheOthers()
    {
        var fast = new SampleSummary(1, 0.9, 1.1, 0.5, 9);
        var slow = new SampleSummary(2, 1.2, 2.1, 0.4, 9);
        var noisy = new SampleSummary(2, 1.0, 4, 0.4, 9);

        Assert.Equal(Faster.First, Crossover.Compare(fast, slow));
        Assert.Equal(Faster.Second, Crossover.Compare(slow, fast));
        Assert.Equal(Faster.Neither, Crossover.Compare(fast, noisy));
    }

    // One letter a size, from the smallest: 1 and 2 are the faster device, = is neither. The crossover's index, or −1.
    [Theory]
    [InlineData("1122", 2)]
    [InlineData("1=22", 2)]
    [InlineData("12", 1)]
    [InlineData("2111", 1)]
    [InlineData("1212", 3)]
    [InlineData("2222", -1)]
    [InlineData("==22", -1)]
    [InlineData("112=", -1)]
    [InlineData("1", -1)]
    [InlineData("", -1)]
    public void ItIsFoundWhereTheMeasurementsShowIt(string outcomes, int expected)
    {
        (int Size, Faster Faster)[] sizes = [.. outcomes.Select((letter, i) => (
            100 << i, letter switch { '1' => Faster.First, '2' => Faster.Second, _ => Faster.Neither }))];

        Crossover? found = Crossover.Find(sizes.Reverse());

        Assert.Equal(expected < 0 ? null : new Crossover(100 << expected, sizes[^1].Faster), found);
    }
}
