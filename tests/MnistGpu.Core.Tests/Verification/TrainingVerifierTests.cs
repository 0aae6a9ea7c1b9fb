using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;
using MnistGpu.Core.Verification;

namespace MnistGpu.Core.Tests.Verification;

public class TrainingVerifierTests
{
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

    [Fact]
    public void AnInterruptStopsTheReferencesTrainingAndTheEngines()
    {
        var interrupted = new CancellationToken(canceled: true);
        using var reference = new ReferenceEngine();

        Assert.ThrowsAny<OperationCanceledException>(
            () => new TrainingVerifier(units: 10, batchSize: 16, images: 320, interrupted));
        var verifier = new TrainingVerifier(units: 10, batchSize: 16, images: 320);
        Assert.ThrowsAny<OperationCanceledException>(() => verifier.Run(reference, interrupted));
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

        public void DistortTrainingImages(int seed, int epoch) => _reference.DistortTrainingImages(seed, epoch);

        public void SetVelocity(NetworkParameters velocity) => _reference.SetVelocity(velocity);

        public NetworkParameters GetVelocity() => _reference.GetVelocity();

        public EpochStatistics TrainEpoch(
            ReadOnlyMemory<int> order, int batchSize, EpochRates rates,
            IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
        {
            float[] tooHigh = [.. rates.LearningRates.ToArray().Select(rate => rate * 1.001f)];
            return _reference.TrainEpoch(order, batchSize, tooHigh, progress, cancellationToken);
        }

        public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default) =>
            _reference.Predict(pixels, cancellationToken);

        public void Dispose() => _reference.Dispose();
    }
}
