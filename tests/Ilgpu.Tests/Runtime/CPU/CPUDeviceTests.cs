using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Ilgpu.Tests.Runtime.CPU;

public class CPUDeviceTests
{
    [Theory]
    [InlineData(CPUDeviceKind.Default, 4, 16)]
    [InlineData(CPUDeviceKind.Nvidia, 32, 1024)]
    [InlineData(CPUDeviceKind.AMD, 32, 256)]
    [InlineData(CPUDeviceKind.LegacyAMD, 64, 256)]
    [InlineData(CPUDeviceKind.Intel, 16, 128)]
    public void AKindHasItsSizes(CPUDeviceKind kind, int warpSize, int groupSize)
    {
        using Context context = Context.Create(builder => builder.CPU(kind));

        CPUDevice device = context.GetCPUDevices()[0];

        Assert.Equal(
            (warpSize, groupSize, 1),
            (device.WarpSize, device.MaxNumThreadsPerGroup, device.NumMultiprocessors));
        Assert.Equal(AcceleratorType.CPU, device.AcceleratorType);
    }

    [Fact]
    public void ACustomDeviceHasTheSizesItWasGiven()
    {
        using Context context = Context.Create(builder => builder.CPU(new CPUDevice(8, 4, 2)));
        using Accelerator accelerator = context.CreateCPUAccelerator(0);

        Assert.Equal(
            (8, 32, 2),
            (accelerator.WarpSize, accelerator.MaxNumThreadsPerGroup, accelerator.NumMultiprocessors));
    }

    [Theory]
    [InlineData(1, 4, 1)]
    [InlineData(4, 3, 1)]
    [InlineData(4, 0, 1)]
    [InlineData(4, 4, 0)]
    [InlineData(1024, 32, 1)]
    public void ImpossibleSizesAreRefused(int warpSize, int warps, int multiprocessors) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CPUDevice(warpSize, warps, multiprocessors));
}
