using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Verification;
using MnistGpu.Kernels.Ladder;
using MnistGpu.Kernels.Training;
using MnistGpu.Kernels.Training.TensorCores;

namespace MnistGpu.Kernels.Tests;

/// <summary>
/// Every kernel against plain loops in double precision, with the bounds that float32 rounding gives. The naive kernels
/// run on ILGPU's CPU accelerator as it is; the tuned ones on its imitation of an NVIDIA GPU, with full groups and
/// barriers.
/// </summary>
public sealed class KernelTests(KernelTests.Verifiers verifiers) : IClassFixture<KernelTests.Verifiers>
{
    /// <summary>The kernels, compiled once for all tests: [0] the naive ones, [1] the tuned ones.</summary>
    public sealed class Verifiers : IDisposable
    {
        private readonly Context _context =
            Context.Create(builder => builder.CPU(CPUDeviceKind.Default).CPU(CPUDeviceKind.Nvidia).EnableAlgorithms());

        private readonly Accelerator[] _accelerators;

        public Verifiers()
        {
            _accelerators = [.. _context.Devices.Select(device => device.CreateAccelerator(_context))];
            Steps = [.. _accelerators.Select((accelerator, i) => new StepVerifier(accelerator, tuned: i == 1))];
            Ladder = new LadderVerifier(_accelerators[1], new DeviceQueue(_accelerators[1], tuned: true));
        }

        internal StepVerifier[] Steps { get; }

        internal LadderVerifier Ladder { get; }

        public void Dispose()
        {
            foreach (Accelerator accelerator in _accelerators)
                accelerator.Dispose();
            _context.Dispose();
        }
    }

    // 33 images are more than one word of the masks of the tuned update, 129 units are two groups of the tuned hidden layer.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 16)]
    [InlineData(16, 7)]
    [InlineData(33, 100)]
    [InlineData(64, 100)]
    [InlineData(3, 129)]
    [InlineData(2, 784)]
    public void KernelsOfAStepAreWithinRounding(int images, int hidden)
    {
        foreach (StepVerifier step in verifiers.Steps)
            AssertOk(step.Kernels(images, hidden));
    }

    // 256 threads of the operating system wait for each other at every barrier, so the products are small: less than a
    // tile and more than one of each rung in each direction, columns that are a multiple of 4 and not.
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 16, 33)]
    [InlineData(16, 33, 7)]
    [InlineData(66, 18, 4)]
    [InlineData(3, 20, 100)]
    public void RungsOfTheLadderAreWithinRounding(int rows, int depth, int columns)
    {
        VerificationRow[] rungs = [.. verifiers.Ladder.Rungs(rows, depth, columns)];

        Assert.Equal(
            ["Ladder.Naive", "Ladder.Coalesced", "Ladder.SharedTiles", "Ladder.RegisterTiles", "Ladder.VectorLoads"],
            rungs.Select(rung => rung.Name));
        AssertOk(rungs);
    }

    [Fact]
    public void EveryRungHasGroupsOfTheSizeThatIsAskedFor() => Assert.All(
        Rung.All, rung => Assert.Equal(Rung.GroupSize, rung.Launch(100, 65).GroupDim.Size));

    [Fact]
    public void NoLaunchHasLargerGroupsThanTheHiddenLayers()
    {
        KernelConfig[] launches =
        [
            HiddenLayer.Launch(5, 300), OutputLayer.Launch(5), OutputLayerAndDeltas.Launch(5), ParameterUpdate.Launch(300),
            HiddenLayerOnTensorCores.Launch(5, 300), ParameterUpdateOnTensorCores.Launch(300),
        ];

        Assert.All(launches, launch => Assert.InRange(launch.GroupDim.Size, 1, HiddenLayer.GroupSize));
    }

    private static void AssertOk(IEnumerable<VerificationRow> rows) =>
        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));
}
