using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Ilgpu.Tests.Runtime.OpenCL;

public class FaultTests(OpenClFixture fixture) : IClassFixture<OpenClFixture>
{
    [Fact]
    public void WithoutALibraryTheNamesThatWereTriedAreSaid()
    {
        nint library = ClLibrary.Open(["libNoSuchOpenCL.so.1", "libNoSuchOpenCL.so"], out string? problem);

        Assert.Equal(0, library);
        Assert.Equal("no OpenCL library was found (libNoSuchOpenCL.so.1, libNoSuchOpenCL.so)", problem);
    }

    [SkippableFact]
    public void ALibraryOfSomethingElseIsNotTaken()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The library is one of Linux.");

        nint library = ClLibrary.Open(["libc.so.6"], out string? problem);

        Assert.Equal(0, library);
        Assert.Equal("libc.so.6 is no OpenCL library", problem);
    }

    [SkippableFact]
    public void ABufferThatIsLargerThanTheDeviceAllowsIsOutOfMemory()
    {
        CLAccelerator accelerator = fixture.Accelerator;
        long allowed = accelerator.Device.MaxAllocationSize;

        var exception = Assert.Throws<OutOfMemoryException>(() => accelerator.Allocate1D<byte>(allowed + 1));

        Assert.Equal(
            $"a buffer of {allowed + 1:N0} bytes: {accelerator.Name} has at most {allowed:N0} in one",
            exception.Message);
        Assert.Throws<OutOfMemoryException>(() => accelerator.Allocate1D<long>(long.MaxValue));
    }

    [SkippableFact]
    public void ASourceThatTheDriverRejectsIsNamedInOneLineAndTheLogFollows()
    {
        CLAccelerator accelerator = fixture.Accelerator;

        var exception = Assert.Throws<CLException>(
            () => accelerator.LoadStreamKernel<ArrayView<int>>(HandWrittenKernels.NoOpenClC));

        string[] lines = exception.Message.Split('\n');
        Assert.StartsWith(
            $"Kernel HandWrittenKernels.NoOpenClC is rejected by the compiler of {accelerator.Name}: CL_", lines[0]);
        Assert.Contains("error", lines[0]);
        Assert.Contains("undeclared", string.Concat(lines[1..]));
        Assert.Contains("x[0] = undeclared", (string)exception.Data["OpenCL source"]!);
    }

    [SkippableFact]
    public void ASourceWithoutTheKernelIsNamed()
    {
        CLAccelerator accelerator = fixture.Accelerator;

        var exception = Assert.Throws<CLException>(
            () => accelerator.LoadStreamKernel<ArrayView<int>>(HandWrittenKernels.OtherName));

        Assert.Equal(
            $"Kernel HandWrittenKernels.OtherName has no __kernel OtherName: {accelerator.Name}: "
            + "CL_INVALID_KERNEL_NAME (-46)",
            exception.Message);
    }

    [SkippableFact]
    public void MoreSharedMemoryThanTheDeviceHasIsRefused()
    {
        CLAccelerator accelerator = fixture.Accelerator;

        var exception = Assert.Throws<NotSupportedException>(
            () => accelerator.LoadStreamKernel<ArrayView<int>>(HandWrittenKernels.SharesTooMuch));

        Assert.StartsWith("Kernel HandWrittenKernels.SharesTooMuch shares 2,147,483,647 bytes", exception.Message);
    }

    [Theory]
    [InlineData(-5, "X: CL_OUT_OF_RESOURCES (-5): the device ran out of something, or a kernel failed on it")]
    [InlineData(-36, "X: CL_INVALID_COMMAND_QUEUE (-36): the device was lost in an earlier failure")]
    [InlineData(-9999, "X: OpenCL error -9999")]
    public void AnErrorIsNamed(int error, string message) =>
        Assert.Equal(message, Assert.IsType<CLException>(CLException.For("X", error)).Message);

    [Fact]
    public void MemoryThatADriverFindsMissingOnlyWhenItIsUsedIsOutOfMemory() =>
        Assert.Equal(
            "X: CL_MEM_OBJECT_ALLOCATION_FAILURE (-4): the device has not enough memory",
            Assert.IsType<OutOfMemoryException>(CLException.For("X", -4)).Message);
}
