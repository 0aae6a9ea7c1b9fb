using System.Diagnostics;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests;

/// <summary>A training that is killed and resumed, as a process.</summary>
public sealed class CheckpointTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Killed at random moments, over and over, until it is over: the model is that of a training that was left alone.
    /// <c>KILLS=300</c> in the environment kills that often.
    /// </summary>
    [SkippableFact]
    public async Task ATrainingThatIsKilledAtAnyMomentEndsWithTheSameBits()
    {
        Skip.If(OperatingSystem.IsWindows(), "There is no kill -9.");
        int kills = int.Parse(Environment.GetEnvironmentVariable("KILLS") ?? "5");
        string checkpoint = File("checkpoint.npz");
        string[] settings = ["--epochs", "40", "--hidden", "40", "--momentum", "0.9", "--augment"];
        MnistGpuRun.Succeed(
            ["train", "--device", "cpu", "--data", data.Path, .. settings, "--output", File("whole.npz"), "--quiet"]);
        byte[] expected = System.IO.File.ReadAllBytes(File("whole.npz"));

        // How long it runs on this machine, when it is left alone.
        long start = Stopwatch.GetTimestamp();
        await Train([.. settings, "--checkpoint", File("trial.npz")], TimeSpan.MaxValue);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var random = new Random(1);
        for (int killed = 0; killed < kills;)
        {
            System.IO.File.Delete(checkpoint);
            bool isOver = false;
            while (!isOver)
            {
                string[] how = System.IO.File.Exists(checkpoint) ? ["--resume", checkpoint] : [.. settings, "--checkpoint", checkpoint];
                isOver = await Train(how, TimeSpan.FromSeconds(seconds * (0.2 + random.NextDouble())));
                killed += isOver ? 0 : 1;
                if (System.IO.File.Exists(checkpoint))
                    ModelFile.Load(checkpoint);
            }
            Assert.Equal(expected, System.IO.File.ReadAllBytes(File("resumed.npz")));
            System.IO.File.Delete(File("resumed.npz"));
        }
    }

    [Fact]
    public void AnotherTrainingsCheckpointIsRefusedAndSoAreSettingsOfOnesOwn()
    {
        string checkpoint = File("checkpoint.npz");
        MnistGpuRun.Succeed(
            "train", "--device", "cpu", "--data", data.Path, "--epochs", "3", "--checkpoint", checkpoint,
            "--checkpoint-every", "2", "--limit", "100", "--quiet");
        byte[] saved = System.IO.File.ReadAllBytes(checkpoint);

        MnistGpuRun other = MnistGpuRun.Start("train", "--device", "cpu", "--data", "generated", "--resume", checkpoint);
        MnistGpuRun setting = MnistGpuRun.Start("train", "--resume", checkpoint, "--epochs", "9");
        MnistGpuRun again = MnistGpuRun.Succeed(
            "train", "--device", "cpu", "--data", data.Path, "--resume", checkpoint, "--output", File("model.npz"));

        Assert.Equal(1, other.ExitCode);
        Assert.Contains("was trained on other images", other.Error);
        Assert.Equal(2, setting.ExitCode);
        Assert.Contains("leave out --epochs", setting.Error);
        Assert.Contains("after 3 epochs", again.Output);
        Assert.Equal(saved, System.IO.File.ReadAllBytes(checkpoint));
    }

    private string File(string name) => Path.Combine(_folder.Path, name);

    /// <summary>Runs a training for so long, and kills it if it is not over then.</summary>
    private async Task<bool> Train(string[] options, TimeSpan time)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
        [
            typeof(CommandLine).Assembly.Location, "train", "--device", "cpu", "--data", data.Path, "--quiet",
            "--output", File("resumed.npz"), .. options,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        await Task.WhenAny(process.WaitForExitAsync(), time == TimeSpan.MaxValue ? Task.Delay(-1) : Task.Delay(time));
        bool isOver = process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        Assert.True(!isOver || process.ExitCode == 0, await error);
        return isOver;
    }
}
