using System.Text.RegularExpressions;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Cli.Tests;

public class ReadmeTests
{
    [Fact]
    public void TheSampleTrainsANetwork()
    {
        // README's sample begins.
        MnistDataset digits = GeneratedDigits.Draw(seed: 1, train: 20_000, test: 1_000);  // or MnistFolder.Load("mnist_data")
        using ITrainingEngine engine = new SimdEngine();                                  // or AcceleratorEngine.Open("cuda")

        var trainer = new Trainer(engine, digits, new TrainingOptions { Epochs = 3 });
        trainer.Train(GlorotInitializer.Draw(hidden: 100, seed: 1));
        double? accuracy = trainer.History[^1].TestAccuracy;

        float[] outputs = engine.Predict(digits.Test.Image(0).ToArray());
        int digit = Evaluation.Digit(outputs);
        // README's sample ends.

        Assert.True(accuracy > 0.9, $"{accuracy:P2}");
        Assert.Equal(digits.Test.Labels[0], digit);
    }

    [Fact]
    public void TheSampleInReadmeIsTheOneAbove()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Folder, "README.md"));
        string test = File.ReadAllText(Path.Combine(Repository.Folder, "tests/MnistGpu.Cli.Tests/ReadmeTests.cs"));

        string shown = Regex.Match(readme, @"```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        string run = Regex.Match(test, @"sample begins\.\n(.*?) *// README's sample ends", RegexOptions.Singleline).Groups[1].Value;

        Assert.NotEmpty(shown);
        Assert.Equal(Regex.Replace(run, "^        ", "", RegexOptions.Multiline), shown);
    }
}
