using ILGPU;
using ILGPU.Runtime;

namespace Ilgpu.Tests.Kernels;

/// <summary>Additions of many threads to one element.</summary>
public class AtomicTests(CpuFixture cpu) : IClassFixture<CpuFixture>
{
    private const int Threads = 20_000;

    [Fact]
    public void AddIntLosesNothingAndReturnsEachOldValueOnce()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> counter = cpu.Small.Allocate1D(new int[1]);
        using MemoryBuffer1D<int, Stride1D.Dense> seen = cpu.Small.Allocate1D(new int[Threads]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>>(Count);

        kernel(Threads, counter.View, seen.View);
        cpu.Small.Synchronize();

        Assert.Equal(Threads, counter.GetAsArray1D()[0]);
        Assert.Equal(Enumerable.Repeat(1, Threads), seen.GetAsArray1D());
    }

    [Fact]
    public void AddFloatLosesNothing()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> sum = cpu.Small.Allocate1D(new float[1]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(AddHalf);

        kernel(Threads, sum.View);
        cpu.Small.Synchronize();

        // Multiples of a half up to 10,000 are exact in float, whatever the order.
        Assert.Equal(Threads / 2f, sum.GetAsArray1D()[0]);
    }

    [Fact]
    public void AddFloatLosesNothingWhenTwoThreadsAddAtTheSameTime()
    {
        // A kernel this small may run on one core alone. Here each thread begins when it sees the other one run.
        const int Additions = 1_000_000;
        float sum = 0;
        int running = 0;
        void AddMany()
        {
            Interlocked.Increment(ref running);
            while (Volatile.Read(ref running) < 2)
                Thread.SpinWait(1);
            for (int i = 0; i < Additions; i++)
                Atomic.Add(ref sum, 1f);
        }

        var other = new Thread(AddMany);
        other.Start();
        AddMany();
        other.Join();

        // Whole numbers are exact in float up to 2²⁴.
        Assert.Equal(2f * Additions, sum);
    }

    [Fact]
    public void AddWorksInSharedMemory()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> sums = cpu.Small.Allocate1D(new int[3]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(CountShared);

        kernel(new KernelConfig(3, 16), sums.View);
        cpu.Small.Synchronize();

        Assert.Equal([120, 120, 120], sums.GetAsArray1D());
    }

    private static void Count(Index1D index, ArrayView<int> counter, ArrayView<int> seen)
    {
        int before = Atomic.Add(ref counter[0], 1);
        Atomic.Add(ref seen[before], 1);
    }

    private static void AddHalf(Index1D index, ArrayView<float> sum) => Atomic.Add(ref sum[0], 0.5f);

    private static void CountShared(ArrayView<int> sums)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(1);
        if (Group.IdxX == 0)
            shared[0] = 0;
        Group.Barrier();
        Atomic.Add(ref shared[0], Group.IdxX);
        Group.Barrier();
        if (Group.IdxX == 0)
            sums[Grid.IdxX] = shared[0];
    }
}
