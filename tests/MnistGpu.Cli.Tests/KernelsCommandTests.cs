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
        Skip.IfNot(AcceleratorCatalog.Ilgpu == "built-in", "The package shows PTX.");

        Assert.Contains(expected, MnistGpuRun.Succeed("kernels", name).Output);
    }

    [SkippableTheory]
    [InlineData("Sigmoid.Naive", 1)]
    [InlineData("matrixmultiply", 2)]
    public void AKernelIsShownInPtx(string name, int kernels)
    {
        Skip.If(AcceleratorCatalog.Ilgpu == "built-in", "The built-in runtime shows its OpenCL C.");

        Assert.Equal(kernels, MnistGpuRun.Succeed("kernels", name).Output.Split(".visible .entry ").Length - 1);
    }

    [Fact]
    public void AnUnknownKernelIsWrongUsageAndTheKernelsAreNamed()
    {
        MnistGpuRun run = MnistGpuRun.Start("kernels", "Convolution");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("mnistgpu: there is no kernel 'Convolution'; there are: HiddenLayer.Naive,", run.Error);
    }
}
