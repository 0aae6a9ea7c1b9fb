using System.Collections.Concurrent;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Gpu.Tests.Engine;

/// <summary>Several networks on one CUDA device, a thread each.</summary>
public class SideBySideTests
{
    private static readonly ImageSet s_images = GeneratedDigits.Draw(seed: 7, train: 20, test: 0).Train;

    [SkippableFact]
    public void ANetworkWhoseGroupsDoNotMeetGivesUpAloneAndTheOthersAreThoseOfTrainingsAloneBitForBit()
    {
        GpuDevice.Require("cuda");
        var said = new ConcurrentQueue<string>();
        using AcceleratorEngine first = AcceleratorEngine.Open("cuda:0");
        first.Warn = said.Enqueue;
        Assert.Equal(first.Accelerator.NumMultiprocessors / 3, first.NetworksAtOnce(hidden: 10, batchSize: 8));
        Assert.Equal(1, first.NetworksAtOnce(hidden: 10, batchSize: 65));
        using AcceleratorEngine second = first.Beside(), third = first.Beside();
        ((OneLaunchEpoch)second.Launchers[0]).MaxSpins = -1;
        AcceleratorEngine[] engines = [first, second, third];

        var trained = new NetworkParameters[3];
        Parallel.For(0, 3, i => trained[i] = Train(engines[i], seed: i));

        Assert.Contains("did not meet", Assert.Single(said));
        Assert.Equal([false, true, false], engines.Select(engine => engine.Launchers[0].WhyNot(hidden: 12, batchSize: 8) is not null));
        using AcceleratorEngine single = AcceleratorEngine.Open("cuda:0");
        foreach (int i in (int[])[0, 2, 1])
        {
            if (i == 1)
                single.Launchers[0] = single.Launchers[1];
            int launches = single.Queue.Launches;
            NetworkParameters alone = Train(single, seed: i);
            Assert.Equal(alone.W1, trained[i].W1);
            Assert.Equal(alone.W2, trained[i].W2);
            if (i != 1)
                Assert.Equal(single.Queue.Launches - launches, engines[i].Queue.Launches);
        }
    }

    [SkippableFact]
    public void TheImagesAreUploadedOnceAndOthersAreRefused()
    {
        GpuDevice.Require("cuda");
        using AcceleratorEngine first = AcceleratorEngine.Open("cuda:0");
        using AcceleratorEngine second = first.Beside();

        Parallel.Invoke(() => first.LoadTrainingImages(s_images), () => second.LoadTrainingImages(s_images));

        Assert.Equal(0, second.Counters.BytesUploaded);
        Assert.InRange(first.Counters.BytesUploaded, s_images.Pixels.Length, 2 * s_images.Pixels.Length);
        Assert.Throws<InvalidOperationException>(() => second.LoadTrainingImages(s_images.Take(3)));
    }

    [Fact]
    public void ALaunchWaitsUntilItsGroupsAreFreeAndALaterOneThatWouldFitDoesNotPassIt()
    {
        var residency = new Residency(10);
        Residency.Place place = residency.Take(6);
        int taken = 0;
        Thread large = StartTaking(10), small = StartTaking(1);

        Assert.Equal(0, taken);
        place.Dispose();

        Assert.True(large.Join(TimeSpan.FromMinutes(1)) && small.Join(TimeSpan.FromMinutes(1)));
        Assert.Equal(11, taken);
        residency.Take(10).Dispose();

        Thread StartTaking(int count)
        {
            var thread = new Thread(() =>
            {
                using Residency.Place its = residency.Take(count);
                Interlocked.Add(ref taken, count);
            });
            thread.Start();
            SpinWait.SpinUntil(() => thread.ThreadState is ThreadState.WaitSleepJoin or ThreadState.Stopped);
            return thread;
        }
    }

    private static NetworkParameters Train(AcceleratorEngine engine, int seed)
    {
        var trainer = new Trainer(engine, new MnistDataset("digits", s_images, s_images.Take(5)),
            new TrainingOptions { Seed = seed, BatchSize = 8, Epochs = 1, Momentum = 0.5 });
        trainer.Train(GlorotInitializer.Draw(10, seed));
        return trainer.Parameters!;
    }
}
