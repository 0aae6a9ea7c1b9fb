using MnistGpu.Cli.Benchmarking;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class ConclusionsTests
{
    [Fact]
    public void ASizeIsASentence() =>
        Assert.Equal(
            ["cpu is 3.1× faster than opencl:0 at batch size 64, 100 hidden units."],
            Conclusions.Of([FakeMeasurements.Of("cpu", 1), FakeMeasurements.Of("opencl:0", 3.1)]));

    [Fact]
    public void WhereAnAccuracyWasAskedForTheTimesToItAreCompared() =>
        Assert.Equal(
            [
                "The faster device is the one that reaches the accuracy in less time.",
                "cpu is 3.1× faster than opencl:0 at batch size 64, 100 hidden units.",
            ],
            Conclusions.Of([
                FakeMeasurements.Of("cpu", 1, target: 0.9), FakeMeasurements.Of("opencl:0", 3.1, target: 0.9),
                FakeMeasurements.Of("cuda:0", 0.1, target: 0.92),
            ]));

    [Fact]
    public void WhereTheMiddleHalvesOverlapNobodyWins() =>
        Assert.Equal(
            ["cpu and opencl:0 are too close to call at batch size 64, 100 hidden units."],
            Conclusions.Of([FakeMeasurements.Of("cpu", 1), FakeMeasurements.Of("opencl:0", 1.005)]));

    [Fact]
    public void ACrossoverIsSaidWhereItWasMeasured() =>
        Assert.Equal(
            [
                "cpu is 4.0× faster than cuda:0 at 1 of 3 sizes measured; "
                    + "cuda:0 is 2.0× to 12× faster than cpu at 2 of 3 sizes measured.",
                "cuda:0 (against cpu) wins from 512 hidden units up, at batch size 64.",
            ],
            Conclusions.Of([
                FakeMeasurements.Of("cpu", 1, hidden: 100), FakeMeasurements.Of("cuda:0", 4, hidden: 100),
                FakeMeasurements.Of("cpu", 8, hidden: 512), FakeMeasurements.Of("cuda:0", 4, hidden: 512),
                FakeMeasurements.Of("cpu", 60, hidden: 2048), FakeMeasurements.Of("cuda:0", 5, hidden: 2048),
            ]));

    [Fact]
    public void ACrossoverOverTheBatchSizeIsSaidToo() =>
        Assert.Equal(
            "cuda:0 (against cpu) wins from batch size 256 up, with 100 hidden units.",
            Conclusions.Of([
                FakeMeasurements.Of("cpu", 1, batchSize: 16), FakeMeasurements.Of("cuda:0", 4, batchSize: 16),
                FakeMeasurements.Of("cpu", 1, batchSize: 256), FakeMeasurements.Of("cuda:0", 0.5, batchSize: 256),
            ])[^1]);

    [Fact]
    public void WhatIsNoGpuAndWhatFailedIsNamed()
    {
        DeviceMeasurement failed = FakeMeasurements.Of("opencl:0", 2, simulatesGpu: true);
        failed.Error = "out of memory";

        IReadOnlyList<string> sentences = Conclusions.Of(
            [FakeMeasurements.Of("cpu", 1), failed, FakeMeasurements.Of("ilgpu-cpu", 9, simulatesGpu: true)]);

        Assert.Contains(sentences, sentence => sentence.StartsWith("opencl:0 and ilgpu-cpu are not GPUs"));
        Assert.Equal("opencl:0 failed at batch size 64, 100 hidden units: out of memory", sentences[^1]);
    }

    [Fact]
    public void WithoutTheCpuEngineTheFirstDeviceIsComparedWith() =>
        Assert.StartsWith(
            "cuda:0 is 2.0× faster than opencl:0",
            Conclusions.Of([FakeMeasurements.Of("cuda:0", 1), FakeMeasurements.Of("opencl:0", 2)])[0]);

    [Fact]
    public void NothingMeasuredIsNothingToSay() => Assert.Empty(Conclusions.Of([]));
}
