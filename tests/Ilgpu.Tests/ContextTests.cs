using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Ilgpu.Tests;

public class ContextTests
{
    [Fact]
    public void TheDefaultContextHasOneCpuDevice()
    {
        using Context context = Context.Create(builder => builder.Default().EnableAlgorithms());

        Assert.Equal(1, context.GetCPUDevices().Count);
        Assert.Equal(16, context.GetCPUDevices()[0].MaxNumThreadsPerGroup);
        Assert.Equal(AcceleratorType.CPU, context.GetPreferredDevice(preferCPU: true).AcceleratorType);
    }

    [Fact]
    public void CpuAddsADeviceOfEachKind()
    {
        using Context context = Context.Create(builder => builder.CPU());

        Assert.Equal(
            [16, 1024, 256, 256, 128],
            context.Devices.Select(device => device.MaxNumThreadsPerGroup));
    }

    [Fact]
    public void TheVersionIsThatOfIlgpu() => Assert.StartsWith("1.5.3", Context.Version);

    [Fact]
    public void ADeviceCreatesAnAcceleratorOfItsKind()
    {
        using Context context = Context.Create(builder => builder.CPU(CPUDeviceKind.Nvidia));
        using Accelerator accelerator = context.GetPreferredDevice(preferCPU: false).CreateAccelerator(context);

        Assert.IsType<CPUAccelerator>(accelerator);
        Assert.Same(context, accelerator.Context);
        Assert.Equal(1024, accelerator.MaxNumThreadsPerGroup);
    }

    [Fact]
    public void ADeviceThatIsNotThereIsRefused()
    {
        using Context context = Context.Create(builder => builder.CPU(CPUDeviceKind.Default));

        Assert.Throws<NotSupportedException>(() => context.CreateCPUAccelerator(1));
    }

    [SkippableFact]
    public void ThereIsNoCudaWithoutThePackage()
    {
        BuiltIn.Only();
        using Context context = Context.Create(builder => builder.OpenCL().Cuda());

        Assert.Equal(0, context.GetCudaDevices().Count);
        Assert.DoesNotContain(context.Devices, device => device.AcceleratorType == AcceleratorType.CPU);
    }
}
