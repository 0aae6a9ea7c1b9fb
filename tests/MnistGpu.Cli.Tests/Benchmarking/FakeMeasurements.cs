using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;

namespace MnistGpu.Cli.Tests.Benchmarking;

/// <summary>Measurements with known figures.</summary>
internal static class FakeMeasurements
{
    public const int Images = 1000;

    /// <summary>
    /// A device at one size, with epochs a hundredth longer and shorter than a time, which reaches 80 % after one and
    /// 91.25 % after two.
    /// </summary>
    public static DeviceMeasurement Of(
        string device, double seconds, int batchSize = 64, int hidden = 100, bool simulatesGpu = false, double? target = null)
    {
        var measurement = new DeviceMeasurement(
            new BenchmarkDevice(device, () => throw new NotSupportedException(), SimulatesGpu: simulatesGpu),
            new TrainingOptions { BatchSize = batchSize, LearningRate = 0.1, TargetAccuracy = target }, hidden, Images);
        measurement.AddAccuracy(0.8);
        measurement.AddAccuracy(0.9125);
        DeviceCounters? counters = simulatesGpu ? new(48, TimeSpan.FromSeconds(seconds / 4), 4004) : null;
        foreach (double factor in (double[])[0.99, 1, 1.01])
        {
            measurement.AddEpoch(seconds * factor, counters);
            measurement.AddTest(0.9125, 2 * seconds * factor);
        }
        return measurement;
    }

    public static BenchmarkReport Report(params DeviceMeasurement[] measurements) => new()
    {
        Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Complete = true,
        Machine = new MachineInfo
        {
            Cpu = "Fast & Furious </script><b>9</b>",
            Cores = 8,
            SimdBits = 256,
            Accelerators = [new AcceleratorInfo("cuda:0", "Some GPU", "CUDA GPU", true, 8L << 30, 1024)],
            OperatingSystem = "Some OS",
            DotNet = ".NET 10",
            Ilgpu = "1.5.3",
        },
        Settings = new BenchmarkSettings(
            new DatasetMetrics("MNIST", Images, 500), [.. measurements.Select(m => m.Device).Distinct()],
            [.. measurements.Select(m => m.BatchSize).Distinct()], [.. measurements.Select(m => m.Hidden).Distinct()],
            Epochs: 2, Repeats: 3, Seed: 1, TargetAccuracy: null, Augment: false),
        Results = measurements,
        Conclusions = Conclusions.Of(measurements),
    };
}
