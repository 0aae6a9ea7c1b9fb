using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Ilgpu.Tests.Runtime;

/// <summary>What a launch allows, and what it says when it cannot be.</summary>
public class LaunchTests(CpuFixture cpu) : IClassFixture<CpuFixture>
{
    [Fact]
    public void LaunchesOfAStreamRunInOrder()
    {
        using AcceleratorStream stream = cpu.Small.CreateStream();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new[] { 1, 1, 1 });
        var add = cpu.Small.LoadAutoGroupedKernel<Index1D, ArrayView<int>, int>(Add);
        var multiply = cpu.Small.LoadKernel<ArrayView<int>, int>(Multiply);

        for (int round = 0; round < 3; round++)
        {
            add(stream, 3, buffer.View, 2);
            multiply(stream, new KernelConfig(1, 3), buffer.View, 10);
        }

        stream.Synchronize();
        Assert.Equal([3220, 3220, 3220], buffer.GetAsArray1D());
    }

    [Fact]
    public void GroupsOfOneThreadReachEveryIndexAndNoOther()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[40]);
        var kernel = cpu.Small.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<int>>(MarkOwnGroup, 1);

        kernel(33, buffer.View);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Range(0, 40).Select(i => i < 33 ? 1 : 0), buffer.GetAsArray1D());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void AnEmptyImplicitGroupIsRefusedWhenTheKernelIsLoaded(int groupSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => cpu.Small.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<int>, int>(Add, groupSize));

    [SkippableFact]
    public void ALargerImplicitGroupIsRefusedWhenTheKernelIsLoaded()
    {
        BuiltIn.Only();

        var exception = Assert.Throws<NotSupportedException>(
            () => cpu.Small.LoadImplicitlyGroupedStreamKernel<Index1D, ArrayView<int>, int>(Add, 2));

        Assert.Contains(nameof(Add), exception.Message);
    }

    [Fact]
    public void AGroupOfTheLargestSizeRuns()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Large.Allocate1D(new int[1024]);
        var kernel = cpu.Large.LoadStreamKernel<ArrayView<int>, int>(Multiply);

        kernel(new KernelConfig(new Index2D(1, 1), new Index2D(1024, 1)), buffer.View, 1);
        cpu.Large.Synchronize();
    }

    [Fact]
    public void AGroupLargerThanTheDeviceAllowsInOneDimensionIsRefused()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[32]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(Multiply);

        Assert.Throws<ArgumentOutOfRangeException>(() => kernel(new KernelConfig(1, 17), buffer.View, 1));
    }

    [Fact]
    public void AGroupLargerThanTheDeviceAllowsInAllDimensionsTogetherIsNotSupported()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[32]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(Multiply);

        Assert.Throws<NotSupportedException>(
            () => kernel(new KernelConfig(new Index2D(1, 1), new Index2D(5, 4)), buffer.View, 1));
    }

    [Fact]
    public void ANegativeConfigurationIsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new KernelConfig(1, -16));

    [SkippableTheory]
    [InlineData(0, 16)]
    [InlineData(1, 0)]
    public void AnEmptyConfigurationIsRefused(int grid, int group)
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(Multiply);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(
            () => kernel(new KernelConfig(grid, group), buffer.View, 1));

        Assert.Contains(nameof(Multiply), exception.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void AnEmptyRangeIsRefused(int extent)
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, int>(Add);

        Assert.Throws<ArgumentOutOfRangeException>(() => kernel(extent, buffer.View, 1));
    }

    [Fact]
    public void AGridLargerThanTheDeviceAllowsIsRefused()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(Multiply);

        Assert.Throws<ArgumentOutOfRangeException>(
            () => kernel(new KernelConfig(new Index2D(1, 65_536), new Index2D(1, 1)), buffer.View, 1));
    }

    [SkippableFact]
    public void ADisposedBufferIsRefused()
    {
        BuiltIn.Only();
        MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(Multiply);
        ArrayView<int> part = buffer.View.BaseView.SubView(4, 4);
        buffer.Dispose();

        var exception = Assert.Throws<ObjectDisposedException>(() => kernel(new KernelConfig(1, 4), part, 1));

        Assert.Contains(nameof(Multiply), exception.Message);
    }

    [SkippableFact]
    public void ABufferOfAnotherAcceleratorIsRefused()
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Large.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(Multiply);

        var exception = Assert.Throws<ArgumentException>(() => kernel(new KernelConfig(1, 4), buffer.View, 1));

        Assert.Contains(nameof(Multiply), exception.Message);
    }

    [SkippableFact]
    public void AStreamOfAnotherAcceleratorIsRefused()
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadKernel<ArrayView<int>, int>(Multiply);

        Assert.Throws<ArgumentException>(
            () => kernel(cpu.Large.DefaultStream, new KernelConfig(1, 4), buffer.View, 1));
    }

    [SkippableFact]
    public void ADisposedAcceleratorRefusesEverything()
    {
        BuiltIn.Only();
        using Context context = Context.Create(builder => builder.CPU(CPUDeviceKind.Default));
        Accelerator accelerator = context.CreateCPUAccelerator(0);
        MemoryBuffer1D<int, Stride1D.Dense> buffer = accelerator.Allocate1D(new int[16]);
        var kernel = accelerator.LoadStreamKernel<ArrayView<int>, int>(Multiply);
        accelerator.Dispose();

        Assert.True(buffer.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => kernel(new KernelConfig(1, 4), buffer.View, 1));
        Assert.Throws<ObjectDisposedException>(() => accelerator.Allocate1D<int>(1));
        Assert.Throws<ObjectDisposedException>(accelerator.CreateStream);
        Assert.Throws<ObjectDisposedException>(accelerator.Synchronize);
        Assert.Throws<ObjectDisposedException>(() => buffer.GetAsArray1D());
    }

    [SkippableFact]
    public void AnIndexedKernelWithABarrierIsRefusedWhenItIsLoaded()
    {
        BuiltIn.Only();

        var exception = Assert.Throws<NotSupportedException>(
            () => cpu.Small.LoadAutoGroupedStreamKernel<Index1D, int>(WaitsForNobody));

        Assert.Contains(nameof(WaitsForNobody), exception.Message);
    }

    [Fact]
    public void AKernelOfAnObjectIsRefusedWhenItIsLoaded()
    {
        int captured = 1;

        Assert.Throws<NotSupportedException>(
            () => cpu.Small.LoadStreamKernel<ArrayView<int>>(view => view[0] = captured));
    }

    private static void Add(Index1D index, ArrayView<int> numbers, int summand) => numbers[index] += summand;

    private static void MarkOwnGroup(Index1D index, ArrayView<int> seen) =>
        seen[index] += Grid.IdxX == index && Group.DimX == 1 ? 1 : 100;

    private static void Multiply(ArrayView<int> numbers, int factor)
    {
        int index = Grid.GlobalIndex.X;
        if (index < numbers.IntLength)
            numbers[index] *= factor;
    }

    private static void WaitsForNobody(Index1D index, int unused) => Group.Barrier();
}
