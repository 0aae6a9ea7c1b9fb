using System.Text.Json;
using System.Text.RegularExpressions;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Engines;

/// <summary>
/// A training of two epochs, launched in either way, in which one call of the CUDA driver fails: the first of its kind, or
/// one in the middle. The CUDA emulator fails what it is told to.
/// </summary>
public sealed class CudaFaultTests(CudaFaultTests.Digits digits) : IClassFixture<CudaFaultTests.Digits>
{
    /// <summary>An epoch of such batches is one launch, and a step of one image more is three.</summary>
    private const int OneLaunch = 64, ThreeLaunches = OneLaunch + 1;

    /// <summary>Digits to train on, few enough for a run to take under a second, and the trainings that do not fail.</summary>
    public sealed class Digits : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Dictionary<(string Device, int BatchSize, int Epochs), Task<Training>> _unfailed = [];

        public Digits() => MnistFolder.Save(_folder.Path, GeneratedDigits.Draw(seed: 1, train: 300, test: 100));

        public string Path => _folder.Path;

        internal Task<Training> TrainAsync(string device, int batchSize, int epochs = 2) =>
            _unfailed.TryGetValue((device, batchSize, epochs), out Task<Training>? training)
                ? training
                : _unfailed[(device, batchSize, epochs)] = CudaFaultTests.TrainAsync(Path, device, batchSize, epochs);

        public void Dispose() => _folder.Dispose();
    }

    /// <summary>
    /// What a driver does for a training, which of these calls fails, and the error: out of memory, or a launch that failed.
    /// A training initialises, counts devices and makes a context once; the fifth launch is in the second epoch.
    /// </summary>
    public static TheoryData<string, int, int> Calls => new()
    {
        { "init", 1, 999 }, { "devicecount", 1, 999 }, { "context", 1, 2 }, { "module", 1, 2 }, { "module", 4, 2 },
        { "alloc", 1, 2 }, { "alloc", 24, 2 }, { "free", 1, 719 }, { "copy", 1, 719 }, { "copy", 32, 719 },
        { "launch", 1, 719 }, { "launch", 5, 719 }, { "sync", 1, 719 }, { "sync", 32, 719 },
    };

    [SkippableTheory]
    [MemberData(nameof(Calls))]
    public async Task OnCudaWhateverFailsIsNamedAndTheEpochsThatAreTrainedAreSaved(string call, int number, int error)
    {
        GpuDevice.RequireCudaEmulator();
        foreach (Training training in await FailBothWaysAsync("cuda", call, number, error))
        {
            Training oneEpoch = await digits.TrainAsync("cuda", training.BatchSize, epochs: 1);
            Training twoEpochs = await digits.TrainAsync("cuda", training.BatchSize);
            Assert.Equal(0, twoEpochs.Run.ExitCode);
            string[] lines = training.Run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (training.Run.ExitCode == 0)
            {
                // What fails in freeing has failed too late to matter.
                Assert.Empty(lines);
                Assert.Equal(twoEpochs.Model, training.Model);
                continue;
            }

            Assert.Equal(1, training.Run.ExitCode);
            Assert.All(lines, line => Assert.StartsWith("mnistgpu: ", line));
            Assert.Matches(call is "init" or "devicecount" ? @"\bcuda\b" : @"\bcuda:0 \(", lines[^1]);
            Assert.Contains("--device", lines[^1]);
            // Before the error may come what was saved.
            string saved = string.Join('\n', lines[..^1]);
            switch (Regex.Match(saved, @"^mnistgpu: the network after epoch (\d) was saved to .*\nmnistgpu: the metrics .*$").Groups[1].Value)
            {
                case "1":
                    Assert.Equal(oneEpoch.Model, training.Model);
                    break;
                case "2":
                    Assert.Equal(twoEpochs.Model, training.Model);
                    break;
                default:
                    Assert.Contains(saved, (string[])["", "mnistgpu: no epoch was finished: nothing was saved"]);
                    Assert.Empty(training.Files);
                    break;
            }
        }
    }

    /// <summary>Of these, one for each time at which the CPU can take over.</summary>
    public static TheoryData<string, int, int> CallsOfATraining => new()
    {
        { "init", 1, 999 }, { "alloc", 1, 2 }, { "alloc", 24, 2 }, { "launch", 1, 719 }, { "launch", 5, 719 },
    };

    [SkippableTheory]
    [MemberData(nameof(CallsOfATraining))]
    public async Task OnAutoTheCpuTakesOverAndReachesTheSameAccuracy(string call, int number, int error)
    {
        GpuDevice.RequireCudaEmulator();
        foreach (Training training in await FailBothWaysAsync("auto", call, number, error))
        {
            Assert.True(training.Run.ExitCode == 0, training.Run.Error);
            Assert.Equal((await digits.TrainAsync("cpu", training.BatchSize)).TestAccuracy, training.TestAccuracy);
            if (training.Run.Error != "")
                Assert.Matches(
                    @"^mnistgpu: warning: (.*\bcuda:0 \(.*|CUDA: the NVIDIA driver .*); the CPU takes over\n$", training.Run.Error);
        }
    }

    /// <summary>300 images are five steps; a test is two launches.</summary>
    [SkippableTheory]
    [InlineData(OneLaunch, 2 * (1 + 2))]
    [InlineData(ThreeLaunches, 2 * (5 * 3 + 2))]
    public async Task AnEpochThatWasTrainedIsKeptWhenItsTestFails(int batchSize, int launches)
    {
        GpuDevice.RequireCudaEmulator();
        Training unfailed = await TrainAsync(digits.Path, "cuda", batchSize, variables: ("CUDA_EMULATOR_CHECK", "1"));
        Assert.Contains($"checked {launches} launches", unfailed.Run.Error);

        // The last launch is the test's.
        Training training = await TrainAsync(
            digits.Path, "cuda", batchSize, variables: ("CUDA_EMULATOR_FAIL", $"launch@{launches}:719"));

        Assert.Equal(1, training.Run.ExitCode);
        Assert.Contains("the network after epoch 2 was saved", training.Run.Error);
        Assert.Equal(unfailed.Model, training.Model);
    }

    /// <summary>Fails a call in a training of either way, and sees that it made a difference to one of them at least.</summary>
    private async Task<Training[]> FailBothWaysAsync(string device, string call, int number, int error)
    {
        Training[] both = await Task.WhenAll(new[] { OneLaunch, ThreeLaunches }.Select(batchSize =>
            TrainAsync(digits.Path, device, batchSize, variables: ("CUDA_EMULATOR_FAIL", $"{call}@{number}:{error}"))));
        Assert.Contains(both, training => training.Run is not { ExitCode: 0, Error: "" });
        return both;
    }

    private static async Task<Training> TrainAsync(
        string data, string device, int batchSize, int epochs = 2, params (string Name, string Value)[] variables)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz");
        string metrics = Path.Combine(folder.Path, "metrics.json");
        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            variables,
            "train", "--device", device, "--data", data, "--epochs", $"{epochs}", "--hidden", "16",
            "--batch-size", $"{batchSize}", "--schedule", "constant", "--learning-rate", "0.1",
            "--output", model, "--metrics", metrics);

        string[] files = [.. Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order()!];
        Assert.Contains(string.Join(' ', files), (string[])["", "metrics.json model.npz"]);
        if (files.Length == 0)
            return new Training(batchSize, run, files, null, double.NaN);
        NetworkParameters network = ModelFile.Load(model);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(metrics));
        JsonElement testAccuracy = json.RootElement.GetProperty("testAccuracy");
        return new Training(
            batchSize, run, files, [.. network.W1, .. network.B1, .. network.W2, .. network.B2],
            testAccuracy.ValueKind == JsonValueKind.Null ? double.NaN : testAccuracy.GetDouble());
    }

    /// <summary>A training that was run.</summary>
    /// <param name="BatchSize">It decides how an epoch is launched.</param>
    /// <param name="Run">What it printed.</param>
    /// <param name="Files">What it wrote.</param>
    /// <param name="Model">The parameters that it saved; null for none.</param>
    /// <param name="TestAccuracy">The metrics' test accuracy, 0 to 1; NaN for none.</param>
    internal sealed record Training(int BatchSize, MnistGpuRun Run, string[] Files, float[]? Model, double TestAccuracy);
}
