using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Ilgpu.Tests.Runtime.OpenCL;

public class DeviceTests(OpenClFixture fixture) : IClassFixture<OpenClFixture>
{
    [SkippableFact]
    public void PoclIsFoundWhereItIsInstalled()
    {
        Skip.IfNot(File.Exists("/etc/OpenCL/vendors/pocl.icd"), "PoCL is not installed here.");
        using Context context = Context.Create(builder => builder.OpenCL());

        Assert.Contains(context.Devices, device => device is CLDevice { VendorName: "The pocl project" });
    }

    [SkippableFact]
    public void ADeviceSaysWhatItCanDo()
    {
        CLDevice device = fixture.Accelerator.Device;

        Assert.Equal(AcceleratorType.OpenCL, device.AcceleratorType);
        Assert.NotEmpty(device.Name);
        Assert.NotEmpty(device.PlatformName);
        Assert.NotEmpty(device.VendorName);
        Assert.NotEqual(default, device.DeviceType);

        // The least that OpenCL 1.2 allows (table 4.3), and what the wording of the property says.
        Assert.InRange(device.MaxNumThreadsPerGroup, 1, int.MaxValue);
        Assert.InRange(device.MaxGroupSize.X, 1, int.MaxValue);
        Assert.InRange(device.MaxSharedMemoryPerGroup, 32 * 1024, int.MaxValue);
        Assert.InRange(device.NumMultiprocessors, 1, int.MaxValue);
        Assert.InRange(device.WarpSize, 1, device.MaxNumThreadsPerGroup);
        Assert.InRange(device.MaxAllocationSize, device.MemorySize / 4, device.MemorySize);
    }

    [SkippableFact]
    public void APredicateChooses()
    {
        CLDevice device = fixture.Accelerator.Device;
        using Context none = Context.Create(builder => builder.OpenCL(_ => false));
        using Context same = Context.Create(builder => builder.OpenCL(found => found.Equals(device)));

        Assert.Equal(0, none.GetCLDevices().Count);
        Assert.Equal(device, Assert.Single(same.Devices));
    }

    [SkippableFact]
    public void ADeviceThatIsLookedForTwiceIsThereOnce()
    {
        _ = fixture.Accelerator;
        using Context context = Context.Create(builder => builder.AllAccelerators().OpenCL());

        Assert.Equal(context.Devices.Length, context.Devices.Distinct().Count());
    }

    [SkippableFact]
    public void ADeviceIsPreferredToTheCpuAndCreatesItsAccelerator()
    {
        _ = fixture.Accelerator;
        using Context context = Context.Create(builder => builder.AllAccelerators());
        using Accelerator byKind = context.GetPreferredDevice(preferCPU: false).CreateAccelerator(context);
        using CLAccelerator byIndex = context.CreateCLAccelerator(0);

        Assert.IsType<CLAccelerator>(byKind);
        Assert.Equal(context.GetCLDevices()[0], byIndex.Device);
        Assert.Throws<NotSupportedException>(() => context.CreateCLAccelerator(context.GetCLDevices().Count));
    }
}
