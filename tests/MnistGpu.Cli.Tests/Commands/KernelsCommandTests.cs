namespace MnistGpu.Cli.Tests.Commands;

public class KernelsCommandTests
{
    [Fact]
    public void WithoutANameTheKernelsAreListed()
    {
        string[] lines = MnistGpuRun.Succeed("kernels").Output.Split('\n', StringSplitOptions.TrimEntries);

        Assert.Contains("HiddenLayer.Naive", lines);
        Assert.Contains("ParameterUpdate.Tuned", lines);
        Assert.Contains("Ladder.SharedTiles", lines);
        Assert.Contains("LitList.Write", lines);
    }

    [Theory]
    [InlineData("HiddenLayer.Naive", 1)]
    [InlineData("parameterupdate", 3)]
    [InlineData("ladder.naive", 1)]
    public void AKernelIsShownInPtx(string name, int kernels) =>
        Assert.Equal(kernels, MnistGpuRun.Succeed("kernels", name).Output.Split(".visible .entry ").Length - 1);

    [Fact]
    public void AnUnknownKernelIsWrongUsageAndTheKernelsAreNamed()
    {
        MnistGpuRun run = MnistGpuRun.Start("kernels", "Convolution");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("mnistgpu: there is no kernel 'Convolution'; choose from Distortion.Draw, Distortion.DrawNumbers, EpochInOneLaunch.TensorCores,", run.Error);
    }
}
