using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace Ilgpu.Tests.Runtime;

/// <summary>Buffers, views and copies.</summary>
public class MemoryTests(CpuFixture cpu) : IClassFixture<CpuFixture>
{
    [Fact]
    public void ABufferGivesBackWhatWasCopiedIntoIt()
    {
        float[] numbers = [1.5f, -2f, float.MaxValue, 0f];
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = cpu.Small.Allocate1D<float>(4);

        buffer.View.CopyFromCPU(numbers);
        var copy = new float[4];
        buffer.View.CopyToCPU(copy);

        Assert.Equal(numbers, copy);
        Assert.Equal(numbers, buffer.GetAsArray1D());
        Assert.Equal((4, 16), (buffer.Length, buffer.LengthInBytes));
    }

    [Fact]
    public void CopiesInAStreamAreDoneWhenTheStreamIsSynchronized()
    {
        using AcceleratorStream stream = cpu.Small.CreateStream();
        using MemoryBuffer1D<byte, Stride1D.Dense> buffer = cpu.Small.Allocate1D<byte>(3);
        var copy = new byte[3];

        buffer.View.CopyFromCPU(stream, new byte[] { 7, 8, 9 });
        buffer.View.CopyToCPU(stream, copy);
        stream.Synchronize();

        Assert.Equal([7, 8, 9], copy);
    }

    [Fact]
    public void PartOfAnArrayCanBeCopied()
    {
        int[] numbers = [1, 2, 3, 4, 5];
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[4]);

        buffer.View.SubView(1, 2).CopyFromCPU(ref numbers[2], 2);
        var copy = new int[5];
        buffer.View.CopyToCPU(ref copy[1], 4);

        Assert.Equal([0, 0, 3, 4, 0], copy);
    }

    [Fact]
    public void MemSetToZeroClearsTheViewAndNothingElse()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new[] { 1, 2, 3, 4 });

        buffer.View.SubView(1, 2).MemSetToZero();

        Assert.Equal([1, 0, 0, 4], buffer.GetAsArray1D());
    }

    [Fact]
    public void ASubViewIsARangeOfItsView()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new[] { 10, 11, 12, 13, 14, 15 });
        ArrayView<int> view = buffer.View;

        ArrayView<int> middle = view.SubView(1, 4);
        ArrayView<int> end = middle.SubView(2L);

        Assert.Equal((4, 2), (middle.Length, end.IntLength));
        Assert.Equal([11, 12, 13, 14], ((ArrayView1D<int, Stride1D.Dense>)middle).GetAsArray1D());
        Assert.Equal([13, 14], ((ArrayView1D<int, Stride1D.Dense>)end).GetAsArray1D());
    }

    [Fact]
    public void AKernelWritesThroughASubView()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D(new int[6]);
        var kernel = cpu.Small.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>(Increment);

        kernel(3, buffer.View.SubView(2, 3));
        cpu.Small.Synchronize();

        Assert.Equal([0, 0, 1, 1, 1, 0], buffer.GetAsArray1D());
    }

    [Fact]
    public void AViewOfNothingIsNotValid()
    {
        Assert.False(default(ArrayView<int>).IsValid);
        Assert.Equal(0, default(ArrayView<int>).Length);
    }

    [SkippableTheory]
    [InlineData(-1, 2)]
    [InlineData(0, 5)]
    [InlineData(4, 1)]
    [InlineData(2, -1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void ASubViewOutsideOfItsViewIsRefused(int index, int length)
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D<int>(4);

        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.View.BaseView.SubView(index, length));
    }

    [Fact]
    public void ACopyLargerThanTheViewIsRefused()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D<int>(4);

        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.View.CopyFromCPU(new int[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.View.CopyToCPU(new int[5]));
    }

    [SkippableFact]
    public void ADisposedBufferCannotBeCopied()
    {
        BuiltIn.Only();
        MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D<int>(4);
        ArrayView1D<int, Stride1D.Dense> view = buffer.View;
        buffer.Dispose();

        Assert.True(buffer.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => view.CopyFromCPU(new int[4]));
        Assert.Throws<ObjectDisposedException>(() => view.GetAsArray1D());
        Assert.Throws<ObjectDisposedException>(() => view.MemSetToZero());
    }

    [SkippableFact]
    public void ADisposedBufferFreesItsMemoryButNotUnderAView()
    {
        BuiltIn.Only();
        const int Bytes = 64 << 20;
        MemoryBuffer1D<byte, Stride1D.Dense> buffer = cpu.Small.Allocate1D<byte>(Bytes);

        long underAView = BytesInUseUnderAViewOfTheDisposed(buffer);
        long withoutAView = GC.GetTotalMemory(forceFullCollection: true);

        // Half of it, since other tests may allocate a little at the same time.
        Assert.True(underAView - withoutAView > Bytes / 2, $"{underAView} bytes, then {withoutAView}");
        Assert.Throws<ObjectDisposedException>(() => buffer.View);
        Assert.Throws<ObjectDisposedException>(() => buffer.NativePtr);
        Assert.Equal(Bytes, buffer.Length);
    }

    [SkippableFact]
    public void AStreamOfAnotherAcceleratorIsRefused()
    {
        BuiltIn.Only();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = cpu.Small.Allocate1D<int>(4);

        Assert.Throws<ArgumentException>(() => buffer.View.CopyFromCPU(cpu.Large.DefaultStream, new int[4]));
    }

    [SkippableFact]
    public void NewMemoryIsNotZero()
    {
        BuiltIn.Only();
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = cpu.Small.Allocate1D<float>(4);

        Assert.All(buffer.GetAsArray1D(), number => Assert.True(float.IsNaN(number)));
    }

    // A method of its own, so that no copy of the view is left behind on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long BytesInUseUnderAViewOfTheDisposed(MemoryBuffer1D<byte, Stride1D.Dense> buffer)
    {
        ArrayView<byte> view = buffer.View;
        buffer.Dispose();
        long bytes = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal(0xFF, view[view.Length - 1]);
        return bytes;
    }

    private static void Increment(Index1D index, ArrayView<int> numbers) => numbers[index] = numbers[index] + 1;
}
