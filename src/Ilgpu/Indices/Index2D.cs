namespace ILGPU;

/// <summary>A position or an extent in two dimensions; X varies fastest.</summary>
/// <param name="x">The first component.</param>
/// <param name="y">The second component.</param>
public readonly struct Index2D(int x, int y) : IIndex, IEquatable<Index2D>
{
    /// <summary>The first component, the one that varies fastest.</summary>
    public int X { get; } = x;

    /// <summary>The second component.</summary>
    public int Y { get; } = y;

    /// <summary>The number of elements of a range of this extent.</summary>
    public int Size => X * Y;

    /// <summary><see cref="Size"/> in 64 bits.</summary>
    public long LongSize => (long)X * Y;

    long IIndex.Size => LongSize;

    /// <summary>A pair (x, y) as an index.</summary>
    public static implicit operator Index2D((int, int) dimensions) => new(dimensions.Item1, dimensions.Item2);

    /// <summary>Whether two indices are the same.</summary>
    public static bool operator ==(Index2D left, Index2D right) => left.Equals(right);

    /// <summary>Whether two indices differ.</summary>
    public static bool operator !=(Index2D left, Index2D right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Index2D other) => X == other.X && Y == other.Y;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index2D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y);

    /// <summary>The components as text.</summary>
    public override string ToString() => $"({X}, {Y})";
}
