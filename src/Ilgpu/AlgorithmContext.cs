namespace ILGPU;

/// <summary>The switch that makes <see cref="Algorithms.XMath"/> available to kernels.</summary>
public static class AlgorithmContext
{
    /// <summary>Lets kernels call <see cref="Algorithms.XMath"/>. (The built-in runtime always does.)</summary>
    /// <returns>The same builder.</returns>
    public static Context.Builder EnableAlgorithms(this Context.Builder builder) => builder;
}
