namespace ILGPU;

/// <summary>A position or an extent in three dimensions; X varies fastest.</summary>
/// <param name="x">The first component.</param>
/// <param name="y">The second component.</param>
/// <param name="z">The third component.</param>
public readonly struct Index3D(int x, int y, int z) : IIndex, IEquatable<Index3D>
{
    /// <summary>The first component, the one that varies fastest.</summary>
    public int X { get; } = x;

    /// <summary>The second component.</summary>
    public int Y { get; } = y;

    /// <summary>The third component, the one that varies slowest.</summary>
    public int Z { get; } = z;

    /// <summary>The number of elements of a range of this extent.</summary>
    public int Size => X * Y * Z;

    /// <summary><see cref="Size"/> in 64 bits.</summary>
    public long LongSize => (long)X * Y * Z;

    long IIndex.Size => LongSize;

    /// <summary>A triple (x, y, z) as an index.</summary>
    public static implicit operator Index3D((int, int, int) dimensions) =>
        new(dimensions.Item1, dimensions.Item2, dimensions.Item3);

    /// <summary>Whether two indices are the same.</summary>
    public static bool operator ==(Index3D left, Index3D right) => left.Equals(right);

    /// <summary>Whether two indices differ.</summary>
    public static bool operator !=(Index3D left, Index3D right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Index3D other) => X == other.X && Y == other.Y && Z == other.Z;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index3D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y, Z);

    /// <summary>The components as text.</summary>
    public override string ToString() => $"({X}, {Y}, {Z})";
}
