using MnistGpu.Gpu;

namespace MnistGpu.Cli.Tests;

public class KernelsCommandTests
{
    [Fact]
    public void WithoutANameTheKernelsAreListed()
    {
        string[] lines = MnistGpuRun.Succeed("kernels").Output.Split('\n', StringSplitOptions.TrimEntries);

        Assert.Contains("HiddenLayer.Naive", lines);
        Assert.Contains("ParameterUpdate.Tuned", lines);
    }

    [SkippableTheory]
    [InlineData("Sigmoid.Naive", "__kernel void Sigmoid_Naive(")]
    [InlineData("hiddenlayer.tuned", "__kernel void HiddenLayer_Tuned(")]
    [InlineData("MatrixMultiply", "__kernel void MatrixMultiply_Tuned(")]
    [InlineData("MatrixMultiply", "__kernel void MatrixMultiply_Naive(")]
    public void AKernelIsShownInOpenClC(string name, string expected)
    {
        Skip.IfNot(AcceleratorCatalog.Ilgpu == "built-in", "The package has no OpenCL C to show.");

        Assert.Contains(expected, MnistGpuRun.Succeed("kernels", name).Output);
    }

    [Fact]
    public void AnUnknownKernelIsWrongUsageAndTheKernelsAreNamed()
    {
        MnistGpuRun run = MnistGpuRun.Start("kernels", "Convolution");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("mnistgpu: there is no kernel 'Convolution'; there are: HiddenLayer.Naive,", run.Error);
    }

    [SkippableFact]
    public void WithThePackageTheReasonIsGiven()
    {
        Skip.If(AcceleratorCatalog.Ilgpu == "built-in", "The built-in runtime shows its OpenCL C.");

        MnistGpuRun run = MnistGpuRun.Start("kernels", "Sigmoid");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("-p:Ilgpu=builtin", run.Error);
    }
}
