namespace ILGPU.Algorithms;

/// <summary>The mathematical functions that a kernel may call on every device.</summary>
/// <remarks>The context must have been built with <see cref="AlgorithmContext.EnableAlgorithms"/>.</remarks>
public static class XMath
{
    /// <summary>|x|</summary>
    public static float Abs(float value) => MathF.Abs(value);

    /// <summary>The value, but at least min and at most max.</summary>
    public static float Clamp(float value, float min, float max) => Min(Max(value, min), max);

    /// <summary>The value, but at least min and at most max.</summary>
    public static int Clamp(int value, int min, int max) => Min(Max(value, min), max);

    /// <summary>e to the power of x.</summary>
    public static float Exp(float value) => MathF.Exp(value);

    /// <summary>The largest whole number that is not above x.</summary>
    public static float Floor(float value) => MathF.Floor(value);

    /// <summary>The natural logarithm.</summary>
    public static float Log(float value) => MathF.Log(value);

    /// <summary>The larger of two values.</summary>
    public static float Max(float first, float second) => MathF.Max(first, second);

    /// <summary>The larger of two values.</summary>
    public static int Max(int first, int second) => Math.Max(first, second);

    /// <summary>The smaller of two values.</summary>
    public static float Min(float first, float second) => MathF.Min(first, second);

    /// <summary>The smaller of two values.</summary>
    public static int Min(int first, int second) => Math.Min(first, second);

    /// <summary>A base to the power of an exponent.</summary>
    public static float Pow(float @base, float exp) => MathF.Pow(@base, exp);

    /// <summary>1 / √x</summary>
    public static float Rsqrt(float value) => 1f / MathF.Sqrt(value);

    /// <summary>√x</summary>
    public static float Sqrt(float value) => MathF.Sqrt(value);

    /// <summary>The hyperbolic tangent.</summary>
    public static float Tanh(float value) => MathF.Tanh(value);
}
