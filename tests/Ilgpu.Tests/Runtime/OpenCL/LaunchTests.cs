using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Ilgpu.Tests.Runtime.OpenCL;

public class LaunchTests(OpenClFixture fixture) : IClassFixture<OpenClFixture>
{
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(100_003)]
    public void AnImplicitlyGroupedLaunchReachesEveryIndexAndNoOther(int length)
    {
        Accelerator accelerator = fixture.Accelerator;
        using var buffer = accelerator.Allocate1D(Enumerable.Range(0, length + 500).Select(i => (float)i).ToArray());
        var kernel = accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, float>(
            HandWrittenKernels.Scale);

        kernel(length, buffer.View, 2);

        Assert.Equal(
            Enumerable.Range(0, length + 500).Select(i => i < length ? 2f * i : i), buffer.GetAsArray1D());
    }

    [SkippableFact]
    public void AnIndexMayHaveThreeDimensions()
    {
        Accelerator accelerator = fixture.Accelerator;
        using var buffer = accelerator.Allocate1D<int>(7 * 5 * 3);
        var kernel = accelerator.LoadAutoGroupedStreamKernel<Index3D, ArrayView<int>>(HandWrittenKernels.Positions);

        kernel(new Index3D(7, 5, 3), buffer.View);

        Assert.Equal(
            from z in Enumerable.Range(0, 3)
            from y in Enumerable.Range(0, 5)
            from x in Enumerable.Range(0, 7)
            select x + (100 * y) + (10000 * z),
            buffer.GetAsArray1D());
    }

    [SkippableFact]
    public void EveryKindOfArgumentArrivesAndSoDoesAChangeOfEach()
    {
        Accelerator accelerator = fixture.Accelerator;
        using var result = accelerator.Allocate1D<long>(20);
        using var buffer = accelerator.Allocate1D<byte>(10);
        ArrayView<byte> bytes = buffer.View;
        var kernel = accelerator.LoadStreamKernel<ArrayView<long>, ArrayView<byte>, int, float, long, byte>(
            HandWrittenKernels.Describe);

        long[] Launch(KernelConfig config, ArrayView<byte> other, int i, float f, long l, byte b)
        {
            kernel(config, result.View, other, i, f, l, b);
            return result.GetAsArray1D()[..11];
        }

        Assert.Equal(
            [0, 20, 1, 0, 0, -1, 3, 1L << 40, 255, 111, 111], Launch((1, 1), default, -1, 1.5f, 1L << 40, 255));
        Assert.Equal([0, 20, 0, 0, 10, -1, 3, 1L << 40, 255, 111, 111], Launch((1, 1), bytes, -1, 1.5f, 1L << 40, 255));
        Assert.Equal(
            [0, 20, 0, 3, 4, -1, 3, 1L << 40, 255, 111, 111],
            Launch((1, 1), bytes.SubView(3, 4), -1, 1.5f, 1L << 40, 255));
        Assert.Equal([0, 20, 0, 0, 10, 8, 3, 1L << 40, 255, 111, 111], Launch((1, 1), bytes, 8, 1.5f, 1L << 40, 255));
        Assert.Equal([0, 20, 0, 0, 10, 8, -4, 1L << 40, 255, 111, 111], Launch((1, 1), bytes, 8, -2, 1L << 40, 255));
        Assert.Equal([0, 20, 0, 0, 10, 8, -4, -5, 1, 111, 111], Launch((1, 1), bytes, 8, -2, -5, 1));
        Assert.Equal([0, 20, 1, 0, 0, 8, -4, -5, 1, 111, 111], Launch((1, 1), default, 8, -2, -5, 1));
        Assert.Equal(
            [0, 20, 1, 0, 0, 8, -4, -5, 1, 432, 123],
            Launch((new Index3D(2, 3, 4), new Index3D(3, 2, 1)), default, 8, -2, -5, 1));
    }

    [SkippableFact]
    public void ANewBufferIsNotTakenForAFreedOne()
    {
        // Drivers give handles again: the cl_kernel must be told of the new buffer even where the handle is the old.
        CLAccelerator accelerator = fixture.Accelerator;
        var kernel = accelerator.LoadStreamKernel<ArrayView<int>, int>(HandWrittenKernels.Add);
        for (int i = 0; i < 50; i++)
        {
            using var buffer = accelerator.Allocate1D(new int[64]);
            kernel((1, 64), buffer.View, i);
            Assert.Equal(Enumerable.Repeat(i, 64), buffer.GetAsArray1D());
        }
    }

    [SkippableFact]
    public void GroupsShareMemoryAndWaitAtBarriers()
    {
        Accelerator accelerator = fixture.Accelerator;
        using var numbers = accelerator.Allocate1D(Enumerable.Range(0, 100).ToArray());
        using var sums = accelerator.Allocate1D<int>(4);
        var kernel = accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(HandWrittenKernels.GroupSums);

        kernel((4, 32), numbers.View, sums.View);

        Assert.Equal(
            Enumerable.Range(0, 100).Chunk(32).Select(chunk => chunk.Sum()), sums.GetAsArray1D());
    }

    [SkippableFact]
    public void LaunchesOfAStreamRunInOrder()
    {
        Accelerator accelerator = fixture.Accelerator;
        using AcceleratorStream stream = accelerator.CreateStream();
        using var buffer = accelerator.Allocate1D(Enumerable.Repeat(1f, 1000).ToArray());
        using var total = accelerator.Allocate1D(new int[1000]);
        var scale = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float>(HandWrittenKernels.Scale);

        for (int i = 0; i < 20; i++)
        {
            scale(stream, 1000, buffer.View, 2);
            scale(stream, 1000, buffer.View, 0.5f);
            scale(stream, 1000, buffer.View, 3);
        }

        stream.Synchronize();
        Assert.Equal(Enumerable.Repeat(MathF.Pow(3, 20), 1000), buffer.GetAsArray1D());
    }

    [SkippableFact]
    public async Task TwoThreadsLaunchTheSameKernelWithArgumentsOfTheirOwn()
    {
        CLAccelerator accelerator = fixture.Accelerator;
        var kernel = accelerator.LoadKernel<ArrayView<int>, int>(HandWrittenKernels.Add);
        const int Launches = 2000;

        async Task<int[]> Add(int value)
        {
            await Task.Yield();
            using AcceleratorStream stream = accelerator.CreateStream();
            using var buffer = accelerator.Allocate1D(new int[16]);
            for (int i = 0; i < Launches; i++)
                kernel(stream, (1, 16), buffer.View, value);
            stream.Synchronize();
            return buffer.GetAsArray1D();
        }

        Task<int[]> one = Add(1);
        Task<int[]> thousand = Add(1000);

        Assert.Equal(Enumerable.Repeat(Launches, 16), await one);
        Assert.Equal(Enumerable.Repeat(Launches * 1000, 16), await thousand);
    }

    [SkippableFact]
    public void ALaunchAllocatesNothing()
    {
        CLAccelerator accelerator = fixture.Accelerator;
        using var result = accelerator.Allocate1D<long>(20);
        using var buffer = accelerator.Allocate1D<byte>(10);
        ArrayView<byte> bytes = buffer.View;
        ArrayView<long> resultView = result.View;

        var kernel = accelerator.LoadStreamKernel<ArrayView<long>, ArrayView<byte>, int, float, long, byte>(
            HandWrittenKernels.Describe);
        kernel((1, 1), resultView, bytes, 1, 2, 3, 4);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            kernel((1, 1), resultView, bytes, i, i, i, (byte)i);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        accelerator.Synchronize();
        Assert.Equal(0, allocated);
    }

    [SkippableFact]
    public void AKernelIsBuiltOnceForAMethod()
    {
        int translations = 0;
        using CLAccelerator accelerator = fixture.NewAccelerator(kernel =>
        {
            translations++;
            return HandWrittenKernels.Source(kernel);
        });

        accelerator.LoadStreamKernel<ArrayView<int>, int>(HandWrittenKernels.Add);
        accelerator.LoadKernel<ArrayView<int>, int>(HandWrittenKernels.Add);
        accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(HandWrittenKernels.GroupSums);

        Assert.Equal(2, translations);
    }

    [SkippableFact]
    public void AGroupThatIsTooLargeIsRefused()
    {
        CLAccelerator accelerator = fixture.Accelerator;
        using var buffer = accelerator.Allocate1D<int>(1);
        var kernel = accelerator.LoadStreamKernel<ArrayView<int>, int>(HandWrittenKernels.Add);
        int threads = accelerator.MaxNumThreadsPerGroup + 1;

        // Whether the length or the product is too much depends on the device's limits.
        Exception exception = Assert.ThrowsAny<Exception>(() => kernel((1, threads), buffer.View, 1));

        Assert.True(exception is ArgumentOutOfRangeException or NotSupportedException, $"{exception}");
        Assert.Contains("HandWrittenKernels.Add", exception.Message);
    }
}
