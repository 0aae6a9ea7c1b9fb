using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Output;

/// <summary>Ctrl-C, sent to a real process.</summary>
public class InterruptTests(SmallDataset data) : IClassFixture<SmallDataset>
{
    /// <summary>What does not end within this time, on a machine however busy, does not end.</summary>
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(2);

    [SkippableTheory]
    [InlineData("reference")]
    [InlineData("cpu")]
    [InlineData("ilgpu-cpu")]
    // The terminal is closed.
    [InlineData("cpu", "HUP")]
    // docker stop, a batch system's time limit.
    [InlineData("cpu", "TERM")]
    public async Task CtrlCStopsWithinASecondAndKeepsTheLastFinishedEpoch(string device, string signal = "INT")
    {
        Skip.If(OperatingSystem.IsWindows(), "There is no kill command here.");
        await InterruptAsync(device, batchSize: 8, signal);
    }

    [SkippableTheory]
    [InlineData(8, "an epoch is one launch")]
    [InlineData(65, "a step is three launches")]
    public async Task CtrlCStopsCudaWithinASecondHoweverAnEpochIsLaunched(int batchSize, string way)
    {
        GpuDevice.Require("cuda");
        Skip.If(OperatingSystem.IsWindows(), "There is no kill command here.");
        Assert.Contains(way, await InterruptAsync("cuda", batchSize, "INT"));
    }

    [SkippableFact]
    public async Task WhatWaitsForAPipeEndsAtOnce()
    {
        Skip.If(OperatingSystem.IsWindows(), "There is no kill command here.");
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz"), pipe = Path.Combine(folder.Path, "pipe");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 5, seed: 1));
        await Process.Start("mkfifo", [pipe]).WaitForExitAsync();
        using Process process = Process.Start("dotnet", [typeof(Program).Assembly.Location, "predict", "--model", model, pipe]);
        try
        {
            using FileStream writer = await OpenedForReadingAsync(pipe);

            await SendAsync("kill", "-TERM", $"{process.Id}");

            await process.WaitForExitAsync().WaitAsync(s_hang);
            Assert.Equal(128 + 15, process.ExitCode);
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>The end of a pipe that is written to, once somebody has opened the other.</summary>
    private static Task<FileStream> OpenedForReadingAsync(string pipe) =>
        Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)).WaitAsync(s_hang);

    /// <summary>As in a container without an init, where a signal's own action does nothing.</summary>
    [SkippableTheory]
    [InlineData("TERM", 143, "predict", "--model", "MODEL", "PIPE")]
    [InlineData("INT", 130, "predict", "--model", "MODEL", "PIPE")]
    [InlineData("QUIT", 131, "predict", "--model", "MODEL", "PIPE")]
    // The first asks it to stop, and then it waits for somebody to read its figures.
    [InlineData("INT", 130, "train", "--device", "cpu", "--epochs", "1000000", "--data", "DATA", "--metrics", "PIPE")]
    public async Task TheFirstProcessOfAContainerEndsToo(string signal, int exitCode, params string[] command)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux makes process 1 of a container.");
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz"), pipe = Path.Combine(folder.Path, "pipe");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 5, seed: 1));
        await Process.Start("mkfifo", [pipe]).WaitForExitAsync();
        IEnumerable<string> arguments = command.Select(word => word.Replace("MODEL", model).Replace("PIPE", pipe).Replace("DATA", data.Path));
        using Process unshare = Process.Start(new ProcessStartInfo("env",
        [
            "--default-signal=INT,TERM,QUIT", "unshare", "--pid", "--fork", "--mount-proc", "dotnet", typeof(Program).Assembly.Location,
            .. arguments,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            // An open pipe, or the line of an epoch, says that it runs.
            using FileStream? writer = command[0] == "train" ? null : await OpenedForReadingAsync(pipe);
            if (command[0] == "train")
            {
                while (await unshare.StandardOutput.ReadLineAsync() is string line && !line.StartsWith("epoch"))
                {
                }
                await SendAsync("pkill", $"-{signal}", "--parent", $"{unshare.Id}");
                // A second one within a second is taken for the first.
                await Task.Delay(TimeSpan.FromSeconds(2));
                Assert.False(unshare.HasExited);
            }
            await SendAsync("pkill", $"-{signal}", "--parent", $"{unshare.Id}");

            await unshare.WaitForExitAsync().WaitAsync(s_hang);
            Assert.Equal(exitCode, unshare.ExitCode);
        }
        finally
        {
            // Without its parent, nothing else ends process 1.
            if (!unshare.HasExited)
                await SendAsync("pkill", "-KILL", "--parent", $"{unshare.Id}");
        }
    }

    [Theory]
    [InlineData("data", "generate", "--output", "digits", "--train", "1000000")]
    [InlineData("train", "--data", "generated")]
    public void DrawingDigitsStops(params string[] arguments) => AssertInterrupted(arguments);

    [Fact]
    public void WhatIsInterruptedInItsFirstEpochSavesNothingAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        using var error = new StringWriter();
        var terminal = new Terminal(TextWriter.Null, error, new(new CancellationToken(canceled: true)));

        Assert.Equal(130, Program.Run(
            ["train", "--data", data.Path, "--device", "cpu", "--output", Path.Combine(folder.Path, "model.npz")], terminal));

        Assert.StartsWith("mnistgpu: no epoch was finished: nothing was saved", error.ToString());
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void TheReportOfAnInterruptedTrainingIsThatOfTheFinishedEpochs()
    {
        using var folder = new TemporaryFolder();
        string report = Path.Combine(folder.Path, "report.html");
        using var source = new CancellationTokenSource();
        using var output = new OutputWithAction("epoch 2/", source.Cancel);
        using var error = new StringWriter();

        Assert.Equal(130, Program.Run(
            ["train", "--data", data.Path, "--device", "cpu", "--epochs", "1000", "--report", report],
            new Terminal(output, error, new(source.Token))));

        Assert.StartsWith($"mnistgpu: the report up to epoch 2 was written to {report}", error.ToString());
        Assert.Contains("\"epochs\":2,", File.ReadAllText(report));
    }

    [Fact]
    public void AnInterruptedCommandDoesNotSaySuccess()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 5, seed: 1));
        string metrics = Path.Combine(folder.Path, "metrics.json");

        AssertInterrupted(["evaluate", "--device", "cpu", "--model", model, "--data", data.Path, "--metrics", metrics]);
        Assert.False(File.Exists(metrics));
        AssertInterrupted(["predict", "--model", model, "--data", data.Path, "--test-index", "0"]);
    }

    /// <summary>
    /// Until a command uses the token, Ctrl-C ends the process at once. That must not happen while a temporary file exists, so
    /// every command uses it before it tries whether a file can be written; here none can.
    /// </summary>
    [Theory]
    [InlineData("train", "--data", "DATA", "--output", "FOLDER/model.npz")]
    [InlineData("train", "--data", "DATA", "--checkpoint", "FOLDER/checkpoint.npz")]
    [InlineData("sweep", "--data", "DATA", "--csv", "FOLDER/runs.csv")]
    [InlineData("evaluate", "--model", "MODEL", "--data", "DATA", "--metrics", "FOLDER/metrics.json")]
    [InlineData("export", "--model", "MODEL", "FOLDER/model.onnx")]
    [InlineData("draw", "--model", "MODEL", "--output", "FOLDER/draw.html")]
    [InlineData("data", "distort", "--data", "DATA", "--output", "FOLDER/sheet.png")]
    [InlineData("data", "generate", "--output", "FOLDER", "--train", "10", "--test", "10")]
    [InlineData("benchmark", "--data", "DATA", "--json", "FOLDER/benchmark.json")]
    [InlineData("benchmark", "kernels", "--json", "FOLDER/kernels.json")]
    public void NoCommandWritesBeforeCtrlCOnlyAsksItToStop(params string[] command)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 5, seed: 1));
        string file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        using var error = new StringWriter();
        var terminal = new Terminal(TextWriter.Null, error, new Lazy<CancellationToken>(() => CancellationToken.None));

        int exitCode = Program.Run(
            [.. command.Select(word => word.Replace("MODEL", model).Replace("DATA", data.Path).Replace("FOLDER", $"{file}/in"))], terminal);

        Assert.Equal(1, exitCode);
        Assert.Contains($"{file}/in", error.ToString());
        Assert.True(terminal.Interruption.IsValueCreated);
    }

    [Theory]
    [InlineData("data", "info")]
    [InlineData("verify", "--device", "cpu")]
    public void ACommandThatOnlyReadsStopsToo(params string[] command) =>
        AssertInterrupted(command[0] == "data" ? [.. command, "--data", data.Path] : command);

    /// <summary>Runs a command that is told to stop from the start.</summary>
    private static void AssertInterrupted(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, new(new CancellationToken(canceled: true)));

        Assert.Equal(130, Program.Run(arguments, terminal));
        Assert.Equal("", output.ToString());
        Assert.Equal("mnistgpu: interrupted", error.ToString().TrimEnd());
        Assert.False(Directory.Exists("digits"));
    }

    /// <summary>
    /// Trains until the second epoch is done, interrupts, and checks that no core works for more than a second after that,
    /// and what is left.
    /// </summary>
    /// <returns>What was printed on the error output.</returns>
    private async Task<string> InterruptAsync(string device, int batchSize, string signal)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz"), metrics = Path.Combine(folder.Path, "metrics.json");
        string[] command =
        [
            "dotnet", typeof(Program).Assembly.Location, "train", "--data", data.Path, "--device", device,
            "--batch-size", $"{batchSize}", "--epochs", "1000000", "--output", model, "--metrics", metrics, "--verbose",
        ];
        // A shell's background jobs ignore SIGINT, nohup's SIGHUP, and so would their children; GNU's env undoes that.
        if (OperatingSystem.IsLinux())
            command = ["env", "--default-signal=INT,HUP", .. command];
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            return await InterruptAsync(process, folder.Path, model, metrics, signal);
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>Sends a signal with kill or pkill, which in a Turkish locale do not know HUP.</summary>
    private static async Task SendAsync(string command, params string[] arguments)
    {
        using Process kill = Process.Start(new ProcessStartInfo(command, arguments) { Environment = { ["LC_ALL"] = "C" } })!;
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private static async Task<string> InterruptAsync(
        Process process, string folder, string model, string metrics, string signal)
    {
        while (await process.StandardOutput.ReadLineAsync() is string line && !line.StartsWith("epoch 2/"))
        {
        }
        TimeSpan start = process.TotalProcessorTime, end = start;
        await SendAsync("kill", $"-{signal}", $"{process.Id}");
        Task<string> errorRead = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task exit = process.WaitForExitAsync().WaitAsync(s_hang);
        while (await Task.WhenAny(exit, Task.Delay(20)) != exit)
        {
            try
            {
                process.Refresh();
                end = process.TotalProcessorTime;
            }
            catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
            {
                // It has just ended.
            }
        }
        await exit;

        Assert.InRange((end - start).TotalSeconds, 0, Environment.ProcessorCount);
        Assert.Equal(signal switch { "HUP" => 129, "TERM" => 143, _ => 130 }, process.ExitCode);
        string error = await errorRead;
        Assert.Contains("interrupted", error);
        Assert.Contains(model, error);
        Assert.DoesNotContain("Test accuracy", await output);
        Assert.True(ModelFile.Load(model).IsFinite);
        using JsonDocument figures = JsonDocument.Parse(File.ReadAllBytes(metrics));
        Assert.InRange(figures.RootElement.GetProperty("history").GetArrayLength(), 2, 999_999);
        Assert.Equal(2, Directory.GetFiles(folder).Length);
        return error;
    }
}
