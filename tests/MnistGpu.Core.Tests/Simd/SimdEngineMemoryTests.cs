using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Simd;

/// <summary>These measure the memory of the whole process, so no other test may run beside them.</summary>
[CollectionDefinition(nameof(SimdEngineMemoryTests), DisableParallelization = true)]
[Collection(nameof(SimdEngineMemoryTests))]
public class SimdEngineMemoryTests
{
    /// <summary>What the runtime may take for itself meanwhile: a small part of what the faults tested here would take.</summary>
    private const long Tolerance = 400_000_000;

    [Fact]
    public void ManyPredictionsNeedNoMoreMemoryThanOne()
    {
        using var engine = new SimdEngine(2);
        engine.SetParameters(GlorotInitializer.Draw(10_000, seed: 1));
        byte[] pixels = RandomImages.Draw(1, 0.2).Pixels;
        engine.Predict(pixels);
        long before = CollectedWorkingSet();

        // The sums and hidden units of a call take 10 MB.
        for (int call = 0; call < 150; call++)
            engine.Predict(pixels);

        Assert.InRange(CollectedWorkingSet() - before, long.MinValue, Tolerance);
    }

    [Fact]
    public void ADisposedEngineLeavesItsMemory()
    {
        var large = new NetworkParameters(hidden: 8_192);
        var smaller = new NetworkParameters(hidden: 8_000);
        UseAndDispose();
        long before = CollectedWorkingSet();

        // Each has 50 MB of weights and velocity.
        for (int i = 0; i < 40; i++)
            UseAndDispose();

        Assert.InRange(CollectedWorkingSet() - before, long.MinValue, Tolerance);

        void UseAndDispose()
        {
            using var engine = new SimdEngine(1);
            engine.LoadTrainingImages(RandomImages.Draw(16, 0.2));
            engine.SetParameters(large);
            int[] order = Enumerable.Range(0, 16).ToArray();
            engine.TrainEpoch(order, 16, new EpochRates(new[] { 0.05f }, Momentum: 0.9f), null, default);
            engine.SetParameters(smaller);
        }
    }

    private static long CollectedWorkingSet()
    {
        GC.Collect();
        return Environment.WorkingSet;
    }
}
