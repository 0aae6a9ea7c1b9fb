using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Ilgpu.Tests.Runtime.OpenCL;

public class MemoryTests(OpenClFixture fixture) : IClassFixture<OpenClFixture>
{
    [SkippableFact]
    public void WhatIsCopiedToABufferComesBack()
    {
        int[] numbers = [.. Enumerable.Range(-50, 1000)];
        using var buffer = fixture.Accelerator.Allocate1D(numbers);

        Assert.Equal(numbers, buffer.GetAsArray1D());
    }

    [SkippableFact]
    public void APartOfABufferIsCopied()
    {
        using var buffer = fixture.Accelerator.Allocate1D(new int[8]);
        ArrayView<int> part = buffer.View.SubView(2, 5).BaseView.SubView(1, 3);

        part.CopyFromCPU([1, 2, 3]);
        int[] copied = new int[2];
        part.SubView(1).CopyToCPU(copied);

        Assert.Equal([0, 0, 0, 1, 2, 3, 0, 0], buffer.GetAsArray1D());
        Assert.Equal([2, 3], copied);
    }

    [SkippableTheory]
    [InlineData(0, 64)]
    [InlineData(4, 12)]
    [InlineData(3, 7)]
    public void AnyPartOfABufferIsSetToZero(int first, int length)
    {
        using var buffer = fixture.Accelerator.Allocate1D(Enumerable.Repeat((byte)7, 64).ToArray());

        buffer.View.SubView(first, length).MemSetToZero();

        Assert.Equal(
            Enumerable.Range(0, 64).Select(i => (byte)(i >= first && i < first + length ? 0 : 7)),
            buffer.GetAsArray1D());
    }

    [SkippableFact]
    public void ABufferMayBeEmpty()
    {
        CLAccelerator accelerator = fixture.Accelerator;
        using var empty = accelerator.Allocate1D<byte>(0);
        using var result = accelerator.Allocate1D<long>(20);
        empty.View.MemSetToZero();
        var kernel = accelerator.LoadStreamKernel<ArrayView<long>, ArrayView<byte>, int, float, long, byte>(
            HandWrittenKernels.Describe);

        kernel((1, 1), result.View, empty.View, 0, 0, 0, 0);

        Assert.Empty(empty.GetAsArray1D());
        Assert.Equal(0, result.GetAsArray1D()[4]);
    }

    [SkippableFact]
    public void ADisposedBufferIsRefusedEvenWhereItWasTheLastArgument()
    {
        CLAccelerator accelerator = fixture.Accelerator;
        var buffer = accelerator.Allocate1D(new int[4]);
        ArrayView<int> view = buffer.View;
        var kernel = accelerator.LoadStreamKernel<ArrayView<int>, int>(HandWrittenKernels.Add);
        kernel((1, 4), view, 1);

        // What is queued still runs.
        buffer.Dispose();
        accelerator.Synchronize();

        Assert.Throws<ObjectDisposedException>(() => kernel((1, 4), view, 1));
        Assert.Throws<ObjectDisposedException>(() => view.CopyToCPU(new int[4]));
        Assert.Throws<ObjectDisposedException>(() => ((ArrayView1D<int, Stride1D.Dense>)view).MemSetToZero());
        Assert.Throws<ObjectDisposedException>(() => buffer.View);
    }

    [SkippableFact]
    public void DisposingTheAcceleratorReleasesWhatIsLeft()
    {
        _ = fixture.Accelerator;
        CLAccelerator accelerator = fixture.NewAccelerator();
        var buffer = accelerator.Allocate1D(new int[4]);
        var kernel = accelerator.LoadStreamKernel<ArrayView<int>, int>(HandWrittenKernels.Add);
        AcceleratorStream stream = accelerator.CreateStream();
        ClMemory memory = (ClMemory)buffer.Memory;
        kernel((1, 4), buffer.View, 1);

        accelerator.Dispose();

        Assert.Throws<ObjectDisposedException>(() => memory.Handle);
        Assert.Throws<ObjectDisposedException>(() => kernel((1, 4), default, 1));
        Assert.Throws<ObjectDisposedException>(() => accelerator.Allocate1D<int>(1));
        Assert.Throws<ObjectDisposedException>(stream.Synchronize);
        stream.Dispose();
        buffer.Dispose();
        accelerator.Dispose();
    }

    [SkippableFact]
    public void ABufferThatNobodyDisposesIsReleasedByTheGarbageCollector()
    {
        CLAccelerator accelerator = fixture.Accelerator;
        WeakReference memory = Drop(accelerator);

        for (int i = 0; i < 10 && memory.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(memory.IsAlive);
    }

    [SkippableFact]
    public async Task ABufferMayBeDisposedWhileAnotherThreadLaunches()
    {
        CLAccelerator accelerator = fixture.Accelerator;
        var kernel = accelerator.LoadStreamKernel<ArrayView<int>, int>(HandWrittenKernels.Add);
        for (int i = 0; i < 20; i++)
        {
            var buffer = accelerator.Allocate1D(new int[64]);
            ArrayView<int> view = buffer.View;
            Task launches = Task.Run(() =>
            {
                while (true)
                    kernel((1, 64), view, 1);
            });
            await Task.Delay(1);
            buffer.Dispose();

            await Assert.ThrowsAsync<ObjectDisposedException>(() => launches);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Drop(CLAccelerator accelerator) =>
        new(accelerator.Allocate1D<byte>(1 << 20).Memory);
}
