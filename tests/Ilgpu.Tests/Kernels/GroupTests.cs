using ILGPU;
using ILGPU.Runtime;

namespace Ilgpu.Tests.Kernels;

/// <summary>Barriers and shared memory.</summary>
public class GroupTests(CpuFixture cpu) : IClassFixture<CpuFixture>
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 64)]
    [InlineData(5, 64)]
    [InlineData(3, 256)]
    public void TreeReductionSumsEachGroup(int groups, int groupSize)
    {
        int[] numbers = [.. Enumerable.Range(1, groups * groupSize)];
        using MemoryBuffer1D<int, Stride1D.Dense> input = cpu.Large.Allocate1D(numbers);
        using MemoryBuffer1D<int, Stride1D.Dense> sums = cpu.Large.Allocate1D(new int[groups]);
        var kernel = cpu.Large.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(SumOfGroup);

        kernel(new KernelConfig(groups, groupSize), input.View, sums.View);
        cpu.Large.Synchronize();

        Assert.Equal(numbers.Chunk(groupSize).Select(chunk => chunk.Sum()), sums.GetAsArray1D());
    }

    [Fact]
    public void AllocationsOfOneKernelAreDistinct()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> result = cpu.Small.Allocate1D(new int[2 * 16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(TwoAllocations);

        kernel(new KernelConfig(2, 16), result.View);
        cpu.Small.Synchronize();

        // Each thread reads its neighbour's numbers: 10 × neighbour from one allocation, 1000 + neighbour from the
        // other.
        IEnumerable<int> group = Enumerable.Range(0, 16).Select(i => (i + 1) % 16).Select(i => (10 * i) + 1000 + i);
        Assert.Equal([.. group, .. group], result.GetAsArray1D());
    }

    [Fact]
    public void BarrierInAMethodThatTheKernelCallsIsFound()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> result = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(ReversesThroughHelper);

        kernel(new KernelConfig(1, 16), result.View);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Range(0, 16).Reverse(), result.GetAsArray1D());
    }

    [Fact]
    public void SharedMemoryOfAnotherTypeInTheNextLaunchIsAllocatedAnew()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> ints = cpu.Small.Allocate1D(new int[16]);
        using MemoryBuffer1D<float, Stride1D.Dense> floats = cpu.Small.Allocate1D(new float[8]);
        var first = cpu.Small.LoadStreamKernel<ArrayView<int>>(ReversesThroughHelper);
        var second = cpu.Small.LoadStreamKernel<ArrayView<float>>(ReversesFloats);

        for (int round = 0; round < 3; round++)
        {
            first(new KernelConfig(1, 16), ints.View);
            second(new KernelConfig(1, 8), floats.View);
        }

        cpu.Small.Synchronize();
        Assert.Equal(Enumerable.Range(0, 16).Reverse(), ints.GetAsArray1D());
        Assert.Equal(Enumerable.Range(0, 8).Reverse().Select(i => (float)i), floats.GetAsArray1D());
    }

    [Fact]
    public void LocalsAndLoopsOutliveBarriers()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> result = cpu.Large.Allocate1D(new int[2 * 32]);
        var kernel = cpu.Large.LoadStreamKernel<ArrayView<int>, int>(Rotate);

        kernel(new KernelConfig(2, 32), result.View, 5);
        cpu.Large.Synchronize();

        // Five steps, each of which takes the right neighbour's number; the thread also counted its steps.
        IEnumerable<int> group = Enumerable.Range(0, 32).Select(i => (((i + 5) % 32) * 100) + 5);
        Assert.Equal([.. group, .. group], result.GetAsArray1D());
    }

    [Fact]
    public void FourteenArgumentsAndManyLocalsOutliveABarrier()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> result = cpu.Small.Allocate1D(new float[16]);
        var kernel = cpu.Small.LoadStreamKernel<
            int, int, int, int, int, int, int, int, int, int, int, int, float, ArrayView<float>>(Fourteen);

        kernel(new KernelConfig(1, 16), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13.5f, result.View);
        cpu.Small.Synchronize();

        // Σ i² for i = 1 … 12, 13 · 13.5 and ten times the thread's position: all of them exact in float.
        Assert.Equal(
            Enumerable.Range(0, 16).Select(thread => 650f + (13f * 13.5f) + (10 * thread)), result.GetAsArray1D());
    }

    [Fact]
    public void AChangedParameterOutlivesABarrier()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> result = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(ChangesItsParameters);

        kernel(new KernelConfig(1, 16), result.View, 3);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Range(0, 16).Select(thread => thread + 3 + 2), result.GetAsArray1D());
    }

    [Fact]
    public void AParameterThatAnotherMethodChangedOutlivesABarrier()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> result = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int, Index1D>(HasItsParametersChanged);

        kernel(new KernelConfig(1, 16), result.View, 3, new Index1D(100));
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Range(0, 16).Select(thread => (2 * thread) + 3 + 7), result.GetAsArray1D());
    }

    [Fact]
    public void AReferenceOutlivesABarrier()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> result = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(KeepsAReference);

        kernel(new KernelConfig(1, 16), result.View);
        cpu.Small.Synchronize();

        Assert.Equal(Enumerable.Repeat(5, 16), result.GetAsArray1D());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ABarrierMayStandInASwitch(int branch)
    {
        using MemoryBuffer1D<int, Stride1D.Dense> result = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(WaitsInASwitch);

        kernel(new KernelConfig(1, 16), result.View, branch);
        cpu.Small.Synchronize();

        int[] summands = [100, 200, 300, -1];
        Assert.Equal(Enumerable.Repeat(summands[branch] + 7, 16), result.GetAsArray1D());
    }

    [SkippableTheory]
    [InlineData(false, 1)]
    [InlineData(true, 16)]
    public void ASwitchMakesAGroupRunAsThreadsOfTheOperatingSystem(bool asThreads, int threads)
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> result = cpu.Small.Allocate1D(new int[16]);
        using MemoryBuffer1D<int, Stride1D.Dense> ids = cpu.Small.Allocate1D(new int[16]);
        AppContext.SetSwitch("ILGPU.CPU.GroupsAsThreads", asThreads);
        Action<KernelConfig, ArrayView<int>, ArrayView<int>> kernel;
        try
        {
            kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(ReversesAndTellsItsThread);
        }
        finally
        {
            AppContext.SetSwitch("ILGPU.CPU.GroupsAsThreads", false);
        }

        kernel(new KernelConfig(1, 16), result.View, ids.View);

        Assert.Equal(Enumerable.Range(0, 16).Reverse(), result.GetAsArray1D());
        Assert.Equal(threads, ids.GetAsArray1D().Distinct().Count());
    }

    private static void ReversesAndTellsItsThread(ArrayView<int> result, ArrayView<int> ids)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(16);
        shared[Group.IdxX] = Group.IdxX;
        ids[Group.IdxX] = Environment.CurrentManagedThreadId;
        Group.Barrier();
        result[Group.IdxX] = shared[Group.DimX - 1 - Group.IdxX];
    }

    private static void SumOfGroup(ArrayView<int> input, ArrayView<int> sums)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(256);
        int thread = Group.IdxX;
        shared[thread] = input[(Grid.IdxX * Group.DimX) + thread];
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half)
                shared[thread] += shared[thread + half];
            Group.Barrier();
        }

        if (thread == 0)
            sums[Grid.IdxX] = shared[0];
    }

    private static void TwoAllocations(ArrayView<int> result)
    {
        ArrayView<int> tens = SharedMemory.Allocate<int>(16);
        ArrayView<int> thousands = SharedMemory.Allocate<int>(16);
        int thread = Group.IdxX;
        tens[thread] = 10 * thread;
        thousands[thread] = 1000 + thread;
        Group.Barrier();
        int neighbour = (thread + 1) % 16;
        result[(Grid.IdxX * 16) + thread] = tens[neighbour] + thousands[neighbour];
    }

    private static void ReversesThroughHelper(ArrayView<int> result) => Reverse(result, SharedMemory.Allocate<int>(16));

    private static void Reverse(ArrayView<int> result, ArrayView<int> shared)
    {
        shared[Group.IdxX] = Group.IdxX;
        Group.Barrier();
        result[Group.IdxX] = shared[Group.DimX - 1 - Group.IdxX];
    }

    private static void ReversesFloats(ArrayView<float> result)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(8);
        shared[Group.IdxX] = Group.IdxX;
        Group.Barrier();
        result[Group.IdxX] = shared[Group.DimX - 1 - Group.IdxX];
    }

    private static void Rotate(ArrayView<int> result, int steps)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(32);
        int own = Group.IdxX;
        int taken = 0;
        for (int step = 0; step < steps; step++)
        {
            shared[Group.IdxX] = own;
            Group.Barrier();
            own = shared[(Group.IdxX + 1) % Group.DimX];
            taken++;
            Group.Barrier();
        }

        result[(Grid.IdxX * Group.DimX) + Group.IdxX] = (own * 100) + taken;
    }

    private static void Fourteen(
        int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l, float m,
        ArrayView<float> to)
    {
        int one = Group.IdxX, two = one * 2, three = one * 3, four = one * 4;
        float first = a + (2 * b) + (3 * c) + (4 * d), second = (5 * e) + (6 * f), third = (7 * g) + (8 * h);
        float fourth = (9 * i) + (10 * j), fifth = (11 * k) + (12 * l);
        Group.Barrier();
        to[one] = first + second + third + fourth + fifth + (13 * m) + one + two + three + four;
    }

    private static void ChangesItsParameters(ArrayView<int> result, int number)
    {
        number += Group.IdxX;
        Group.Barrier();
        number += 2;
        result = result.SubView(0, 16);
        Group.Barrier();
        result[Group.IdxX] = number;
    }

    private static void HasItsParametersChanged(ArrayView<int> result, int number, Index1D index)
    {
        Bump(ref number);
        index = new Index1D(Group.IdxX + 7);
        Group.Barrier();
        result[Group.IdxX] = number + index.X;
    }

    private static void Bump(ref int number) => number += Group.IdxX;

    private static void KeepsAReference(ArrayView<int> result)
    {
        ref int own = ref result[Group.IdxX];
        own = 2;
        Group.Barrier();
        own += 3;
    }

    private static void WaitsInASwitch(ArrayView<int> result, int branch)
    {
        int sum;
        switch (branch)
        {
            case 0:
                sum = 100;
                Group.Barrier();
                break;
            case 1:
                Group.Barrier();
                sum = 200;
                break;
            case 2:
                sum = 300;
                break;
            default:
                sum = -1;
                break;
        }

        Group.Barrier();
        result[Group.IdxX] = sum + 7;
    }
}
