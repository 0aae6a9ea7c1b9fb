using System.Runtime.CompilerServices;

namespace ILGPU.Runtime.Launching;

/// <summary>The index of an implicitly grouped kernel, whichever of the index types it takes.</summary>
internal static class KernelIndex
{
    /// <summary>The launch that runs one thread for each index below an extent: groups of one thread.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The extent is negative.</exception>
    internal static KernelConfig Launch<TIndex>(TIndex extent)
        where TIndex : struct, IIndex
    {
        Index3D grid;
        if (typeof(TIndex) == typeof(Index1D))
            grid = new Index3D(Unsafe.As<TIndex, Index1D>(ref extent).X, 1, 1);
        else if (typeof(TIndex) == typeof(Index2D))
            grid = new Index3D(Unsafe.As<TIndex, Index2D>(ref extent).X, Unsafe.As<TIndex, Index2D>(ref extent).Y, 1);
        else if (typeof(TIndex) == typeof(Index3D))
            grid = Unsafe.As<TIndex, Index3D>(ref extent);
        else if (typeof(TIndex) == typeof(LongIndex1D))
            grid = new Index3D(checked((int)Unsafe.As<TIndex, LongIndex1D>(ref extent).X), 1, 1);
        else
            throw new NotSupportedException($"A kernel cannot be given a {typeof(TIndex).Name} as its index.");
        return new KernelConfig(grid, new Index3D(1, 1, 1));
    }

    /// <summary>The index of the thread that runs now.</summary>
    internal static TIndex Current<TIndex>()
        where TIndex : struct, IIndex
    {
        // The type is known when this is compiled, so one of these lines is all that remains.
        if (typeof(TIndex) == typeof(Index1D))
            return Unsafe.BitCast<Index1D, TIndex>(new Index1D(Grid.IdxX));
        if (typeof(TIndex) == typeof(Index2D))
            return Unsafe.BitCast<Index2D, TIndex>(new Index2D(Grid.IdxX, Grid.IdxY));
        if (typeof(TIndex) == typeof(Index3D))
            return Unsafe.BitCast<Index3D, TIndex>(new Index3D(Grid.IdxX, Grid.IdxY, Grid.IdxZ));
        return Unsafe.BitCast<LongIndex1D, TIndex>(new LongIndex1D(Grid.IdxX));
    }
}
