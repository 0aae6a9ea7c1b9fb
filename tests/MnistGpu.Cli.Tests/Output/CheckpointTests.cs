using System.Diagnostics;
using System.Text.Json;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Output;

/// <summary>A training that is killed and resumed, as a process.</summary>
public sealed class CheckpointTests(SmallDataset data) : IClassFixture<SmallDataset>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Killed at random moments, over and over, until it is over: the model is that of a training that was left alone.
    /// Some of them are when a checkpoint is being written, whose temporary file is left, and removed by the next training.
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
        int left = 0;
        for (int killed = 0; killed < kills || left == 0;)
        {
            System.IO.File.Delete(checkpoint);
            bool isOver = false;
            while (!isOver)
            {
                string[] how = System.IO.File.Exists(checkpoint) ? ["--resume", checkpoint] : [.. settings, "--checkpoint", checkpoint];
                DateTime before = System.IO.File.GetLastWriteTimeUtc(checkpoint);
                isOver = await Train(
                    how, TimeSpan.FromSeconds(seconds * (0.2 + random.NextDouble())), whenWriting: killed % 2 == 1);
                // The machine may have become busy, and as much time as before too little to get anywhere.
                if (System.IO.File.GetLastWriteTimeUtc(checkpoint) == before)
                    seconds *= 1.2;
                killed += isOver ? 0 : 1;
                left += Partial().Length;
                if (System.IO.File.Exists(checkpoint))
                    ModelFile.Load(checkpoint);
            }
            Assert.Empty(Partial());
            Assert.Equal(expected, System.IO.File.ReadAllBytes(File("resumed.npz")));
            System.IO.File.Delete(File("resumed.npz"));
        }
    }

    /// <summary>Whatever --checkpoint-every says, and with no other output.</summary>
    [Fact]
    public void AnInterruptSavesTheLastFinishedEpoch()
    {
        string checkpoint = File("checkpoint.npz");
        string[] command = ["train", "--device", "cpu", "--data", data.Path, "--epochs", "6", "--limit", "200"];
        MnistGpuRun.Succeed([.. command, "--quiet", "--output", File("whole.npz")]);
        using var source = new CancellationTokenSource();
        using var output = new OutputWithAction("epoch 2/", source.Cancel);
        using var error = new StringWriter();

        Assert.Equal(130, Program.Run(
            [.. command, "--checkpoint", checkpoint, "--checkpoint-every", "5"], new Terminal(output, error, new(source.Token))));
        Assert.StartsWith($"mnistgpu: the training up to epoch 2 was saved to {checkpoint}; continue with: ", error.ToString());
        MnistGpuRun.Succeed("train", "--device", "cpu", "--quiet", "--resume", checkpoint, "--output", File("resumed.npz"));

        Assert.Equal(System.IO.File.ReadAllBytes(File("whole.npz")), System.IO.File.ReadAllBytes(File("resumed.npz")));
    }

    /// <summary>A constant rate is the same for any number of epochs; one-cycle's has come down.</summary>
    [Fact]
    public void AResumedTrainingTakesMoreEpochsWhereItsScheduleHasThem()
    {
        string[] command = ["train", "--device", "cpu", "--data", data.Path, "--limit", "200", "--quiet"];
        string[] constant = ["--schedule", "constant", "--augment", "--momentum", "0.5"];
        string oneCycle = File("one cycle.npz"), checkpoint = File("constant.npz");
        MnistGpuRun.Succeed([.. command, "--epochs", "5", .. constant, "--output", File("whole.npz")]);
        MnistGpuRun.Succeed([.. command, "--epochs", "2", .. constant, "--checkpoint", checkpoint]);
        MnistGpuRun.Succeed([.. command, "--epochs", "2", "--checkpoint", oneCycle]);

        MnistGpuRun.Succeed("train", "--device", "cpu", "--resume", checkpoint, "--epochs", "5", "--output", File("resumed.npz"));
        MnistGpuRun stretched = MnistGpuRun.Start("train", "--device", "cpu", "--resume", oneCycle, "--epochs", "5");
        MnistGpuRun fewer = MnistGpuRun.Start("train", "--device", "cpu", "--resume", checkpoint, "--epochs", "4");
        MnistGpuRun finished = MnistGpuRun.Start("train", "--device", "cpu", "--resume", oneCycle, "--metrics", File("metrics.json"));

        Assert.Equal(System.IO.File.ReadAllBytes(File("whole.npz")), System.IO.File.ReadAllBytes(File("resumed.npz")));
        Assert.Equal(1, stretched.ExitCode);
        Assert.Equal($"mnistgpu: {oneCycle}: its one-cycle rate falls to 0 at epoch 2 and cannot be extended; leave out --epochs, "
            + $"or train further with `--initial-model '{oneCycle}' --epochs 3`", stretched.Error.TrimEnd());
        Assert.Equal((1, $"mnistgpu: {checkpoint} has 5 epochs already; --epochs is the total number, including those"),
            (fewer.ExitCode, fewer.Error.TrimEnd()));
        Assert.Contains($"{oneCycle}: this training is finished", finished.Error);
        Assert.Equal(0, finished.ExitCode);
        JsonElement figures = JsonDocument.Parse(System.IO.File.ReadAllText(File("metrics.json"))).RootElement;
        Assert.Equal(10, figures.GetProperty("digitAccuracy").GetArrayLength());
        Assert.Equal(JsonValueKind.Array, figures.GetProperty("neverSaid").ValueKind);
    }

    [SkippableFact]
    public void ACheckpointThatCannotBeWrittenIsAWarningAndTheTrainingGoesOn()
    {
        string disk = Directory.CreateDirectory(File("disk")).FullName, checkpoint = Path.Combine(disk, "c.npz");
        Skip.IfNot(OperatingSystem.IsLinux() && Mount("mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk),
            "A small disk can be made by root on Linux only.");
        try
        {
            string[] command = ["train", "--device", "cpu", "--data", data.Path, "--epochs", "3", "--checkpoint", checkpoint];

            MnistGpuRun saved = MnistGpuRun.Start([.. command, "--output", File("model.npz")]);
            MnistGpuRun lost = MnistGpuRun.Start(command);

            Assert.Equal((0, 1), (saved.ExitCode, lost.ExitCode));
            Assert.Single(saved.Error.Split('\n'), line => line.StartsWith($"mnistgpu: warning: {checkpoint} cannot be written: No space left"));
            Assert.Contains("after 3 epochs", saved.Output);
            Assert.True(ModelFile.Load(File("model.npz")).IsFinite);
            Assert.Contains("The network was not saved.", lost.Output);
            Assert.Empty(Directory.GetFiles(disk));
        }
        finally
        {
            Mount("umount", disk);
        }

        static bool Mount(string program, params string[] arguments)
        {
            using Process process = Process.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
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
        MnistGpuRun setting = MnistGpuRun.Start("train", "--resume", checkpoint, "--seed", "9");
        // The data are found where they were.
        MnistGpuRun again = MnistGpuRun.Succeed("train", "--device", "cpu", "--resume", checkpoint, "--output", File("model.npz"));

        Assert.Equal(1, other.ExitCode);
        Assert.Contains("was trained on images other than those of", other.Error);
        Assert.Contains($", {data.Path}; name them with --data", other.Error);
        Assert.Equal(2, setting.ExitCode);
        Assert.Contains("leave out --seed", setting.Error);
        Assert.Contains("after 3 epochs", again.Output);
        Assert.Equal(saved, System.IO.File.ReadAllBytes(checkpoint));
    }

    [Fact]
    public void WhoCannotResumeIsToldWhatWorks()
    {
        string model = File("model.npz"), missing = File("missing.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 2, seed: 1));

        Assert.Equal($"mnistgpu: {model} is not a usable checkpoint: it has a network but no training to resume; "
            + "--initial-model starts a new training from its network.", MnistGpuRun.Start("train", "--resume", model).Error.TrimEnd());
        Assert.Equal($"mnistgpu: There is no checkpoint file {missing}; mnistgpu train --checkpoint FILE writes one.",
            MnistGpuRun.Start("train", "--resume", missing).Error.TrimEnd());
        Assert.Equal($"mnistgpu: There is no model file {missing}; mnistgpu train --output FILE writes one.",
            MnistGpuRun.Start("evaluate", "--model", missing).Error.TrimEnd());
    }

    private string File(string name) => Path.Combine(_folder.Path, name);

    /// <summary>Temporary files.</summary>
    private string[] Partial() => Directory.GetFiles(_folder.Path, "*.partial");

    /// <summary>Runs a training for so long, or from then on until it writes a file, and kills it if it is not over then.</summary>
    private async Task<bool> Train(string[] options, TimeSpan time, bool whenWriting = false)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
        [
            typeof(Program).Assembly.Location, "train", "--device", "cpu", "--data", data.Path, "--quiet",
            "--output", File("resumed.npz"), .. options,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        await Task.WhenAny(process.WaitForExitAsync(), time == TimeSpan.MaxValue ? Task.Delay(-1) : Task.Delay(time));
        while (whenWriting && !process.HasExited && Partial().Length == 0)
        {
        }
        bool isOver = process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        Assert.True(!isOver || process.ExitCode == 0, await error);
        return isOver;
    }
}
