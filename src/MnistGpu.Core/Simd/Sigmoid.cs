using System.Runtime.CompilerServices;

namespace MnistGpu.Core.Simd;

/// <summary>
/// σ(z) = 1/(1 + e^-z), one vector at a time, without branches or tables. e^x is 2ⁿ·e^r with n the integer nearest to
/// x/ln 2: 2ⁿ is made by writing n into a float's exponent, and |r| ≤ ln 2 / 2 is so small that eight terms of the Taylor
/// series leave an error below 1e-8. Far from 0 it saturates at 0 and 1 like σ itself; NaN stays NaN. The runtime's own
/// vector exponential is exact to half a bit because it computes in doubles, and three times as slow.
/// </summary>
internal static class Sigmoid
{
    /// <summary>Up to here, e^±z is a normal float. σ(−87) is 2e-38: anything smaller is below any rounding.</summary>
    private const float Limit = 87;

    /// <summary>1.5·2²³: added to a small float, it leaves the nearest integer in the lowest bits.</summary>
    private const float RoundToInteger = 12_582_912;

    /// <summary>The first 9 bits of ln 2, so that n times it is exact, and the remainder.</summary>
    private const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TVector>(TVector z)
        where TVector : struct, ISimd<TVector>
    {
        TVector one = TVector.Broadcast(1), round = TVector.Broadcast(RoundToInteger);
        TVector x = default(TVector) - TVector.Clamp(z, TVector.Broadcast(-Limit), TVector.Broadcast(Limit));
        TVector mantissa = TVector.MultiplyAdd(x, TVector.Broadcast(1.44269504f), round);
        TVector n = mantissa - round;
        TVector r = TVector.MultiplyAdd(n, TVector.Broadcast(-Ln2High), x);
        r = TVector.MultiplyAdd(n, TVector.Broadcast(-Ln2Low), r);
        TVector sum = TVector.MultiplyAdd(r, TVector.Broadcast(1f / 5040), TVector.Broadcast(1f / 720));
        sum = TVector.MultiplyAdd(sum, r, TVector.Broadcast(1f / 120));
        sum = TVector.MultiplyAdd(sum, r, TVector.Broadcast(1f / 24));
        sum = TVector.MultiplyAdd(sum, r, TVector.Broadcast(1f / 6));
        sum = TVector.MultiplyAdd(sum, r, TVector.Broadcast(1f / 2));
        sum = TVector.MultiplyAdd(sum, r, one);
        sum = TVector.MultiplyAdd(sum, r, one);
        return one / TVector.MultiplyAdd(sum, TVector.PowerOfTwo(mantissa), one);
    }
}
