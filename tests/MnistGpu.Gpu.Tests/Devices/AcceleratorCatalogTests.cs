using ILGPU;
using ILGPU.Runtime.CPU;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Tests.Devices;

public class AcceleratorCatalogTests
{
    [Fact]
    public void IlgpusCpuAcceleratorIsAlwaysThereAndNoGpu()
    {
        IReadOnlyList<AcceleratorInfo> accelerators = AcceleratorCatalog.List().Found;

        AcceleratorInfo cpu = Assert.Single(accelerators, info => info.Device == AcceleratorCatalog.CpuDevice);
        Assert.False(cpu.IsGpu);
        Assert.Equal(16, cpu.MaxGroupSize);
    }

    [Fact]
    public void ThePreferredGpuIsTheFirstGpuThatIsListed()
    {
        using AcceleratorEngine? engine = AcceleratorEngine.OpenPreferredGpu(hidden: 1000);

        Assert.Equal(AcceleratorCatalog.List().PreferredGpu(hidden: 1000)?.Device, engine?.Device);
    }

    [Theory]
    [InlineData(100, "opencl:1")]
    [InlineData(511, "opencl:1")]
    [InlineData(512, "opencl:0")]
    public void AnIntegratedGpuIsPreferredForLargeNetworksAlone(int hidden, string device)
    {
        AcceleratorInfo[] found =
        [
            new("opencl:0", "Some integrated GPU", "OpenCL GPU", true, 1, 256) { IsIntegrated = true },
            new("opencl:1", "Some GPU", "OpenCL GPU", true, 1, 256),
        ];

        Assert.Equal(device, new AcceleratorList(found, []).PreferredGpu(hidden)?.Device);
        Assert.Equal(hidden < 512, new AcceleratorList(found[..1], []).PreferredGpu(hidden) is null);
    }

    [Fact]
    public void ADriverThatFailsWhenLookedForIsReportedInOneLine()
    {
        var exception = Assert.Throws<InvalidOperationException>(
            () => new AcceleratorSearch(_ => throw new DllNotFoundException("no libcuda\nsearched: a\nb")));

        Assert.Equal("ILGPU cannot look for accelerators: no libcuda", exception.Message);
    }

    /// <summary>A driver that is starting on one thread shows no devices to another.</summary>
    [Fact]
    public void OnlyOneThreadAtATimeAsksTheDrivers()
    {
        int asking = 0, most = 0;
        using var start = new Barrier(4);
        Context Ask(Action<Context.Builder> configure)
        {
            most = Math.Max(most, Interlocked.Increment(ref asking));
            Thread.Sleep(50);
            Interlocked.Decrement(ref asking);
            return Context.Create(builder => builder.CPU());
        }

        Thread[] threads =
        [
            .. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
            {
                start.SignalAndWait();
                new AcceleratorSearch(Ask).Dispose();
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(1, most);
    }

    [Fact]
    public void WhereNoDeviceIsChosenTheContextIsDisposed()
    {
        var search = new AcceleratorSearch();

        Assert.Null(AcceleratorEngine.Open(search, _ => null));

        Assert.True(search.Context.IsDisposed);
    }

    [Fact]
    public void AnOpenClDeviceThatIsNoGpuIsNotPreferred() =>
        Assert.All(
            AcceleratorCatalog.List().Found.Where(info => info.Kind == "OpenCL CPU"), info => Assert.False(info.IsGpu));

    [Fact]
    public void IlgpuIsTheVersionThatIsReferenced() => Assert.Equal("1.5.3", AcceleratorCatalog.Ilgpu);

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("opencl:0:1")]
    [InlineData("CUDA")]
    [InlineData("")]
    public void AMisspeltDeviceIsNamed(string device)
    {
        var exception = Assert.Throws<ArgumentException>(() => AcceleratorEngine.Open(device));

        Assert.Contains($"'{device}' is not an accelerator", exception.Message);
    }

    [Theory]
    [InlineData("cuda:99")]
    [InlineData("opencl:99")]
    public void ADeviceThatIsNotThereIsRefusedInOneLine(string device)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => AcceleratorEngine.Open(device));

        Assert.StartsWith($"there is no {device}: ", exception.Message);
        Assert.DoesNotContain("ilgpu-cpu", exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void ANumberMayBeLeftOutOrWrittenWithZeros()
    {
        string? Refusal(string device) => Record.Exception(() => AcceleratorEngine.Open(device).Dispose())?.Message;

        Assert.Equal(Refusal("opencl:0") is null, Refusal("opencl") is null);
        Assert.Equal(Refusal("cuda:0") is null, Refusal("cuda:00") is null);
    }
}
