using MnistGpu.Cli.Benchmarking;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class BenchmarkPlanTests
{
    [Fact]
    public void AnEpochCountsFiveMatrixProducts()
    {
        // X·W1 and Xᵀ·δh; h·W2, δo·W2ᵀ and hᵀ·δo; an addition and a multiplication each.
        double expected = 60_000 * (2.0 * 784 * 100 * 2 + 2.0 * 100 * 10 * 3);

        Assert.Equal(expected, BenchmarkPlan.OperationsPerEpoch(60_000, 100));
    }

    [Theory]
    [InlineData(1, 100, 0.1)]
    [InlineData(64, 100, 0.05)]
    [InlineData(64, 1000, 0.005)]
    [InlineData(2_000_000_000, 65_536, 2.44140625e-12)]
    public void LargeSizesTakeSmallSteps(int batchSize, int hidden, double expected)
    {
        var plan = new BenchmarkPlan { BatchSizes = [], HiddenSizes = [], Epochs = 2, Repeats = 1, Seed = 3 };

        Assert.Equal(expected, plan.Options(batchSize, hidden).LearningRate!.Value, expected * 1e-9);
    }
}
