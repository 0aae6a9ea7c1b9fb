using ILGPU;
using ILGPU.Runtime;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Memory;
using MnistGpu.Gpu.Verification;
using MnistGpu.Kernels;
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
        const int Hidden = 36, Groups = Hidden / EpochInOneLaunch.UnitsPerGroup;
        const int Count = 40, BatchSize = 8, Steps = Count / BatchSize;
        using (AcceleratorEngine engine = AcceleratorEngine.Open("cuda:0"))
        using (var random = new RandomStep(engine.Accelerator, engine.Queue, Count, Hidden))
        using (var buffers = new DeviceBuffers(engine.Accelerator))
        {
            ArrayView<float> rates = buffers.Allocate<float>(Steps);
            var exchange = new EpochInOneLaunch.Exchange(
                buffers.AllocateMatrix(2 * Hidden, EpochInOneLaunch.MaxBatch),
                buffers.AllocateMatrix(2 * Kernels.Mnist.Outputs, Hidden), buffers.Allocate<int>(2), MaxSpins: 1 << 20);
            engine.Queue.Upload<float>(Enumerable.Repeat(0.1f, Steps).ToArray(), rates);
            engine.Queue.Upload([Groups, 0], exchange.Meeting);
            var kernel = engine.Accelerator.LoadKernel<
                Images, EpochInOneLaunch.Steps, Network, EpochInOneLaunch.Exchange, ArrayView<float>, ArrayView<int>>(
                EpochInOneLaunch.Tuned, EpochInOneLaunch.Specialization);

            kernel(
                engine.Queue.Stream, EpochInOneLaunch.Launch(Hidden), random.Images,
                new EpochInOneLaunch.Steps(
                    random.Batch.Order, rates, OutputRatio: 1, Momentum: 0, random.Velocity.Views, Count, BatchSize, First: 0, Steps),
                random.Network.Views, exchange, random.Activations.Losses, random.Activations.Hits);
            engine.Queue.Synchronize();
        }

        Assert.Contains("race", File.ReadAllText(report!));
    }
}
