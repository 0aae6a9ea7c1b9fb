using System.Text.Json;
using System.Text.RegularExpressions;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Gpu.Tests;

namespace MnistGpu.Cli.Tests;

/// <summary>
/// A training of two epochs in which one call of the CUDA driver fails: the first of its kind, the second and so on,
/// until there are no more. The CUDA emulator fails what it is told to.
/// </summary>
public sealed class CudaFaultTests(CudaFaultTests.Digits digits) : IClassFixture<CudaFaultTests.Digits>
{
    /// <summary>Every call up to this one is failed, and of those after it ever fewer.</summary>
    private const int Exhaustive = 3;

    /// <summary>Digits to train on, few enough for a run to take under a second.</summary>
    public sealed class Digits : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Digits() => MnistFolder.Save(_folder.Path, GeneratedDigits.Draw(seed: 1, train: 300, test: 100));

        public string Path => _folder.Path;

        public void Dispose() => _folder.Dispose();
    }

    /// <summary>What a driver does, and the error that it fails with: out of memory, or a launch that failed.</summary>
    public static TheoryData<string, int> Calls => new()
    {
        { "init", 999 }, { "devicecount", 999 }, { "context", 2 }, { "module", 2 }, { "stream", 2 }, { "event", 2 },
        { "alloc", 2 }, { "free", 719 }, { "copy", 719 }, { "memset", 719 }, { "launch", 719 }, { "sync", 719 },
    };

    [SkippableTheory]
    [MemberData(nameof(Calls))]
    public async Task OnCudaWhateverFailsIsNamedAndTheEpochsThatAreTrainedAreSaved(string call, int error)
    {
        GpuDevice.RequireCudaEmulator();
        Training oneEpoch = await TrainAsync("cuda", epochs: 1);
        Training twoEpochs = await TrainAsync("cuda");
        Assert.Equal(0, twoEpochs.Run.ExitCode);

        int affected = await FailEachAsync("cuda", call, error, training =>
        {
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

        AssertIsCalled(call, affected);
    }

    [SkippableTheory]
    [MemberData(nameof(Calls))]
    public async Task OnAutoTheCpuTakesOverAndReachesTheSameAccuracy(string call, int error)
    {
        GpuDevice.RequireCudaEmulator();
        double accuracy = (await TrainAsync("cpu")).TestAccuracy;

        int affected = await FailEachAsync("auto", call, error, training =>
        {
            Assert.True(training.Run.ExitCode == 0, training.Run.Error);
            Assert.Equal(accuracy, training.TestAccuracy);
            if (training.Run.Error != "")
                Assert.Matches(
                    @"^mnistgpu: warning: (.*\bcuda:0 \(.*|CUDA: the NVIDIA driver .*); the CPU takes over\n$", training.Run.Error);
        });

        AssertIsCalled(call, affected);
    }

    [SkippableFact]
    public async Task AnEpochThatWasTrainedIsKeptWhenItsTestFails()
    {
        GpuDevice.RequireCudaEmulator();
        Training unfailed = await TrainAsync("cuda", variables: ("CUDA_EMULATOR_CHECK", "1"));
        // The last launch is the test's.
        string launches = Regex.Match(unfailed.Run.Error, @"checked (\d+) launches").Groups[1].Value;

        Training training = await TrainAsync("cuda", variables: ("CUDA_EMULATOR_FAIL", $"launch@{launches}:719"));

        Assert.Equal(1, training.Run.ExitCode);
        Assert.Contains("the network after epoch 2 was saved", training.Run.Error);
        Assert.Equal(unfailed.Model, training.Model);
    }

    /// <summary>A training makes no streams and events of its own, and sets no memory.</summary>
    private static void AssertIsCalled(string call, int affected) =>
        Assert.Equal(call is not ("stream" or "event" or "memset"), affected > 0);

    /// <summary>
    /// Fails one call after the other, in two trainings at a time, until that changes nothing: there are no more.
    /// </summary>
    /// <returns>The trainings that it changed something for.</returns>
    private async Task<int> FailEachAsync(string device, string call, int error, Action<Training> assert)
    {
        int affected = 0;
        for (int first = 1; ; first = Next(Next(first)))
        {
            Training[] trainings = await Task.WhenAll(FailAsync($"{first}"), FailAsync($"{Next(first)}"));
            Assert.All(trainings, assert);
            affected += trainings.Count(training => !IsUnaffected(training));
            if (trainings.All(IsUnaffected) && await FailAsync($"{Next(first)}+") is Training allThatFollow)
            {
                assert(allThatFollow);
                if (IsUnaffected(allThatFollow))
                    return affected;
            }
        }

        static int Next(int n) => n < Exhaustive ? n + 1 : 2 * n;

        static bool IsUnaffected(Training training) => training.Run is { ExitCode: 0, Error: "" };

        Task<Training> FailAsync(string which) =>
            TrainAsync(device, variables: ("CUDA_EMULATOR_FAIL", $"{call}@{which}:{error}"));
    }

    private async Task<Training> TrainAsync(
        string device, int epochs = 2, params (string Name, string Value)[] variables)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz");
        string metrics = Path.Combine(folder.Path, "metrics.json");
        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            variables, "train", "--device", device, "--data", digits.Path, "--epochs", $"{epochs}", "--hidden", "16",
            "--batch-size", "10", "--schedule", "constant", "--learning-rate", "0.3", "--output", model, "--metrics", metrics);

        string[] files = [.. Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order()!];
        Assert.Contains(string.Join(' ', files), (string[])["", "metrics.json model.npz"]);
        if (files.Length == 0)
            return new Training(run, files, null, double.NaN);
        NetworkParameters network = ModelFile.Load(model);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(metrics));
        JsonElement testAccuracy = json.RootElement.GetProperty("testAccuracy");
        return new Training(
            run, files, [.. network.W1, .. network.B1, .. network.W2, .. network.B2],
            testAccuracy.ValueKind == JsonValueKind.Null ? double.NaN : testAccuracy.GetDouble());
    }

    /// <summary>A training that was run.</summary>
    /// <param name="Run">What it printed.</param>
    /// <param name="Files">What it wrote.</param>
    /// <param name="Model">The parameters that it saved; null for none.</param>
    /// <param name="TestAccuracy">The metrics' test accuracy, 0 to 1; NaN for none.</param>
    private sealed record Training(MnistGpuRun Run, string[] Files, float[]? Model, double TestAccuracy);
}
