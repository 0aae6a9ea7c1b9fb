using MnistGpu.Core.Augmentation;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Memory;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>Distortions drawn on a device are those that the host draws.</summary>
public class DeviceDistortionTests
{
    /// <summary>Drawn digits, and one image that is lit up to its corners, then one that is dark.</summary>
    private static readonly ImageSet s_images = DrawImages();

    [SkippableTheory]
    [InlineData("ilgpu-cpu", 1)]
    [InlineData("ilgpu-cpu", int.MaxValue)]
    [InlineData("cuda", 1)]
    [InlineData("cuda", int.MaxValue)]
    [InlineData("opencl", 1)]
    [InlineData("opencl", int.MaxValue)]
    public void PixelsAndListsAreTheHostsBitForBit(string device, int seed)
    {
        using AcceleratorEngine engine = Open(device);
        using var buffers = new DeviceBuffers(engine.Accelerator);
        DeviceQueue queue = engine.Queue;
        using var distortion = new DeviceDistortion(
            engine.Accelerator, queue, DeviceImages.Upload(buffers, queue, s_images.Pixels, s_images.Labels));

        foreach (int epoch in (int[])[0, 1, 70_000])
        {
            Images computed = distortion.Draw(seed, epoch);

            byte[] expected = Distort(seed, epoch);
            Assert.Equal(expected, queue.Download(computed.Pixels));
            Images lists = DeviceImages.UploadLit(buffers, queue, expected);
            Assert.Equal(queue.Download(lists.LitStarts), queue.Download(computed.LitStarts));
            Assert.Equal(queue.Download(lists.Lit), queue.Download(computed.Lit.SubView(0, lists.Lit.Length)));
        }
    }

    [SkippableTheory]
    [InlineData("ilgpu-cpu")]
    [InlineData("cuda")]
    [InlineData("opencl")]
    public void TrainingOnThemIsTrainingOnWhatTheHostDraws(string device)
    {
        using AcceleratorEngine engine = Open(device);
        using var reference = new ReferenceEngine();
        NetworkParameters start = GlorotInitializer.Draw(33, seed: 1);
        engine.LoadTrainingImages(s_images);
        reference.LoadTrainingImages(s_images);
        EpochStatistics computed = default, expected = default;
        foreach (int epoch in (int[])[0, 1])
        {
            engine.DistortTrainingImages(seed: 5, epoch);
            reference.DistortTrainingImages(seed: 5, epoch);
            computed = Train(engine, start);
            expected = Train(reference, start);
        }
        NetworkParameters distorted = engine.GetParameters();
        engine.LoadTrainingImages(new ImageSet(Distort(seed: 5, epoch: 1), s_images.Labels));

        Assert.Equal(computed, Train(engine, start));
        Assert.Equal(distorted.W1, engine.GetParameters().W1);
        // As in GpuEngineTests: an output is off by less than 1e-5, and the loss has a slope of at most 1 in each of ten.
        Assert.Equal(expected.MeanLoss, computed.MeanLoss, 1e-4);
        Assert.Equal(expected.Hits, computed.Hits);
    }

    private static EpochStatistics Train(ITrainingEngine engine, NetworkParameters start)
    {
        engine.SetParameters(start);
        return engine.TrainEpoch(
            Enumerable.Range(0, s_images.Count).ToArray(), batchSize: 16, Enumerable.Repeat(0.1f, 10).ToArray(), null, default);
    }

    private static byte[] Distort(int seed, int epoch)
    {
        var pixels = new byte[s_images.Pixels.Length];
        for (int i = 0; i < s_images.Count; i++)
            Distortion.Draw(s_images.Image(i), seed, epoch, i, pixels.AsSpan(i * 784, 784));
        return pixels;
    }

    private static ImageSet DrawImages()
    {
        ImageSet digits = GeneratedDigits.Draw(seed: 7, train: 150, test: 0).Train;
        byte[] pixels = digits.Pixels;
        pixels.AsSpan(0, 784).Fill(255);
        pixels.AsSpan(784, 784).Clear();
        return new ImageSet(pixels, digits.Labels);
    }

    private static AcceleratorEngine Open(string device)
    {
        if (device != "ilgpu-cpu")
            GpuDevice.Require(device);
        return AcceleratorEngine.Open(device);
    }
}
