namespace MnistGpu.Core.Verification;

/// <summary>A comparison of an engine's result with the same in double precision.</summary>
/// <param name="Name">What was computed: the kernel, its version and the array.</param>
/// <param name="Shape">Its size.</param>
/// <param name="LargestAbsoluteError">
/// Largest |computed − expected| over the array; infinite if computed is NaN.
/// </param>
/// <param name="LargestRelativeError">Largest |computed − expected| / (0.001 + |expected|).</param>
/// <param name="Bound">The largest absolute error that float32 rounding explains.</param>
public sealed record VerificationRow(
    string Name, string Shape, double LargestAbsoluteError, double LargestRelativeError, double Bound)
{
    /// <summary>Whether the error is within the bound.</summary>
    public bool Ok => LargestAbsoluteError <= Bound;
}
