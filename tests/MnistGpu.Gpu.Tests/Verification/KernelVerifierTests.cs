using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Verification;

namespace MnistGpu.Gpu.Tests.Verification;

public class KernelVerifierTests
{
    [Fact]
    public void IlgpusCpuAcceleratorPasses()
    {
        using AcceleratorEngine engine = AcceleratorEngine.Open("ilgpu-cpu");

        VerificationRow[] rows = [.. KernelVerifier.Run(engine)];

        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));
        string[] kernels = ["HiddenLayer", "OutputLayer,", "OutputLayerAndDeltas", "ParameterUpdate"];
        foreach (string kernel in kernels)
            Assert.Contains(rows, row => row.Name.Contains(kernel));
    }
}
