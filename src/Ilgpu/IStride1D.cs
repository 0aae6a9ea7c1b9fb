namespace ILGPU;

/// <summary>A stride in one dimension. The built-in runtime has only <see cref="Stride1D.Dense"/>.</summary>
public interface IStride1D
{
    /// <summary>The distance between two elements, in elements.</summary>
    int XStride { get; }
}
