using ILGPU.Runtime;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Verification;
using MnistGpu.Kernels.Ladder;

namespace MnistGpu.Gpu.Tests.Verification;

public class LadderVerifierTests
{
    /// <summary>The size at which the documentation counts the rungs.</summary>
    [SkippableFact]
    public void RungsAreWithinRoundingOnAGpu()
    {
        using AcceleratorEngine? engine = AcceleratorEngine.OpenPreferredGpu(hidden: 1000);
        Skip.If(engine is null, "There is no GPU here.");
        Accelerator accelerator = engine!.Accelerator;
        var ladder = new LadderVerifier(accelerator, new DeviceQueue(accelerator, tuned: true));

        VerificationRow[] rungs = [.. ladder.Rungs(256, 256, 256)];

        Assert.Equal(Rung.All.Count - (TensorCores.CanRun(accelerator) ? 0 : 1), rungs.Length);
        Assert.All(rungs, rung => Assert.True(rung.Ok, $"{rung}"));
    }
}
