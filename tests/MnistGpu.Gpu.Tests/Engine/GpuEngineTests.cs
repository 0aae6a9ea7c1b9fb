using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>The engine on the first CUDA device, whatever it is.</summary>
public class CudaEngineTests() : GpuEngineTests("cuda");

/// <summary>The engine on the first OpenCL device, whatever it is.</summary>
public class OpenClEngineTests() : GpuEngineTests("opencl");

/// <summary>The engine on a device that not every machine has.</summary>
public abstract class GpuEngineTests(string device)
{
    private static readonly ImageSet s_images = GeneratedDigits.Draw(seed: 7, train: 200, test: 0).Train;

    [SkippableTheory]
    [InlineData(1, 33, 5)]
    [InlineData(64, 100, 200)]
    [InlineData(200, 1, 200)]
    // On tensor cores where there are some; the last step has fewer images.
    [InlineData(256, 100, 300)]
    public void TheWeightsAreTheReferencesWithinRounding(int batchSize, int units, int images)
    {
        using AcceleratorEngine engine = Open();

        VerificationRow[] rows = new TrainingVerifier(units, batchSize, images).Run(engine);

        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));
        Assert.Contains("tuned", engine.Description);
    }

    [SkippableFact]
    public void LossHitsAndPredictionsAreTheReferences()
    {
        using AcceleratorEngine engine = Open();
        using var reference = new ReferenceEngine();

        EpochStatistics computed = Train(engine, units: 20);
        EpochStatistics expected = Train(reference, units: 20);

        // An output is off by less than 1e-5 (see the verification's bounds), and the loss has a slope of at most 1 in
        // each of ten.
        Assert.Equal(expected.MeanLoss, computed.MeanLoss, 1e-4);
        Assert.Equal(expected.Hits, computed.Hits);
        Assert.All(
            reference.Predict(s_images.Pixels).Zip(engine.Predict(s_images.Pixels)),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    /// <summary>Momentum multiplies what rounding does to a step by up to 1 / (1 − µ) = 4 over later steps.</summary>
    [SkippableFact]
    public void WithMomentumItFollowsTheReferenceAndGoesOnFromItsVelocity()
    {
        using AcceleratorEngine engine = Open();
        using var reference = new ReferenceEngine();
        NetworkParameters start = GlorotInitializer.Draw(33, seed: 1);
        foreach (ITrainingEngine each in (ITrainingEngine[])[engine, reference])
        {
            each.LoadTrainingImages(s_images);
            each.SetParameters(start);
            TrainWithMomentum(each);
            each.SetParameters(each.GetParameters());
            Assert.All(each.GetVelocity().W1, v => Assert.Equal(0, v));
            TrainWithMomentum(each);
            NetworkParameters velocity = each.GetVelocity();
            each.SetParameters(each.GetParameters());
            each.SetVelocity(velocity);
            TrainWithMomentum(each);
        }

        AssertClose(start, reference.GetParameters(), engine.GetParameters());
        AssertClose(new NetworkParameters(33), reference.GetVelocity(), engine.GetVelocity());

        static void TrainWithMomentum(ITrainingEngine engine) => engine.TrainEpoch(
            Enumerable.Range(0, s_images.Count).ToArray(), batchSize: 32,
            new EpochRates(Enumerable.Repeat(0.01f, 7).ToArray(), OutputRatio: 0.25f, Momentum: 0.75f), null, default);

        static void AssertClose(NetworkParameters start, NetworkParameters expected, NetworkParameters computed)
        {
            foreach (Func<NetworkParameters, float[]> choose in (Func<NetworkParameters, float[]>[])
                [n => n.W1, n => n.B1, n => n.W2, n => n.B2])
            {
                // 21 steps, each of which rounds a weight once more and its change by up to 900 operations.
                double moved = choose(expected).Zip(choose(start), (a, b) => Math.Abs(a - b)).Max();
                double bound = Math.Pow(2, -24) * (21 * choose(expected).Max(Math.Abs) + 900 * moved) * 4;
                Assert.True(moved > 20 * bound, $"moved {moved}, but the bound is {bound}");
                for (int i = 0; i < choose(expected).Length; i++)
                    Assert.InRange(choose(computed)[i] - choose(expected)[i], -bound, bound);
            }
        }
    }

    [SkippableFact]
    public void TwoTrainingsGiveTheSameWeightsBitForBit()
    {
        using AcceleratorEngine first = Open();
        using AcceleratorEngine second = Open();

        Assert.Equal(Train(first, units: 33), Train(second, units: 33));

        AssertSame(first.GetParameters(), second.GetParameters());
    }

    [SkippableFact]
    public void ParametersComeBackAsTheyWereSetAndTheNumberOfHiddenUnitsMayChange()
    {
        using AcceleratorEngine engine = Open();
        Train(engine, units: 33);
        NetworkParameters other = GlorotInitializer.Draw(hidden: 12, seed: 2);

        engine.SetParameters(other);

        AssertSame(other, engine.GetParameters());
    }

    [SkippableFact]
    public void MoreMemoryThanTheDeviceHasIsADeviceFaultInOneLine()
    {
        using AcceleratorEngine engine = Open();

        Exception exception = Assert.ThrowsAny<Exception>(
            () => engine.EpochMemory.Buffers.Allocate<byte>(engine.Accelerator.MemorySize + 1));

        Assert.True(DeviceException.IsDeviceFault(exception), $"{exception}");
        Assert.DoesNotContain('\n', exception.Message);
    }

    /// <summary>An epoch of batches of 32, of which the last is smaller.</summary>
    private static EpochStatistics Train(ITrainingEngine engine, int units)
    {
        engine.LoadTrainingImages(s_images);
        engine.SetParameters(GlorotInitializer.Draw(units, seed: 1));
        return engine.TrainEpoch(
            Enumerable.Range(0, s_images.Count).Reverse().ToArray(), batchSize: 32,
            Enumerable.Repeat(0.1f, 7).ToArray(), null, CancellationToken.None);
    }

    private static void AssertSame(NetworkParameters expected, NetworkParameters actual)
    {
        Assert.Equal(expected.W1, actual.W1);
        Assert.Equal(expected.B1, actual.B1);
        Assert.Equal(expected.W2, actual.W2);
        Assert.Equal(expected.B2, actual.B2);
    }

    private AcceleratorEngine Open()
    {
        GpuDevice.Require(device);
        return AcceleratorEngine.Open(device);
    }
}
