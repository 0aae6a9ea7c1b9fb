using MnistGpu.Cli.Engines;

namespace MnistGpu.Cli.Tests.Engines;

public class DeviceNameTests
{
    [Theory]
    [InlineData("auto", null)]
    [InlineData("cpu", null)]
    [InlineData("reference", null)]
    [InlineData("cuda", "cuda:0")]
    [InlineData("cuda:01", "cuda:1")]
    [InlineData("opencl:12", "opencl:12")]
    [InlineData("ilgpu-cpu", "ilgpu-cpu")]
    public void ANameIsThatOfAnEngineOrAnAccelerator(string text, string? accelerator)
    {
        DeviceName name = DeviceName.Parse(text)!.Value;

        Assert.Equal((text, accelerator), (name.ToString(), name.Accelerator));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("CPU")]
    [InlineData("cpu:0")]
    [InlineData("ilgpu-cpu:0")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("cuda:\u0661")]
    [InlineData("cuda:99999999999")]
    [InlineData("opencl:0:1")]
    public void AnythingElseIsNone(string text) => Assert.Null(DeviceName.Parse(text));
}
