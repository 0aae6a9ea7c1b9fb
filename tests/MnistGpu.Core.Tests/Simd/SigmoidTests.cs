using MnistGpu.Core.Simd;

namespace MnistGpu.Core.Tests.Simd;

public unsafe class SigmoidTests
{
    /// <summary>
    /// Rounding alone, in units of 2⁻²⁴, the most that one rounding changes a number: the last addition of the series, a
    /// third of one for the product before it (|r| ≤ 0.35), and what that is off by in turn, together below 2; 1 each for
    /// 1 + e^-z and the division; r itself is off by less than a quarter.
    /// </summary>
    private const double RelativeBound = 4.25 / (1 << 24);

    /// <summary>Beyond ±87 the result stays where it is: at 1.6e-38 and at 1.</summary>
    private const double AbsoluteBound = 2e-38;

    private static readonly Func<float, float>[] s_widths = [Of<Simd128>, Of<Simd256>, Of<Simd512>];

    [Fact]
    public void IsWithinAFewRoundingsOfTheExactValueEverywhere()
    {
        for (double z = -120; z <= 120; z += 1.0 / 256)
        {
            double exact = 1 / (1 + Math.Exp(-(float)z));
            double bound = exact * RelativeBound + AbsoluteBound, low = exact - bound, high = exact + bound;

            foreach (Func<float, float> sigmoid in s_widths)
                Assert.InRange(sigmoid((float)z), low, high);
        }
    }

    [Fact]
    public void EndsAtZeroAndOneAndKeepsNaN()
    {
        foreach (Func<float, float> sigmoid in s_widths)
        {
            Assert.Equal(0.5f, sigmoid(0));
            Assert.Equal(1, sigmoid(float.PositiveInfinity));
            Assert.Equal(1, sigmoid(float.MaxValue));
            Assert.InRange(sigmoid(float.NegativeInfinity), 0, 2e-38f);
            Assert.InRange(sigmoid(-float.MaxValue), 0, 2e-38f);
            Assert.True(float.IsNaN(sigmoid(float.NaN)));
        }
    }

    /// <summary>The last lane of a vector of z.</summary>
    private static float Of<TVector>(float z)
        where TVector : struct, ISimd<TVector>
    {
        float* lanes = stackalloc float[TVector.Lanes];
        TVector.Store(lanes, Sigmoid.Of(TVector.Broadcast(z)));
        return lanes[TVector.Lanes - 1];
    }
}
