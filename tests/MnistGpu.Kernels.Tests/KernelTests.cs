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

    private Accelerator? _accelerator;

    public void Dispose()
    {
        _accelerator?.Dispose();
        _context.Dispose();
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 784, 7)]
    [InlineData(7, 16, 33)]
    [InlineData(33, 100, 10)]
    [InlineData(100, 33, 784)]
    public void NaiveMatrixMultiplyIsWithinRounding(int images, int inputs, int outputs) =>
        AssertOk(new MatrixVerifier(Accelerator(tuned: false), tuned: false).Products(images, inputs, outputs));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 100, 7)]
    [InlineData(7, 16, 33)]
    [InlineData(31, 20, 31)]
    [InlineData(33, 17, 65)]
    public void TunedMatrixMultiplyIsWithinRounding(int images, int inputs, int outputs) =>
        AssertOk(new MatrixVerifier(Accelerator(tuned: true), tuned: true).Products(images, inputs, outputs));

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 1025)]
    [InlineData(true, 1)]
    [InlineData(true, 784)]
    [InlineData(true, 1025)]
    public void SigmoidIsWithinRounding(bool tuned, int length) =>
        AssertOk([new MatrixVerifier(Accelerator(tuned), tuned).Sigmoid(length)]);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 16)]
    [InlineData(16, 7)]
    [InlineData(33, 100)]
    [InlineData(3, 129)]
    public void NaiveKernelsOfAStepAreWithinRounding(int images, int units) =>
        AssertOk(new StepVerifier(Accelerator(tuned: false), tuned: false).Kernels(images, units));

    // 33 images are two tiles of the update, 129 units are two groups of the hidden layer.
    [Theory]
    [InlineData(33, 7)]
    [InlineData(1, 129)]
    public void TunedKernelsOfAStepAreWithinRounding(int images, int units) =>
        AssertOk(new StepVerifier(Accelerator(tuned: true), tuned: true).Kernels(images, units));

    [Fact]
    public void NoLaunchNeedsMoreThanTheHiddenLayerSays()
    {
        KernelConfig[] launches =
        [
            HiddenLayer.TunedLaunch(5, 300), OutputLayer.TunedLaunch(5), OutputLayerAndDeltas.TunedLaunch(5),
            ParameterUpdate.TunedLaunch(300), MatrixMultiply.TunedLaunch(100, 100), Sigmoid.TunedLaunch(5000),
        ];

        Assert.All(launches, launch => Assert.InRange(launch.GroupDim.Size, 1, HiddenLayer.GroupSize));
    }

    private static void AssertOk(IEnumerable<VerificationRow> rows) =>
        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));

    private Accelerator Accelerator(bool tuned) =>
        _accelerator = _context.GetDevice<CPUDevice>(tuned ? 1 : 0).CreateAccelerator(_context);
}
