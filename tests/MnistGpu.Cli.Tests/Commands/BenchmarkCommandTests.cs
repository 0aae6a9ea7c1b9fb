using System.Text.Json;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Commands;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Tests.Commands;

public class BenchmarkCommandTests(SmallDataset data) : IClassFixture<SmallDataset>
{
    [Fact]
    public void EveryDeviceIsMeasuredAndEverythingIsWritten()
    {
        using var folder = new TemporaryFolder();
        string json = Path.Combine(folder.Path, "report.json");
        string html = Path.Combine(folder.Path, "report.html");

        MnistGpuRun run = MnistGpuRun.Succeed(
            "benchmark", "--data", data.Path, "--devices", "ilgpu-cpu,cpu,reference", "--limit", "30", "--epochs", "1",
            "--repeats", "1", "--batch-sizes", "8", "--hidden-sizes", "5", "--json", json, "--html", html);

        foreach (string device in (string[])["reference", "cpu", "ilgpu-cpu"])
            Assert.Equal(2, run.Output.Split($"│ {device} ").Length - 1);
        Assert.Contains("30 images per epoch, 100 to test with", run.Output);
        Assert.Contains("ilgpu-cpu is not a GPU", run.Output);
        Assert.Contains($"Written: {html}", run.Output);
        Assert.All(run.Output.Split(Environment.NewLine).Where(line => line.StartsWith('│')),
            line => Assert.InRange(line.Length, 1, 80));
        Assert.Contains(File.ReadAllText(json).Trim(), File.ReadAllText(html));

        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(json));
        JsonElement[] results = [.. report.RootElement.GetProperty("results").EnumerateArray()];
        Assert.Equal(["reference", "ilgpu-cpu", "cpu"], results.Select(r => r.GetProperty("device").GetString()));
        JsonElement accelerator = results[1];
        // Four batches of three launches; the order of 30 images and the count of hits go to the device.
        Assert.Equal(12, accelerator.GetProperty("launchesPerEpoch").GetDouble());
        Assert.Equal(31 * sizeof(int), accelerator.GetProperty("bytesToDevicePerEpoch").GetDouble());
        Assert.InRange(accelerator.GetProperty("launchShare").GetDouble(), 0, 1);
        Assert.All(results, result =>
        {
            Assert.InRange(result.GetProperty("secondsPerEpoch").GetProperty("median").GetDouble(), 1e-9, 100);
            // |δ| is at most 4/27 and the learning rate 0.1, so after 30 images no weight has moved by as much as 1;
            // and rounding changes a sum of 784 terms by at most this part of it.
            Assert.InRange(result.GetProperty("largestWeightDifference").GetDouble(), 0, Rounding.Gamma(784));
        });
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    /// <summary>Whatever this machine has.</summary>
    [Theory]
    [InlineData]
    [InlineData("--devices", "all")]
    public void WhereNoDeviceIsNamedAllAreMeasured(params string[] devices)
    {
        MnistGpuRun run = MnistGpuRun.Succeed(
            ["benchmark", "--data", data.Path, "--limit", "30", "--epochs", "1", "--repeats", "1", "--hidden-sizes", "5", .. devices]);

        AcceleratorInfo[] accelerators = [.. AcceleratorCatalog.List().Found.Where(info => info.Device != AcceleratorCatalog.CpuDevice)];
        Assert.All((string[])["reference", "cpu", .. accelerators.Select(info => info.Device)],
            device => Assert.Contains($"│ {device} ", run.Output));
        Assert.DoesNotContain($"│ {AcceleratorCatalog.CpuDevice} ", run.Output);
    }

    [Theory]
    [InlineData(55)]
    [InlineData(55, "--augment")]
    public void TheTimeToAnAccuracyIsThatOfTheTrainingThatTrainDoes(double percent, params string[] augment)
    {
        (MnistGpuRun run, JsonElement report, double[] expected) = MeasureAndTrain(percent, augment);

        int epoch = Array.FindIndex(expected, accuracy => accuracy >= percent / 100) + 1;
        Assert.InRange(epoch, 1, 5);
        Assert.Contains($"epoch {epoch} of 6 │  {expected[epoch - 1]:P2}", run.Output);
        JsonElement result = report.GetProperty("results")[0], time = result.GetProperty("toAccuracy");
        Assert.Equal(epoch, time.GetProperty("epoch").GetInt32());
        Assert.Equal(expected[epoch - 1], time.GetProperty("accuracy").GetDouble());
        Assert.Equal(expected[..epoch], result.GetProperty("testAccuracy").EnumerateArray().Select(a => a.GetDouble()));
        Assert.InRange(
            time.GetProperty("seconds").GetProperty("median").GetDouble(),
            epoch * result.GetProperty("secondsPerEpoch").GetProperty("least").GetDouble(), 100);
        Assert.Equal(augment is ["--augment"], report.GetProperty("settings").GetProperty("augment").GetBoolean());
    }

    [Fact]
    public void AnAccuracyThatIsNotReachedHasNoTime()
    {
        // A hundredth of 99.04 is a little more than 0.9904.
        (MnistGpuRun run, JsonElement report, double[] expected) = MeasureAndTrain(99.04);

        Assert.Contains($"no, best {expected.Max():P2}", run.Output);
        JsonElement time = report.GetProperty("results")[0].GetProperty("toAccuracy");
        Assert.Equal(expected.Max(), time.GetProperty("accuracy").GetDouble());
        Assert.Equal(JsonValueKind.Null, time.GetProperty("epoch").ValueKind);
        Assert.Equal(JsonValueKind.Null, time.GetProperty("seconds").ValueKind);
        Assert.Empty(time.GetProperty("samples").EnumerateArray());
        Assert.Equal(0.9904, report.GetProperty("settings").GetProperty("targetAccuracy").GetDouble());
    }

    /// <summary>The benchmark to an accuracy, its report, and the test accuracies of the same training by <c>train</c>.</summary>
    private (MnistGpuRun Run, JsonElement Report, double[] TestAccuracy) MeasureAndTrain(double percent, params string[] augment)
    {
        using var folder = new TemporaryFolder();
        string json = Path.Combine(folder.Path, "report.json"), metrics = Path.Combine(folder.Path, "metrics.json");
        string[] training = ["--data", data.Path, "--epochs", "6", .. augment];
        MnistGpuRun run = MnistGpuRun.Succeed(
            ["benchmark", "--to-accuracy", $"{percent}", "--devices", "cpu", "--repeats", "1", "--batch-sizes", "16",
                "--hidden-sizes", "20", "--json", json, .. training]);
        MnistGpuRun.Succeed(
            ["train", "--device", "cpu", "--batch-size", "16", "--hidden", "20", "--metrics", metrics, .. training]);
        return (run, Read(json), [.. Read(metrics).GetProperty("history").EnumerateArray()
            .Select(epoch => epoch.GetProperty("testAccuracy").GetDouble())]);

        static JsonElement Read(string file) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(file));
    }

    [Theory]
    [InlineData("benchmark")]
    [InlineData("benchmark", "kernels")]
    public void ADeviceThatIsNotThereIsNamedBeforeAnythingIsMeasured(params string[] command)
    {
        MnistGpuRun run = MnistGpuRun.Start([.. command, "--devices", "ilgpu-cpu,cuda:99"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Matches(@"^mnistgpu: there is no cuda:99: .+; leave it out of --devices$", run.Error.TrimEnd());
    }

    [Fact]
    public void AnInterruptedBenchmarkPrintsAndWritesWhatItHas()
    {
        using var folder = new TemporaryFolder();
        string json = Path.Combine(folder.Path, "report.json");
        using var cancellation = new CancellationTokenSource();
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, new(cancellation.Token));
        int opened = 0;
        // The second size opens the device that fails at the first one again.
        BenchmarkDevice[] devices =
        [
            new("cpu", () => new SimdEngine(1)),
            new("cuda:0", () =>
            {
                if (++opened == 2)
                    cancellation.Cancel();
                throw new InvalidOperationException("no");
            }),
        ];
        var plan = new BenchmarkPlan
        {
            BatchSizes = [8],
            HiddenSizes = [4, 5],
            Epochs = 1,
            Repeats = 1,
            Seed = 1,
            Turn = TimeSpan.Zero,
        };

        MnistDataset digits = GeneratedDigits.Draw(seed: 1, train: 20, test: 10);

        Assert.ThrowsAny<OperationCanceledException>(() => BenchmarkCommand.Run(
            plan, digits, devices, MachineInfo.Read([]), json, null, terminal));

        Assert.Contains("Interrupted", output.ToString());
        // A row of the table, or the line that takes its place where an epoch was so slow that the table is too wide.
        Assert.Matches(@"(?m)^\W*cpu\W.*\b8\b.*\b4\b.*\d", output.ToString());
        Assert.Contains("not measured", output.ToString());
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(json));
        Assert.False(report.RootElement.GetProperty("complete").GetBoolean());
    }

    [Fact]
    public void ABenchmarkThatIsInterruptedInTheWarmUpSaysSo()
    {
        using var cancellation = new CancellationTokenSource();
        using var error = new StringWriter();
        var terminal = new Terminal(TextWriter.Null, error, new(cancellation.Token));
        BenchmarkDevice device = new("cpu", () =>
        {
            cancellation.Cancel();
            return new SimdEngine(1);
        });
        var plan = new BenchmarkPlan
        {
            BatchSizes = [8],
            HiddenSizes = [4],
            Epochs = 1,
            Repeats = 1,
            Seed = 1,
        };

        Assert.ThrowsAny<OperationCanceledException>(() => BenchmarkCommand.Run(
            plan, GeneratedDigits.Draw(seed: 1, train: 20, test: 10), [device], MachineInfo.Read([]), null, null, terminal));

        // A busy machine is warned about before.
        Assert.EndsWith("mnistgpu: nothing has been measured yet: the devices were still warming up", error.ToString().TrimEnd());
    }

    [Fact]
    public void WhereNothingWasMeasuredThereIsNoTable()
    {
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, new(CancellationToken.None));
        BenchmarkDevice broken = new("cuda:0", () => throw new InvalidOperationException("the driver fails"));
        var plan = new BenchmarkPlan { BatchSizes = [8], HiddenSizes = [4], Epochs = 1, Repeats = 1, Seed = 1 };

        int exitCode = BenchmarkCommand.Run(
            plan, GeneratedDigits.Draw(seed: 1, train: 20, test: 10), [broken], MachineInfo.Read([]), null, null, terminal);

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("│", output.ToString());
        Assert.Contains("cuda:0 failed at batch size 8, 4 hidden units: the driver fails", output.ToString());
    }

    [Theory]
    [InlineData("cpu", "--devices cpu runs no kernels; choose from cuda[:i], opencl[:i] or ilgpu-cpu")]
    [InlineData("ilgpu-cpu, reference", "--devices reference runs no kernels")]
    [InlineData("ilgpu-cpu,gpu", "--devices 'gpu' is unknown")]
    public void ADeviceThatRunsNoKernelsIsWrongUsage(string devices, string problem)
    {
        MnistGpuRun run = MnistGpuRun.Start("benchmark", "kernels", "--devices", devices);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(problem, run.Error);
    }

    [Theory]
    [InlineData("benchmark")]
    [InlineData("benchmark", "kernels")]
    public void WhatIsInterruptedBeforeAnythingIsMeasuredPrintsAndWritesNothing(params string[] command)
    {
        using var folder = new TemporaryFolder();
        string json = Path.Combine(folder.Path, "report.json");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, new(new CancellationToken(canceled: true)));

        Assert.Equal(130, Program.Run([.. command, "--devices", "ilgpu-cpu", "--json", json], terminal));

        Assert.Equal("", output.ToString());
        Assert.EndsWith("mnistgpu: interrupted", error.ToString().TrimEnd());
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("--devices cpu,gpu", "--devices 'gpu' is unknown")]
    [InlineData("--devices auto", "--devices 'auto' is unknown")]
    [InlineData("--devices cpu,", "--devices '' is unknown")]
    [InlineData("--batch-sizes 64,0", "--batch-sizes '0' is not a whole number from 1")]
    [InlineData("--hidden-sizes 65537", "--hidden-sizes '65537' is not a whole number from 1 to 65536")]
    [InlineData("--hidden-sizes x", "--hidden-sizes 'x' is not a whole number")]
    [InlineData("--repeats 0", "--repeats 0 is too small")]
    [InlineData("--to-accuracy 0", "--to-accuracy 0 is not a number from 1 to 100")]
    [InlineData("--to-accuracy 100.5", "--to-accuracy 100.5 is not a number from 1 to 100")]
    [InlineData("--to-accuracy abc", "--to-accuracy abc is not a number from 1 to 100")]
    [InlineData("--augment", "it needs --to-accuracy")]
    [InlineData("--json a --html a", "--json and --html are the same file, a")]
    public void WrongValuesAreWrongUsage(string options, string message)
    {
        MnistGpuRun run = MnistGpuRun.Start(["benchmark", .. options.Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void ADeviceIsMeasuredOnceHoweverOftenAndHoweverItIsNamed()
    {
        var found = new AcceleratorList(
            [
                new("opencl:0", "Some GPU", "OpenCL GPU", true, 1, 256),
                new("ilgpu-cpu", "CPUAccelerator", "ILGPU's CPU accelerator", false, null, 16),
            ],
            LeftOut: []);
        var terminal = new Terminal(TextWriter.Null, TextWriter.Null, new(CancellationToken.None));

        IReadOnlyList<BenchmarkDevice> all = BenchmarkDevice.Choose(names: [], found, terminal);
        IReadOnlyList<BenchmarkDevice> named =
            BenchmarkDevice.Choose(
            [.. new[] { "opencl", "cpu", "opencl:00", "opencl:0", "cpu" }.Select(name => DeviceName.Parse(name)!.Value)], found, terminal);

        Assert.Equal(["reference", "cpu", "opencl:0"], all.Select(device => device.Name));
        Assert.Equal(["opencl:0", "cpu"], named.Select(device => device.Name));
        Assert.True(named[0].IsGpu);
        Assert.IsType<ReferenceEngine>(all[0].Open());
    }
}
