using System.Text.Json;
using System.Text.RegularExpressions;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Engines;

/// <summary>
/// A training of two epochs, launched in either way, in which one call of the CUDA driver fails: an early one of its
/// kind, a later one and so on, until there are no more. The CUDA emulator fails what it is told to.
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
    /// What a driver does for a training, and the error that it fails with: out of memory, or a launch that failed.
    /// </summary>
    public static TheoryData<string, int> Calls => new()
    {
        { "init", 999 }, { "devicecount", 999 }, { "context", 2 }, { "module", 2 }, { "alloc", 2 }, { "free", 719 },
        { "copy", 719 }, { "launch", 719 }, { "sync", 719 },
    };

    [SkippableTheory]
    [MemberData(nameof(Calls))]
    public async Task OnCudaWhateverFailsIsNamedAndTheEpochsThatAreTrainedAreSaved(string call, int error)
    {
        GpuDevice.RequireCudaEmulator();
        int affected = await FailEachAsync("cuda", call, error, async training =>
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
                return;
            }

            Assert.Equal(1, training.Run.ExitCode);
            Assert.All(lines, line => Assert.StartsWith("mnistgpu: ", line));
            Assert.Matches(call is "init" or "devicecount" ? @"\bcuda\b" : @"\bcuda:0 \(", lines[^1]);
            Assert.Contains("--device", lines[^1]);
            // Before the error may come what was saved.
            string saved = string.Join('\n', lines[..^1]);
            switch (Regex.Match(saved, @"^mnistgpu: the network after epoch (\d) was saved to .*\nmnistgpu: the figures .*$").Groups[1].Value)
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
        });

        Assert.NotEqual(0, affected);
    }

    /// <summary>Of these, one for each time at which the CPU can take over.</summary>
    public static TheoryData<string, int> CallsOfATraining => new()
    {
        { "init", 999 }, { "alloc", 2 }, { "launch", 719 },
    };

    [SkippableTheory]
    [MemberData(nameof(CallsOfATraining))]
    public async Task OnAutoTheCpuTakesOverAndReachesTheSameAccuracy(string call, int error)
    {
        GpuDevice.RequireCudaEmulator();
        int affected = await FailEachAsync("auto", call, error, async training =>
        {
            Assert.True(training.Run.ExitCode == 0, training.Run.Error);
            Assert.Equal((await digits.TrainAsync("cpu", training.BatchSize)).TestAccuracy, training.TestAccuracy);
            if (training.Run.Error != "")
                Assert.Matches(
                    @"^mnistgpu: warning: (.*\bcuda:0 \(.*|CUDA: the NVIDIA driver .*); the CPU takes over\n$", training.Run.Error);
        });

        Assert.NotEqual(0, affected);
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

    /// <summary>
    /// Fails one call after the other, until that changes nothing: there are no more. Of two trainings side by side, one
    /// takes one launch an epoch and fails in the calls 1, 16, 256, …, the other three a step and fails in 2, 32, 512, ….
    /// </summary>
    /// <returns>The trainings that it changed something for.</returns>
    private async Task<int> FailEachAsync(string device, string call, int error, Func<Training, Task> assert)
    {
        int affected = 0;
        for (int first = 1; ; first *= 16)
        {
            Training[] trainings = await FailBothAsync("");
            affected += trainings.Count(training => !IsUnaffected(training));
            if (trainings.All(IsUnaffected) && (await FailBothAsync("+")).All(IsUnaffected))
                return affected;

            async Task<Training[]> FailBothAsync(string andThoseThatFollow)
            {
                Training[] both = await Task.WhenAll(
                    FailAsync(OneLaunch, $"{first}{andThoseThatFollow}"),
                    FailAsync(ThreeLaunches, $"{2 * first}{andThoseThatFollow}"));
                foreach (Training training in both)
                    await assert(training);
                return both;
            }
        }

        static bool IsUnaffected(Training training) => training.Run is { ExitCode: 0, Error: "" };

        Task<Training> FailAsync(int batchSize, string which) =>
            TrainAsync(digits.Path, device, batchSize, variables: ("CUDA_EMULATOR_FAIL", $"{call}@{which}:{error}"));
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
