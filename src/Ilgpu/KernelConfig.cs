namespace ILGPU;

/// <summary>
/// The shape of one launch of an explicitly grouped kernel: a grid of groups, each of as many threads.
/// </summary>
/// <remarks>A pair (grid, group) converts to it, so a launch reads <c>kernel((gridSize, groupSize), …)</c>.</remarks>
public readonly struct KernelConfig
{
    /// <summary>A launch in one dimension.</summary>
    /// <param name="gridDim">The number of groups.</param>
    /// <param name="groupDim">The number of threads of a group.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public KernelConfig(Index1D gridDim, Index1D groupDim)
        : this(new Index3D(gridDim.X, 1, 1), new Index3D(groupDim.X, 1, 1))
    {
    }

    /// <summary>A launch in two dimensions.</summary>
    /// <param name="gridDim">The number of groups in each dimension.</param>
    /// <param name="groupDim">The number of threads of a group in each dimension.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public KernelConfig(Index2D gridDim, Index2D groupDim)
        : this(new Index3D(gridDim.X, gridDim.Y, 1), new Index3D(groupDim.X, groupDim.Y, 1))
    {
    }

    /// <summary>A launch in three dimensions.</summary>
    /// <param name="gridDim">The number of groups in each dimension.</param>
    /// <param name="groupDim">The number of threads of a group in each dimension.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public KernelConfig(Index3D gridDim, Index3D groupDim)
    {
        ThrowIfNegative(gridDim, nameof(gridDim));
        ThrowIfNegative(groupDim, nameof(groupDim));
        GridDim = gridDim;
        GroupDim = groupDim;
    }

    /// <summary>A launch in three dimensions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public KernelConfig(int gridDimX, int gridDimY, int gridDimZ, int groupDimX, int groupDimY, int groupDimZ)
        : this(new Index3D(gridDimX, gridDimY, gridDimZ), new Index3D(groupDimX, groupDimY, groupDimZ))
    {
    }

    /// <summary>The number of groups in each dimension.</summary>
    public Index3D GridDim { get; }

    /// <summary>The number of threads of a group in each dimension.</summary>
    public Index3D GroupDim { get; }

    /// <summary>Whether there is at least one thread to run.</summary>
    public bool IsValid =>
        GridDim.X > 0 && GridDim.Y > 0 && GridDim.Z > 0 && GroupDim.X > 0 && GroupDim.Y > 0 && GroupDim.Z > 0;

    /// <summary>The number of threads of the whole launch.</summary>
    public long Size => GridDim.LongSize * GroupDim.LongSize;

    /// <summary>A pair (grid, group) in one dimension.</summary>
    public static implicit operator KernelConfig((Index1D, Index1D) dimensions) =>
        new(dimensions.Item1, dimensions.Item2);

    /// <summary>A pair (grid, group) in two dimensions.</summary>
    public static implicit operator KernelConfig((Index2D, Index2D) dimensions) =>
        new(dimensions.Item1, dimensions.Item2);

    /// <summary>A pair (grid, group) in three dimensions.</summary>
    public static implicit operator KernelConfig((Index3D, Index3D) dimensions) =>
        new(dimensions.Item1, dimensions.Item2);

    private static void ThrowIfNegative(Index3D extent, string name)
    {
        if (extent.X < 0 || extent.Y < 0 || extent.Z < 0)
            throw new ArgumentOutOfRangeException(name, $"A launch with a {name} of {extent}: none may be negative.");
    }
}
