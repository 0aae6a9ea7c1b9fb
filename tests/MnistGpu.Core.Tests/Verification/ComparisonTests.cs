using MnistGpu.Core.Verification;

namespace MnistGpu.Core.Tests.Verification;

public class ComparisonTests
{
    [Fact]
    public void AnErrorAboveTheBoundIsNotOk()
    {
        var comparison = new Comparison();
        comparison.Add(computed: 1, expected: 1, bound: 1e-6);
        comparison.Add(computed: 2.00001, expected: 2, bound: 1e-6);

        VerificationRow row = comparison.ToRow("x", "2");

        Assert.False(row.Ok);
        Assert.Equal(1e-5, row.LargestAbsoluteError, 1e-9);
        Assert.Equal(1e-5 / 2.001, row.LargestRelativeError, 1e-9);
    }

    [Fact]
    public void NaNIsNotOk()
    {
        var comparison = new Comparison();
        comparison.Add(computed: double.NaN, expected: 1, bound: 1);
        comparison.Add(computed: 1, expected: 1, bound: 1);

        Assert.False(comparison.ToRow("x", "2").Ok);
    }
}
