using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Verification;

namespace MnistGpu.Gpu.Tests;

/// <summary>The engine on the first OpenCL device, whatever it is.</summary>
public class OpenClEngineTests
{
    [SkippableFact]
    public void EveryKernelIsWithinRounding()
    {
        using AcceleratorEngine engine = Open();

        Assert.All(KernelVerification.Run(engine), row => Assert.True(row.Ok, $"{row}"));
    }

    [SkippableTheory]
    [InlineData(1, 33, 5)]
    [InlineData(64, 100, 200)]
    public void TheWeightsAreTheReferencesWithinRounding(int batchSize, int units, int images)
    {
        using AcceleratorEngine engine = Open();

        VerificationRow[] rows = new TrainingVerifier(units, batchSize, images).Run(engine);

        Assert.All(rows, row => Assert.True(row.Ok, $"{row}"));
    }

    [SkippableFact]
    public void TwoTrainingsGiveTheSameWeightsBitForBit()
    {
        NetworkParameters first = Train();
        NetworkParameters second = Train();

        Assert.Equal(first.W1, second.W1);
        Assert.Equal(first.B1, second.B1);
        Assert.Equal(first.W2, second.W2);
        Assert.Equal(first.B2, second.B2);
    }

    [SkippableFact]
    public void MoreMemoryThanTheDeviceHasIsADeviceFaultInOneLine()
    {
        using AcceleratorEngine engine = Open();

        Exception exception = Assert.ThrowsAny<Exception>(
            () => engine.EpochBuffers.Allocate<byte>(engine.Accelerator.MemorySize + 1));

        Assert.True(DeviceException.IsDeviceFault(exception), $"{exception}");
        Assert.DoesNotContain('\n', exception.Message);
    }

    private static NetworkParameters Train()
    {
        ImageSet images = GeneratedDigits.Draw(seed: 7, train: 200, test: 0).Train;
        using AcceleratorEngine engine = Open();
        engine.LoadTrainingImages(images);
        engine.SetParameters(GlorotInitializer.Draw(hidden: 33, seed: 1));
        int[] order = [.. Enumerable.Range(0, images.Count)];
        for (int epoch = 0; epoch < 3; epoch++)
            engine.TrainEpoch(order, batchSize: 32, Enumerable.Repeat(0.1f, 7).ToArray(), null, default);
        return engine.GetParameters();
    }

    private static AcceleratorEngine Open()
    {
        const string Device = "opencl:0";
        Skip.If(
            AcceleratorCatalog.List().Found.All(info => info.Device != Device),
            "There is no OpenCL device here.");
        return AcceleratorEngine.Open(Device);
    }
}
