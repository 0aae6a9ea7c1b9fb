using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using Spectre.Console;

namespace MnistGpu.Cli.Benchmarking;

/// <summary>The results on a terminal, in two tables so that each fits into 80 columns.</summary>
internal static class BenchmarkTables
{
    /// <summary>What the less obvious columns mean.</summary>
    public const string Explanation =
        "GFLOP/s counts the multiplications and additions of the dense network, 3,196·H per image, for every device; "
            + "each does fewer, since it skips pixels that are 0. Launches: the share of the time that the host spends "
            + "launching kernels (on ilgpu-cpu they run within it). To device: bytes that the host copies to it per "
            + "epoch; the images are already there. Weights off: the largest difference between any weight and the "
            + "reference's after the same training; mnistgpu verify says whether rounding explains it.";

    /// <summary>What the time to an accuracy includes.</summary>
    public const string SecondsToAccuracy =
        "Seconds: from the first step to the end of the first test at or above that accuracy, including earlier tests, without loading.";

    /// <summary>How fast each device is.</summary>
    public static Table Speed(IReadOnlyList<DeviceMeasurement> measurements)
    {
        Table table = WithSizes("ms/epoch", "±", "epochs", "images/s", "GFLOP/s");
        foreach (DeviceMeasurement m in measurements)
            table.AddRow(
                Markup.Escape(m.Device), $"{m.BatchSize}", $"{m.Hidden}",
                m.SecondsPerEpoch is SampleSummary seconds ? Format.Milliseconds(seconds.Median)
                    : m.Error is null ? "not measured" : "failed",
                m.SecondsPerEpoch is SampleSummary { Spread: double spread } ? Format.Spread(spread) : "",
                $"{m.Samples.Count}",
                m.ImagesPerSecond is double rate ? $"{rate:N0}" : "",
                m.Gflops is double gflops ? Format.ThreeDigits(gflops) : "");
        return table;
    }

    /// <summary>Where a device's time goes, and whether it computes what the reference computes.</summary>
    public static Table Check(IReadOnlyList<DeviceMeasurement> measurements)
    {
        Table table = WithSizes("launches", "to device", "accuracy", "weights off");
        foreach (DeviceMeasurement m in measurements)
            table.AddRow(
                Markup.Escape(m.Device), $"{m.BatchSize}", $"{m.Hidden}",
                m.LaunchShare is double share ? Format.Percent(share) : "",
                m.BytesToDevicePerEpoch is double bytes ? Format.Bytes(bytes) : "",
                m.TestAccuracy is [.., double accuracy] ? $"{accuracy:P2}" : "",
                m.LargestWeightDifference is double difference ? Format.Difference(difference) : "");
        return table;
    }

    /// <summary>When each device reached the accuracy.</summary>
    public static Table ToAccuracy(IReadOnlyList<DeviceMeasurement> measurements, BenchmarkSettings settings)
    {
        Table table = WithSizes($"{settings.TargetAccuracy:0.## %} reached", "accuracy", "seconds", "±");
        foreach (DeviceMeasurement m in measurements)
        {
            TimeToAccuracy result = m.ToAccuracy!;
            table.AddRow(
                Markup.Escape(m.Device), $"{m.BatchSize}", $"{m.Hidden}",
                result switch
                {
                    { Epoch: int epoch } => $"epoch {epoch} of {settings.Epochs}",
                    { Accuracy: double best } => $"no, best {best:P2}",
                    _ => m.Error is null ? "not measured" : "failed",
                },
                result.Epoch is null ? "" : $"{result.Accuracy:P2}",
                result.Seconds is SampleSummary seconds ? Format.ThreeDigits(seconds.Median) : "",
                result.Seconds is SampleSummary { Spread: double spread } ? Format.Spread(spread) : "");
        }
        return table;
    }

    private static Table WithSizes(params string[] columns)
    {
        var table = new Table().RoundedBorder();
        table.AddColumn("device");
        foreach (string column in (string[])["batch", "hidden", .. columns])
            table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }
}
