namespace MnistGpu.Core.Verification;

/// <summary>
/// The worst that float32 rounding can do to a result: the bounds of N. Higham, Accuracy and Stability of Numerical
/// Algorithms, 2002, chapters 2 and 3. They hold for any order of a sum, and with fused multiply-adds as well.
/// </summary>
internal static class Rounding
{
    /// <summary>The unit roundoff u of float32, 2⁻²⁴: the largest relative error of one operation.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>γ(n) = n·u/(1 − n·u): the largest relative error after n successive operations.</summary>
    public static double Gamma(int operations) => operations * Unit / (1 - operations * Unit);

    /// <summary>
    /// The error of σ(z) = 1/(1 + e^-z) where z itself is off by <paramref name="zError"/>: σ is nowhere steeper than
    /// ¼. The exponential is off by a relative (6 + 2|z|)·u: OpenCL allows 3 ulp, which is 6u; CUDA's exp is a power of
    /// 2, 2 ulp, whose argument z·log2 e was rounded twice. That weighs σ(1 − σ). The sum and the quotient add u and
    /// 5u, the latter the 2.5 ulp that OpenCL allows.
    /// </summary>
    public static double Sigmoid(double z, double zError)
    {
        double sigmoid = 1 / (1 + Math.Exp(-z));
        return zError / 4 + sigmoid * (1 - sigmoid) * (6 + 2 * Math.Abs(z)) * Unit + 6 * Unit * sigmoid;
    }
}
