using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MnistGpu.Cli.Tests.Commands;

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
            Assert.Contains(device, devices.Split('\n').Select(line => line.Split(' ')[0]));
        Assert.Contains("ILGPU 1.5.3", devices);
    }

    /// <summary>The instructions that narrower CPUs have, on this one: a switch of the runtime takes the others away.</summary>
    [SkippableTheory]
    [InlineData("DOTNET_EnableAVX512", 8)]
    [InlineData("DOTNET_EnableAVX2", 4)]
    [InlineData("DOTNET_EnableHWIntrinsic", 4)]
    public async Task TheCpuEngineIsRightOnNarrowerCpus(string without, int lanes)
    {
        Skip.If(RuntimeInformation.ProcessArchitecture != Architecture.X64, "The switches are those of x64.");
        int widest = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;
        lanes = Math.Min(lanes, widest);

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync([(without, "0")], "verify", "--device", "cpu", "--threads", "2");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"(2 threads, vectors of {lanes} floats)", run.Output);
    }
}
