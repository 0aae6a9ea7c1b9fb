using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;

namespace MnistGpu.Gpu.Tests;

/// <summary>
/// That the CUDA emulator's checks notice a missing barrier is what their silence elsewhere is worth. Run by CI with the
/// checks on.
/// </summary>
public class PlantedRaceTests
{
    /// <summary>A count of arrivals that begins at 1 has every group go on before the last one has come.</summary>
    [SkippableFact]
    public void AMeetingThatMissesAGroupIsFoundAsADataRace()
    {
        string? report = Environment.GetEnvironmentVariable("CUDA_EMULATOR_CHECK_FILE");
        Skip.If(report is null, "CI runs this with the emulator's checks.");
        ImageSet images = GeneratedDigits.Draw(seed: 7, train: 40, test: 0).Train;
        using (AcceleratorEngine engine = AcceleratorEngine.Open("cuda:0"))
        {
            engine.OneLaunch = new OneLaunchEpoch(engine.Accelerator, engine.Queue) { FirstArrivals = 1 };
            engine.LoadTrainingImages(images);
            engine.SetParameters(GlorotInitializer.Draw(33, seed: 1));
            engine.TrainEpoch(
                Enumerable.Range(0, images.Count).ToArray(), 8, Enumerable.Repeat(0.1f, 5).ToArray(), null, default);
        }

        Assert.Contains("race", File.ReadAllText(report!));
    }
}
