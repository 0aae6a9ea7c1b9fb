namespace ILGPU;

/// <summary>A position in, or the extent of, a range of one to three dimensions.</summary>
public interface IIndex
{
    /// <summary>The number of elements of the range that this index is the extent of.</summary>
    long Size { get; }
}
