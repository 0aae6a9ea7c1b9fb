using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;

namespace MnistGpu.Core.Tests.Reference;

public class ReferenceEngineTests
{
    private const int Hidden = 6;

    /// <summary>
    /// A step with learning rate 1 subtracts the gradient itself, so before − after is to be the derivative of the batch's
    /// summed loss by each parameter. Central differences of a loss that is written here once more, in double.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AStepFollowsTheGradientOfFiniteDifferences(int batchSize)
    {
        ImageSet images = RandomImages.Draw(batchSize);
        NetworkParameters before = GlorotInitializer.Draw(Hidden, seed: 5);
        using var engine = new ReferenceEngine();
        engine.LoadTrainingImages(images);
        engine.SetParameters(before);
        engine.TrainEpoch(Enumerable.Range(0, batchSize).ToArray(), batchSize, new float[] { 1 }, null, default);
        NetworkParameters after = engine.GetParameters();

        double[][] arrays = [.. Arrays(before).Select(a => Array.ConvertAll(a, value => (double)value))];
        for (int array = 0; array < arrays.Length; array++)
        {
            float[] start = Arrays(before)[array];
            float[] end = Arrays(after)[array];
            for (int i = 0; i < start.Length; i++)
            {
                const double Step = 1e-5;
                arrays[array][i] = start[i] + Step;
                double above = SummedLoss(arrays, images);
                arrays[array][i] = start[i] - Step;
                double below = SummedLoss(arrays, images);
                arrays[array][i] = start[i];

                // The new parameter is rounded to float32 once. The differences add their own error: Step² of truncation,
                // and the rounding of a loss of a few units in double by Step.
                double bound = MathF.BitIncrement(MathF.Abs(end[i])) - MathF.Abs(end[i]) + 1e-9;
                double gradient = (double)start[i] - end[i];
                Assert.InRange(gradient - (above - below) / (2 * Step), -bound, bound);
            }
        }
    }

    [Fact]
    public void AFirstLayerWeightOfADarkPixelStaysAsItIs()
    {
        ImageSet images = RandomImages.Draw(8);
        NetworkParameters before = GlorotInitializer.Draw(Hidden, seed: 5);
        using var engine = new ReferenceEngine();
        engine.LoadTrainingImages(images);
        engine.SetParameters(before);
        engine.TrainEpoch(new[] { 3 }, 1, new float[] { 1 }, null, default);
        NetworkParameters after = engine.GetParameters();

        for (int p = 0; p < NetworkParameters.Inputs; p++)
        {
            bool same = before.W1.AsSpan(p * Hidden, Hidden).SequenceEqual(after.W1.AsSpan(p * Hidden, Hidden));
            Assert.Equal(images.Image(3)[p] == 0, same);
        }
    }

    [Fact]
    public void LossAndHitsAreThoseOfThePredictionBeforeTheStep()
    {
        ImageSet images = RandomImages.Draw(50);
        NetworkParameters parameters = GlorotInitializer.Draw(Hidden, seed: 2);
        using var engine = new ReferenceEngine();
        engine.LoadTrainingImages(images);
        engine.SetParameters(parameters);
        MnistGpu.Core.Training.Evaluation before = MnistGpu.Core.Training.Evaluation.Of(engine, images);
        var statistics = engine.TrainEpoch(Enumerable.Range(0, 50).ToArray(), 50, new float[] { 0.1f }, null, default);

        Assert.Equal(before.Hits, statistics.Hits);
        // Predict rounds each output to float32: an error of 2^-25 in each of ten squares of at most 1.
        Assert.Equal(before.MeanLoss, statistics.MeanLoss, 10 * Math.Pow(2, -24));
    }

    [Fact]
    public void TheLastBatchMayBeSmaller()
    {
        ImageSet images = RandomImages.Draw(5);
        NetworkParameters parameters = GlorotInitializer.Draw(Hidden, seed: 2);
        using var whole = new ReferenceEngine();
        using var parts = new ReferenceEngine();
        foreach (ReferenceEngine engine in new[] { whole, parts })
        {
            engine.LoadTrainingImages(images);
            engine.SetParameters(parameters);
        }
        whole.TrainEpoch(new[] { 0, 1, 2, 3, 4 }, 3, new[] { 0.5f, 0.25f }, null, default);
        parts.TrainEpoch(new[] { 0, 1, 2 }, 3, new[] { 0.5f }, null, default);
        parts.TrainEpoch(new[] { 3, 4 }, 2, new[] { 0.25f }, null, default);

        Assert.Equal(parts.GetParameters().W1, whole.GetParameters().W1);
        Assert.Equal(parts.GetParameters().W2, whole.GetParameters().W2);
    }

    [Fact]
    public void ACancelledEpochEnds()
    {
        using var engine = new ReferenceEngine();
        engine.LoadTrainingImages(RandomImages.Draw(4));
        engine.SetParameters(GlorotInitializer.Draw(Hidden, seed: 2));

        Assert.Throws<OperationCanceledException>(() =>
            engine.TrainEpoch(new[] { 0, 1, 2, 3 }, 1, new float[4], null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void ABatchThatNeedsTooMuchMemoryIsRefusedWithAdvice()
    {
        using var engine = new ReferenceEngine();
        engine.LoadTrainingImages(RandomImages.Draw(1));
        engine.SetParameters(new NetworkParameters(2048));
        // 2^20 images of 2^11 units: one activation more than an int counts.
        var order = new int[1 << 20];

        string message = Assert.Throws<ArgumentException>(
            () => engine.TrainEpoch(order, order.Length, new float[1], null, default)).Message;

        Assert.Contains("1048576 images", message);
        Assert.Contains("2048 hidden units", message);
        Assert.Contains("smaller batch size or fewer hidden units", message);
    }

    [Fact]
    public void ACancelledPredictionEnds()
    {
        using var engine = new ReferenceEngine();
        engine.SetParameters(GlorotInitializer.Draw(Hidden, seed: 2));

        Assert.Throws<OperationCanceledException>(
            () => engine.Predict(RandomImages.Draw(4).Pixels, new CancellationToken(canceled: true)));
    }

    private static float[][] Arrays(NetworkParameters p) => [p.W1, p.B1, p.W2, p.B2];

    private static double SummedLoss(double[][] arrays, ImageSet images)
    {
        double[] w1 = arrays[0], b1 = arrays[1], w2 = arrays[2], b2 = arrays[3];
        double loss = 0;
        for (int i = 0; i < images.Count; i++)
        {
            double[] z = (double[])b2.Clone();
            for (int j = 0; j < b1.Length; j++)
            {
                double sum = b1[j];
                for (int p = 0; p < NetworkParameters.Inputs; p++)
                    sum += images.Image(i)[p] / 255.0 * w1[p * b1.Length + j];
                for (int k = 0; k < z.Length; k++)
                    z[k] += w2[j * z.Length + k] / (1 + Math.Exp(-sum));
            }
            for (int k = 0; k < z.Length; k++)
            {
                double error = 1 / (1 + Math.Exp(-z[k])) - (k == images.Labels[i] ? 1 : 0);
                loss += error * error / 2;
            }
        }
        return loss;
    }
}
