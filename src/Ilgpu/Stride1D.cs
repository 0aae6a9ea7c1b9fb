namespace ILGPU;

/// <summary>How the elements of a one-dimensional view lie in memory.</summary>
public static class Stride1D
{
    /// <summary>Each element right after the one before it.</summary>
    public readonly struct Dense : IStride1D
    {
        /// <summary>The distance between two elements: 1.</summary>
        public int XStride => 1;
    }
}
