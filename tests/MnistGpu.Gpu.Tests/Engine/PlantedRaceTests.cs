using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels.Training.OneLaunch;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>
/// That the CUDA emulator's checks notice a missing barrier is what their silence elsewhere is worth. Run by CI with the
/// checks on.
/// </summary>
public class PlantedRaceTests
{
    /// <summary>A count of arrivals that begins at the number of groups has no group wait for another.</summary>
    [SkippableFact]
    public void AMeetingThatNobodyWaitsAtIsFoundAsADataRace()
    {
        string? report = Environment.GetEnvironmentVariable("CUDA_EMULATOR_CHECK_FILE");
        Skip.If(report is null, "CI runs this with the emulator's checks.");
        const int Hidden = 36;
        ImageSet images = GeneratedDigits.Draw(seed: 7, train: 40, test: 0).Train;
        using (AcceleratorEngine engine = AcceleratorEngine.Open("cuda:0"))
        {
            engine.OneLaunch = new OneLaunchEpoch(engine.Accelerator, engine.Queue)
            {
                FirstArrivals = Hidden / EpochInOneLaunch.UnitsPerGroup,
            };
            engine.LoadTrainingImages(images);
            engine.SetParameters(GlorotInitializer.Draw(Hidden, seed: 1));
            engine.TrainEpoch(
                Enumerable.Range(0, images.Count).ToArray(), 8, Enumerable.Repeat(0.1f, 5).ToArray(), null, default);
        }

        Assert.Contains("race", File.ReadAllText(report!));
    }
}
