using System.Numerics;

namespace ILGPU.Runtime.OpenCL;

/// <summary>Chooses the groups of a kernel that leaves them to the runtime.</summary>
/// <param name="maxExtent">The most threads of a group in each dimension.</param>
/// <param name="maxThreads">The most threads of a group.</param>
/// <param name="warp">The threads that run in step: a group should be a multiple of them.</param>
/// <param name="multiprocessors">What runs groups at the same time.</param>
internal sealed class ImplicitGroup(Index3D maxExtent, int maxThreads, int warp, int multiprocessors)
{
    /// <summary>Enough to hide a GPU's latencies; more leaves each thread fewer registers.</summary>
    private const int UsualThreads = 256;

    /// <summary>As many groups for each multiprocessor keep them evenly busy to the end.</summary>
    private const int GroupsPerMultiprocessor = 4;

    /// <summary>
    /// The group for an extent: powers of two, filled along X first, since threads that differ in X most often read
    /// neighbours. Smaller extents get smaller groups, so that no multiprocessor is idle, but not less than a warp.
    /// </summary>
    internal Index3D For(Index3D extent)
    {
        int least = PowerOfTwoBelow(Math.Min(warp, maxThreads));
        int threads = Math.Max(least, PowerOfTwoBelow(Math.Min(UsualThreads, maxThreads)));
        while (threads > least && extent.LongSize / threads < (long)multiprocessors * GroupsPerMultiprocessor)
            threads /= 2;
        int x = Along(extent.X, maxExtent.X, threads);
        int y = Along(extent.Y, maxExtent.Y, threads / x);
        int z = Along(extent.Z, maxExtent.Z, threads / x / y);
        return new Index3D(x, y, z);
    }

    /// <summary>The number of groups that cover an extent.</summary>
    internal static Index3D Cover(Index3D extent, Index3D group) => new(
        Quotient(extent.X, group.X), Quotient(extent.Y, group.Y), Quotient(extent.Z, group.Z));

    private static int Quotient(int extent, int group) => (int)(((long)extent + group - 1) / group);

    private static int Along(int extent, int most, int threads) =>
        Math.Min((int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)extent), (uint)threads), PowerOfTwoBelow(most));

    private static int PowerOfTwoBelow(int value) => 1 << BitOperations.Log2((uint)Math.Max(1, value));
}
