using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MnistGpu.Gpu.Verification;
using MnistGpu.Verification;

namespace MnistGpu.Kernels.Tests;

/// <summary>
/// Every kernel against plain loops in double precision, with the bounds that float32 rounding gives. The naive kernels
/// run on ILGPU's CPU accelerator as it is, 16 threads a group; the tuned ones on its imitation of an NVIDIA GPU, with
/// full groups and barriers.
/// </summary>
public sealed class KernelTests : IDisposable
{
    private readonly Context _context =
        Context.Create(builder => builder.CPU(CPUDeviceKind.Default).CPU(CPUDeviceKind.Nvidia).EnableAlgorithms());

    private readonly List<Accelerator> _accelerators = [];

    public void Dispose()
    {
        _accelerators.ForEach(accelerator => accelerator.Dispose());
        _context.Dispose();
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 784, 7)]
    [InlineData(7, 16, 33)]
    [InlineData(33, 17, 65)]
    [InlineData(33, 100, 10)]
    [InlineData(100, 33, 784)]
    [InlineData(64, 784, 100)]
    public void MatrixMultiplyIsWithinRounding(int images, int inputs, int outputs)
    {
        AssertOk(new MatrixVerifier(Accelerator(tuned: false), tuned: false).Products(images, inputs, outputs));
        AssertOk(new MatrixVerifier(Accelerator(tuned: true), tuned: true).Products(images, inputs, outputs));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 1025)]
    [InlineData(true, 1)]
    [InlineData(true, 784)]
    [InlineData(true, 1025)]
    public void SigmoidIsWithinRounding(bool tuned, int length) =>
        AssertOk([new MatrixVerifier(Accelerator(tuned), tuned).Sigmoid(length)]);

    // 33 images are two tiles of the tuned update, 129 units are two groups of the tuned hidden layer.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 16)]
    [InlineData(16, 7)]
    [InlineData(33, 100)]
    [InlineData(64, 100)]
    [InlineData(3, 129)]
    [InlineData(16, 784)]
    public void KernelsOfAStepAreWithinRounding(int images, int units)
    {
        AssertOk(new StepVerifier(Accelerator(tuned: false), tuned: false).Kernels(images, units));
        AssertOk(new StepVerifier(Accelerator(tuned: true), tuned: true).Kernels(images, units));
    }

    [Fact]
    public void NoLaunchNeedsMoreThanTheHiddenLayerSays()
    {
        KernelConfig[] launches =
        [
            HiddenLayer.TunedLaunch(5, 300), OutputLayer.TunedLaunch(5), OutputLayerAndDeltas.TunedLaunch(5),
            ParameterUpdate.TunedLaunch(300), MatrixMultiply.TunedLaunch(100, 100), Sigmoid.TunedLaunch(5000),
        ];

        Assert.All(launches, launch => Assert.InRange(launch.GroupDim.Size, 1, HiddenLayer.MaxGroupSize));
    }

    private static void AssertOk(IEnumerable<VerificationRow> rows) =>
        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));

    private Accelerator Accelerator(bool tuned)
    {
        Accelerator accelerator = _context.GetDevice<CPUDevice>(tuned ? 1 : 0).CreateAccelerator(_context);
        _accelerators.Add(accelerator);
        return accelerator;
    }
}
