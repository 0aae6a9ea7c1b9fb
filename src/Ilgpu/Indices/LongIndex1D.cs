namespace ILGPU;

/// <summary>A position or an extent in one dimension, of 64 bits. It converts to and from a long.</summary>
/// <param name="x">The only component.</param>
public readonly struct LongIndex1D(long x) : IIndex, IEquatable<LongIndex1D>
{
    /// <summary>The only component.</summary>
    public long X { get; } = x;

    /// <summary>The number of elements of a range of this extent.</summary>
    public long Size => X;

    /// <summary>A long as an index.</summary>
    public static implicit operator LongIndex1D(long x) => new(x);

    /// <summary>An index as a long.</summary>
    public static implicit operator long(LongIndex1D index) => index.X;

    /// <summary>Whether two indices are the same.</summary>
    public static bool operator ==(LongIndex1D left, LongIndex1D right) => left.Equals(right);

    /// <summary>Whether two indices differ.</summary>
    public static bool operator !=(LongIndex1D left, LongIndex1D right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(LongIndex1D other) => X == other.X;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LongIndex1D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => X.GetHashCode();

    /// <summary>The component as text.</summary>
    public override string ToString() => $"{X}";
}
