using ILGPU;
using ILGPU.Runtime;

namespace Ilgpu.Tests.Runtime.CPU;

/// <summary>Kernels that fail: the launch throws, names the kernel, and leaves the accelerator usable.</summary>
/// <remarks>
/// There are two ways to run a kernel with barriers (CPUAccelerator). Here a barrier in a method that the kernel calls
/// asks for the threads of the operating system.
/// </remarks>
public class FaultTests(CpuFixture cpu) : IClassFixture<CpuFixture>
{
    [SkippableTheory]
    [InlineData(4)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void AnIndexOutsideOfAViewNamesTheKernelAndTheThread(int index)
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[4]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(WritesAt);

        var exception = Assert.Throws<InvalidOperationException>(
            () => kernel(new KernelConfig(1, 1), buffer.View, index));

        Assert.IsType<IndexOutOfRangeException>(exception.InnerException);
        Assert.Contains($"{nameof(FaultTests)}.{nameof(WritesAt)}", exception.Message);
        Assert.Contains($"Index {index}", exception.Message);
    }

    [SkippableFact]
    public void AnIndexedKernelNamesTheIndex()
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[70]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index2D, ArrayView<int>>(WritesAtIndex);

        var exception = Assert.Throws<InvalidOperationException>(() => kernel(new Index2D(10, 8), buffer.View));

        Assert.Contains(", 7, 0)", exception.Message);
    }

    [SkippableTheory]
    [InlineData(0, false)]
    [InlineData(200, false)]
    [InlineData(0, true)]
    [InlineData(60, true)]
    public void AThreadThatFailsDoesNotHangTheThreadsAtABarrier(int failing, bool asThreads)
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Large.Allocate1D(new int[256]);
        var kernel = cpu.Large.LoadStreamKernel<ArrayView<int>, int>(
            asThreads ? FailsBeforeBarrierAsThreads : FailsBeforeBarrier);

        var exception = Assert.Throws<InvalidOperationException>(
            () => kernel(new KernelConfig(3, asThreads ? 64 : 256), buffer.View, failing));

        Assert.IsType<IndexOutOfRangeException>(exception.InnerException);
        Assert.Contains($"thread ({failing}, 0, 0)", exception.Message);

        // The same accelerator runs the same kernel when nothing fails.
        kernel(new KernelConfig(3, asThreads ? 64 : 256), buffer.View, -1);
        Assert.Equal(Enumerable.Repeat(3, asThreads ? 64 : 256), buffer.GetAsArray1D().Where(count => count != 0));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void ABarrierThatSomeThreadsDoNotReachFails(bool asThreads)
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(
            asThreads ? ReturnsBeforeBarrierAsThreads : ReturnsBeforeBarrier);

        var exception = Assert.Throws<InvalidOperationException>(() => kernel(new KernelConfig(2, 16), buffer.View));

        Assert.Contains("barrier", exception.Message);
        Assert.Contains(nameof(ReturnsBeforeBarrier), exception.Message);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void SharedMemoryThatDiffersBetweenThreadsFails(bool asThreads)
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[16]);
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>>(
            asThreads ? AllocatesDifferentlyAsThreads : AllocatesDifferently);

        var exception = Assert.Throws<InvalidOperationException>(() => kernel(new KernelConfig(1, 16), buffer.View));

        Assert.Contains("shared memory", exception.Message);
    }

    [SkippableFact]
    public void ABarrierOutsideOfAKernelFails()
    {
        BuiltIn.Only();

        Assert.Throws<InvalidOperationException>(Group.Barrier);
        Assert.Throws<InvalidOperationException>(() => SharedMemory.Allocate<int>(1));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void LaunchesFromSeveralThreadsDoNotDisturbEachOther(bool asThreads)
    {
        BuiltIn.Only();
        var kernel = cpu.Small.LoadStreamKernel<ArrayView<int>, int>(
            asThreads ? FailsBeforeBarrierAsThreads : FailsBeforeBarrier);
        var loop = cpu.Small.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>(Increment);

        Parallel.For(0, 8, _ =>
        {
            using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[16]);
            for (int round = 0; round < 20; round++)
            {
                kernel(new KernelConfig(1, 16), buffer.View, -1);
                loop(16, buffer.View);
            }

            Assert.Equal(Enumerable.Repeat(40, 16), buffer.GetAsArray1D());
        });
    }

    [SkippableFact]
    public void ALaunchAllocatesNothingOnceTheKernelHasRun()
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[1]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>(Increment);

        // One index needs no helper from the thread pool, so the same launch object serves every time.
        kernel(1, buffer.View);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int launch = 0; launch < 100; launch++)
            kernel(1, buffer.View);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(101, buffer.GetAsArray1D()[0]);
    }

    private static void WritesAt(ArrayView<int> numbers, int index) => numbers[index] = 1;

    private static void WritesAtIndex(Index2D index, ArrayView<int> numbers) => numbers[(index.Y * 10) + index.X] = 1;

    private static void Increment(Index1D index, ArrayView<int> numbers) => numbers[index] += 1;

    private static void FailsBeforeBarrier(ArrayView<int> numbers, int failing)
    {
        if (Group.IdxX == failing)
            numbers[-1] = 1;
        Group.Barrier();
        Atomic.Add(ref numbers[Group.IdxX], 1);
        Group.Barrier();
    }

    private static void FailsBeforeBarrierAsThreads(ArrayView<int> numbers, int failing)
    {
        if (Group.IdxX == failing)
            numbers[-1] = 1;
        Wait();
        Atomic.Add(ref numbers[Group.IdxX], 1);
        Wait();
    }

    private static void ReturnsBeforeBarrier(ArrayView<int> numbers)
    {
        if (Group.IdxX == 3)
            return;
        Group.Barrier();
        numbers[Group.IdxX] = 1;
    }

    private static void ReturnsBeforeBarrierAsThreads(ArrayView<int> numbers)
    {
        if (Group.IdxX == 3)
            return;
        Wait();
        numbers[Group.IdxX] = 1;
    }

    private static void AllocatesDifferently(ArrayView<int> numbers)
    {
        ArrayView<int> shared = Group.IdxX == 0 ? SharedMemory.Allocate<int>(16) : SharedMemory.Allocate<int>(32);
        shared[Group.IdxX] = 1;
        Group.Barrier();
        numbers[Group.IdxX] = shared[Group.IdxX];
    }

    private static void AllocatesDifferentlyAsThreads(ArrayView<int> numbers)
    {
        ArrayView<int> shared = Group.IdxX == 0 ? SharedMemory.Allocate<int>(16) : SharedMemory.Allocate<int>(32);
        shared[Group.IdxX] = 1;
        Wait();
        numbers[Group.IdxX] = shared[Group.IdxX];
    }

    private static void Wait() => Group.Barrier();
}
