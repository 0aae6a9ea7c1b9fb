namespace MnistGpu.Cli.Tests;

public class VerifyCommandTests
{
    [Theory]
    [InlineData("cpu", "50 steps, W1")]
    [InlineData("ilgpu-cpu", "HiddenLayer")]
    public void EveryDeviceIsWithinItsBounds(string device, string row)
    {
        MnistGpuRun run = MnistGpuRun.Succeed("verify", "--device", device);

        Assert.Contains(row, run.Output);
        Assert.Matches("absolute +│ +its bound", run.Output);
        Assert.Contains(" ok ", run.Output);
        Assert.DoesNotContain("WRONG", run.Output);
    }

    [Fact]
    public void DevicesListsWhatVerifyTakes()
    {
        string devices = MnistGpuRun.Succeed("devices").Output;

        foreach (string device in (string[])["reference", "cpu", "ilgpu-cpu"])
            Assert.Contains($"│ {device} ", devices);
        Assert.Contains("ILGPU: ", devices);
    }
}
