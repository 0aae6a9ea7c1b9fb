namespace ILGPU;

/// <summary>A position or an extent in one dimension. It converts to and from an int.</summary>
/// <param name="x">The only component.</param>
public readonly struct Index1D(int x) : IIndex, IEquatable<Index1D>
{
    /// <summary>The only component.</summary>
    public int X { get; } = x;

    /// <summary>The number of elements of a range of this extent.</summary>
    public int Size => X;

    long IIndex.Size => X;

    /// <summary>An int as an index.</summary>
    public static implicit operator Index1D(int x) => new(x);

    /// <summary>An index as an int.</summary>
    public static implicit operator int(Index1D index) => index.X;

    /// <summary>The same index in 64 bits.</summary>
    public static implicit operator LongIndex1D(Index1D index) => new(index.X);

    /// <summary>The sum of two indices.</summary>
    public static Index1D operator +(Index1D left, Index1D right) => new(left.X + right.X);

    /// <summary>The difference of two indices.</summary>
    public static Index1D operator -(Index1D left, Index1D right) => new(left.X - right.X);

    /// <summary>The product of two indices.</summary>
    public static Index1D operator *(Index1D left, Index1D right) => new(left.X * right.X);

    /// <summary>The quotient of two indices, rounded towards zero.</summary>
    public static Index1D operator /(Index1D left, Index1D right) => new(left.X / right.X);

    /// <summary>Whether two indices are the same.</summary>
    public static bool operator ==(Index1D left, Index1D right) => left.Equals(right);

    /// <summary>Whether two indices differ.</summary>
    public static bool operator !=(Index1D left, Index1D right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Index1D other) => X == other.X;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index1D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => X;

    /// <summary>The component as text.</summary>
    public override string ToString() => $"{X}";
}
