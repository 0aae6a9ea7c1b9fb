using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistGpu.Cli.Commands;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Verification;

namespace MnistGpu.Cli.Tests.Commands;

public class VerifyCommandTests
{
    [Theory]
    [InlineData("cpu", "50 steps, W1")]
    [InlineData("ilgpu-cpu", "HiddenLayer")]
    public void EveryDeviceIsWithinItsBounds(string device, string row)
    {
        MnistGpuRun run = MnistGpuRun.Succeed("verify", "--device", device, "--verbose");

        Assert.Contains(row, run.Output);
        Assert.Matches("largest error +│ +bound +│ +error / bound", run.Output);
        Assert.Contains(" ok ", run.Output);
        Assert.DoesNotContain("WRONG", run.Output);
    }

    [Fact]
    public void WithoutVerboseThereIsOneLineWithTheErrorThatIsClosestToItsBound()
    {
        MnistGpuRun run = MnistGpuRun.Succeed("verify", "--device", "cpu");

        Assert.Matches(@"^cpu \(.*\): all 4 checks passed\. .*50 steps, \w\w \(B 64, H 100\): \d+\.\d % of .*\s*$", run.Output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatFailsIsPrintedAndWhatPassesOnlyWithVerbose(bool isVerbose)
    {
        VerificationRow[] checks =
        [
            new("passes", "1×2", LargestAbsoluteError: 1e-6, LargestRelativeError: 0, Bound: 2e-6),
            new("fails", "3×4", LargestAbsoluteError: 3e-6, LargestRelativeError: 0, Bound: 2e-6),
            new("is no number", "5", LargestAbsoluteError: double.PositiveInfinity, LargestRelativeError: 0, Bound: 2e-6),
        ];
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(output, error, new(CancellationToken.None)) { IsVerbose = isVerbose };

        Assert.Equal(1, VerifyCommand.Report("cuda:0 (a GPU)", checks, terminal));

        Assert.StartsWith("mnistgpu: cuda:0 (a GPU): 2 of 3 checks failed; ", $"{error}");
        Assert.Matches(@"fails +│ 3×4 +│ +3\.0e-6 │ 2\.0e-6 │ +150\.0 % │ WRONG", $"{output}");
        Assert.Matches("is no number .* WRONG", $"{output}");
        Assert.Equal(isVerbose, $"{output}".Contains("passes"));
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

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [(without, "0"), ("DOTNET_PROCESSOR_COUNT", "2")], "verify", "--device", "cpu", "--threads", "2");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"(2 threads, vectors of {lanes} floats)", run.Output);
    }
}
