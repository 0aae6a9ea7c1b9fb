using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

/// <summary>What the default settings are good for: at the default size, and where rates that are too high lose a class.</summary>
public class DefaultSettingsTests
{
    private const string FashionMnist = "/usr/share/datasets/fashion-mnist";

    [SkippableFact]
    public void TheyReadMnist()
    {
        MnistDataset dataset = MnistFolder.Load(Mnist.Require());

        // The least that is promised; the seeds' mean is 97 %.
        Assert.InRange(Test(dataset).Accuracy, 0.967, 1);
    }

    [SkippableFact]
    public void TheyReadFashionMnist()
    {
        MnistDataset dataset = Fashion();

        // The mean of three seeds is 86.5 %.
        Assert.InRange(Test(dataset).Accuracy, 0.855, 1);
    }

    [Fact]
    public void TheyReadTheDrawnDigits() =>
        // The drawn digits' documentation says 98.5 %; another seed or rounding moves that by tenths.
        Assert.InRange(Test(GeneratedDigits.Draw(seed: 1)).Accuracy, 0.97, 1);

    [Theory]
    [InlineData(1_000, 1_000, 30, 1_000)]
    [InlineData(512, 2_048, 10, 6_000)]
    [InlineData(512, 16, 3, 1_000)]
    public void TheyLoseNoDrawnDigit(int hidden, int batchSize, int epochs, int images) =>
        AssertThatNoClassIsLost(GeneratedDigits.Draw(seed: 1, train: 6_000, test: 1_000), hidden, batchSize, epochs, images);

    [SkippableTheory]
    [InlineData(1_000, 3_000, 20, 6_000)]
    [InlineData(100, 6_000, 30, 6_000)]
    [InlineData(1_000, 16, 1, 6_000)]
    public void TheyLoseNoDigitOfMnist(int hidden, int batchSize, int epochs, int images) =>
        AssertThatNoClassIsLost(MnistFolder.Load(Mnist.Require()), hidden, batchSize, epochs, images);

    [SkippableTheory]
    [InlineData(1_000, 256, 10, 6_000)]
    [InlineData(1_000, 1_000, 30, 1_000)]
    public void TheyLoseNoClassOfFashionMnist(int hidden, int batchSize, int epochs, int images) =>
        AssertThatNoClassIsLost(Fashion(), hidden, batchSize, epochs, images);

    private static void AssertThatNoClassIsLost(MnistDataset dataset, int hidden, int batchSize, int epochs, int images)
    {
        Evaluation test = Test(dataset with { Train = dataset.Train.Take(images) }, hidden, batchSize, epochs);

        Assert.Empty(test.NeverSaid);
        if (Math.Ceiling((double)images / batchSize) * epochs >= 60)
            for (int digit = 0; digit < NetworkParameters.Outputs; digit++)
                Assert.InRange(test.Confusion[digit, digit], test.Images / NetworkParameters.Outputs / 5, test.Images);
        Assert.InRange(test.Accuracy, 0.74, 1);
    }

    private static MnistDataset Fashion()
    {
        Skip.IfNot(Directory.Exists(FashionMnist), "Fashion-MNIST is not here: it is Debian's package dataset-fashion-mnist.");
        return MnistFolder.Load(FashionMnist);
    }

    private static Evaluation Test(MnistDataset dataset, int hidden = 100, int batchSize = 64, int epochs = 3)
    {
        using var engine = new SimdEngine();
        var trainer = new Trainer(engine, dataset, new TrainingOptions { BatchSize = batchSize, Epochs = epochs });
        return trainer.Train(GlorotInitializer.Draw(hidden, seed: 1)).Test;
    }
}
