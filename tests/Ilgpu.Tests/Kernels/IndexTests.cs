using ILGPU;
using ILGPU.Runtime;

namespace Ilgpu.Tests.Kernels;

/// <summary>What a kernel sees of its position: its index argument, Grid and Group.</summary>
public class IndexTests(CpuFixture cpu) : IClassFixture<CpuFixture>
{
    [Fact]
    public void ImplicitIndexRunsOverARangeInOneDimension()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> seen = cpu.Small.Allocate1D(new int[1000]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>(Mark1D);

        kernel(999, seen.View);
        cpu.Small.Synchronize();

        Assert.Equal([.. Enumerable.Range(0, 999).Select(i => i + 1), 0], seen.GetAsArray1D());
    }

    [Fact]
    public void ImplicitIndexRunsOverARangeInTwoDimensions()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> seen = cpu.Small.Allocate1D(new int[7 * 5]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index2D, ArrayView<int>, int>(Mark2D);

        kernel(new Index2D(7, 5), seen.View, 7);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Range(1, 7 * 5), seen.GetAsArray1D());
    }

    [Fact]
    public void ImplicitIndexRunsOverARangeInThreeDimensions()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> seen = cpu.Small.Allocate1D(new int[3 * 4 * 5]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index3D, ArrayView<int>>(Mark3D);

        kernel(new Index3D(3, 4, 5), seen.View);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Range(1, 3 * 4 * 5), seen.GetAsArray1D());
    }

    [Fact]
    public void GridAndGroupGiveEachThreadItsPositionInThreeDimensions()
    {
        var grid = new Index3D(3, 2, 4);
        var group = new Index3D(2, 4, 2);
        using MemoryBuffer1D<int, Stride1D.Dense> seen = cpu.Small.Allocate1D(new int[grid.Size * group.Size]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(MarkGlobal);

        kernel(new KernelConfig(grid, group), seen.View);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Repeat(1, grid.Size * group.Size), seen.GetAsArray1D());
    }

    [Fact]
    public void GridAndGroupAreTheSameInAKernelWithBarriers()
    {
        var grid = new Index3D(3, 2, 2);
        var group = new Index3D(2, 2, 3);
        using MemoryBuffer1D<int, Stride1D.Dense> seen = cpu.Small.Allocate1D(new int[grid.Size * group.Size]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(MarkGlobalAfterBarrier);

        kernel(new KernelConfig(grid, group), seen.View);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Repeat(1, grid.Size * group.Size), seen.GetAsArray1D());
    }

    [Fact]
    public void GlobalIndexIsGroupTimesSizePlusThread()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> seen = cpu.Small.Allocate1D(new int[6 * 4]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(CompareGlobalIndex);

        kernel(new KernelConfig(new Index2D(3, 2), new Index2D(2, 2)), seen.View);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Repeat(1, 6 * 4), seen.GetAsArray1D());
    }

    [Fact]
    public void FourteenArgumentsArriveInOrder()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> result = cpu.Small.Allocate1D(new float[1]);
        var kernel = cpu.Small.LoadStreamKernel<
            int, int, int, int, int, int, int, int, int, int, int, int, float, ArrayView<float>>(Fourteen);

        kernel(new KernelConfig(1, 1), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13.5f, result.View);
        cpu.Small.Synchronize();

        // Σ i² for i = 1 … 12, and 13 · 13.5: all of them exact in float.
        Assert.Equal(650f + (13f * 13.5f), result.GetAsArray1D()[0]);
    }

    [Fact]
    public void FourteenArgumentsAndAnIndexArriveInOrder()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> result = cpu.Small.Allocate1D(new float[2]);
        var kernel = cpu.Small.LoadAutoGroupedKernel<
            Index1D, int, int, int, int, int, int, int, int, int, int, int, int, float, ArrayView<float>>(
                FourteenIndexed);

        kernel(cpu.Small.DefaultStream, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13.5f, result.View);
        cpu.Small.Synchronize();

        Assert.Equal([650f + (13f * 13.5f), 650f + (13f * 13.5f) + 1f], result.GetAsArray1D());
    }

    [Fact]
    public void FourteenArgumentsAndAnIndexArriveInOrderInGroupsOfOneThread()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> result = cpu.Small.Allocate1D(new float[2]);
        var kernel = cpu.Small.LoadImplicitlyGroupedStreamKernel<
            Index1D, int, int, int, int, int, int, int, int, int, int, int, int, float, ArrayView<float>>(
                FourteenIndexed, 1);

        kernel(2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13.5f, result.View);
        cpu.Small.Synchronize();

        Assert.Equal([650f + (13f * 13.5f), 650f + (13f * 13.5f) + 1f], result.GetAsArray1D());
    }

    private static void Mark1D(Index1D index, ArrayView<int> seen) => seen[index] += index + 1;

    private static void Mark2D(Index2D index, ArrayView<int> seen, int width) =>
        seen[(index.Y * width) + index.X] += (index.Y * width) + index.X + 1;

    private static void Mark3D(Index3D index, ArrayView<int> seen)
    {
        int position = (((index.Z * 4) + index.Y) * 3) + index.X;
        seen[position] += position + 1;
    }

    private static void MarkGlobal(ArrayView<int> seen) => seen[Position()] += 1;

    private static void MarkGlobalAfterBarrier(ArrayView<int> seen)
    {
        Group.Barrier();
        seen[Position()] += 1;
    }

    private static int Position()
    {
        int x = (Grid.IdxX * Group.DimX) + Group.IdxX;
        int y = (Grid.IdxY * Group.DimY) + Group.IdxY;
        int z = (Grid.IdxZ * Group.DimZ) + Group.IdxZ;
        int width = Grid.DimX * Group.DimX;
        int height = Grid.DimY * Group.DimY;
        return (((z * height) + y) * width) + x;
    }

    private static void CompareGlobalIndex(ArrayView<int> seen)
    {
        Index3D index = Grid.GlobalIndex;
        if (index.X == (Grid.IdxX * 2) + Group.IdxX && index.Y == (Grid.IdxY * 2) + Group.IdxY && index.Z == 0)
            seen[(index.Y * 6) + index.X] += 1;
    }

    private static void Fourteen(
        int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l, float m,
        ArrayView<float> to)
        => to[0] = a + (2 * b) + (3 * c) + (4 * d) + (5 * e) + (6 * f) + (7 * g) + (8 * h) + (9 * i) + (10 * j)
            + (11 * k) + (12 * l) + (13 * m);

    private static void FourteenIndexed(
        Index1D index,
        int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l, float m,
        ArrayView<float> to)
        => to[index] = index + a + (2 * b) + (3 * c) + (4 * d) + (5 * e) + (6 * f) + (7 * g) + (8 * h) + (9 * i)
            + (10 * j) + (11 * k) + (12 * l) + (13 * m);
}
