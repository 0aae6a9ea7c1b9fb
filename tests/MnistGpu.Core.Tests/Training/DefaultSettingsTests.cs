using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

/// <summary>What the default settings are good for: 100 hidden units, seed 1.</summary>
public class DefaultSettingsTests
{
    [SkippableFact]
    public void TheyReadMnist()
    {
        MnistDataset dataset = MnistFolder.Load(Mnist.Require());

        // The least that is promised; the seeds' mean is 97 %.
        Assert.InRange(TestAccuracy(dataset), 0.967, 1);
    }

    [Fact]
    public void TheyReadTheDrawnDigits() =>
        // The drawn digits' documentation says 98.5 %; another seed or rounding moves that by tenths.
        Assert.InRange(TestAccuracy(GeneratedDigits.Draw(seed: 1)), 0.97, 1);

    private static double TestAccuracy(MnistDataset dataset)
    {
        using var engine = new SimdEngine();
        var trainer = new Trainer(engine, dataset, new TrainingOptions());
        trainer.Train(GlorotInitializer.Draw(hidden: 100, seed: 1));
        return trainer.History[^1].TestAccuracy!.Value;
    }
}
