using MnistGpu.Data;
using MnistGpu.Engines.Reference;
using MnistGpu.Gpu.Verification;
using MnistGpu.Network;
using MnistGpu.Training;

namespace MnistGpu.Gpu.Tests.Verification;

public class DeviceVerificationTests
{
    [Fact]
    public void IlgpusCpuAcceleratorPasses()
    {
        VerificationRow[] rows = [.. DeviceVerification.Run("ilgpu-cpu", steps: 2)];

        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));
        string[] parts =
            ["MatrixMultiply", "Sigmoid", "HiddenLayer", "OutputLayer,", "OutputLayerAndDeltas", "Update", "2 steps"];
        foreach (string kernel in parts)
            Assert.Contains(rows, row => row.Name.Contains(kernel));
    }

    [Fact]
    public void AnErrorAboveTheBoundIsNotOk()
    {
        var comparison = new Comparison();
        comparison.Add(computed: 1, expected: 1, bound: 1e-6);
        comparison.Add(computed: 2.00001, expected: 2, bound: 1e-6);

        VerificationRow row = comparison.ToRow("x", "2");

        Assert.False(row.Ok);
        Assert.Equal(1e-5, row.LargestAbsoluteError, 1e-9);
        Assert.Equal(1e-5 / 2.001, row.LargestRelativeError, 1e-9);
    }

    [Fact]
    public void NaNIsNotOk()
    {
        var comparison = new Comparison();
        comparison.Add(computed: double.NaN, expected: 1, bound: 1);
        comparison.Add(computed: 1, expected: 1, bound: 1);

        Assert.False(comparison.ToRow("x", "2").Ok);
    }

    [Fact]
    public void TheReferenceItselfIsWithinTheBoundsOfATraining()
    {
        using var reference = new ReferenceEngine();

        Assert.All(
            new TrainingVerifier(units: 10, batchSize: 16, images: 320).Run(reference),
            row => Assert.Equal(0, row.LargestAbsoluteError));
    }

    [Fact]
    public void ALearningRateThatIsOffByAThousandthIsNoticed()
    {
        using var engine = new OffByAThousandth();

        Assert.All(
            new TrainingVerifier(units: 10, batchSize: 16, images: 320).Run(engine),
            row => Assert.False(row.Ok, $"{row}"));
    }

    /// <summary>The reference with a learning rate that is a little too high.</summary>
    private sealed class OffByAThousandth : ITrainingEngine
    {
        private readonly ReferenceEngine _reference = new();

        public string Name => "";

        public string Description => "";

        public void LoadTrainingImages(ImageSet images) => _reference.LoadTrainingImages(images);

        public void SetParameters(NetworkParameters parameters) => _reference.SetParameters(parameters);

        public NetworkParameters GetParameters() => _reference.GetParameters();

        public EpochStatistics TrainEpoch(
            ReadOnlyMemory<int> order, int batchSize, ReadOnlyMemory<float> learningRates,
            IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
        {
            float[] tooHigh = [.. learningRates.ToArray().Select(rate => rate * 1.001f)];
            return _reference.TrainEpoch(order, batchSize, tooHigh, progress, cancellationToken);
        }

        public float[] Predict(ReadOnlyMemory<byte> pixels) => _reference.Predict(pixels);

        public void Dispose() => _reference.Dispose();
    }
}
