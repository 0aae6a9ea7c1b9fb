using System.Diagnostics;
using System.Text.Json;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Output;

/// <summary>Files that are written to the standard output of a real process.</summary>
public class StandardOutputTests(SmallDataset data) : IClassFixture<SmallDataset>
{
    [SkippableFact]
    public void MetricsComeAfterWhatALogHoldsAlready()
    {
        Skip.IfNot(File.Exists("/dev/stdout"), "There is no /dev/stdout here.");
        using var folder = new TemporaryFolder();
        string log = Path.Combine(folder.Path, "log");
        const string Script = """
            { echo first; dotnet "$1" train --data "$2" --hidden 4 --epochs 1 --quiet --metrics /dev/stdout; } > "$3"
            """;
        using Process process = Process.Start(
            "sh", ["-c", Script, "sh", typeof(Program).Assembly.Location, data.Path, log]);
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        string text = File.ReadAllText(log);
        Assert.StartsWith("first\n{", text);
        Assert.Contains("testAccuracy", text);
    }

    /// <summary>What the commands would print there goes to the error output.</summary>
    [SkippableTheory]
    [InlineData("evaluate --model MODEL --data DATA --device cpu --metrics /dev/stdout", "accuracy")]
    [InlineData("train --data DATA --device cpu --hidden 4 --epochs 1 --metrics -", "Test accuracy")]
    [InlineData("benchmark --data DATA --limit 100 --devices cpu --epochs 1 --repeats 1 --json -", "machine")]
    public async Task JsonOnTheStandardOutputComesAlone(string command, string said)
    {
        Skip.If(OperatingSystem.IsWindows() && command.Contains("/dev"), "There is no /dev/stdout here.");
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 3, seed: 1));

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [], [.. command.Split(' ').Select(word => word switch { "MODEL" => model, "DATA" => data.Path, _ => word })]);

        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        Assert.Contains(said, run.Error);
    }

    [SkippableFact]
    public async Task AModelOnTheStandardOutputIsReadFromTheStandardInput()
    {
        Skip.If(OperatingSystem.IsWindows(), "The shell is another one.");
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz"), written = Path.Combine(folder.Path, "written.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 3, seed: 1));
        using Process process = Process.Start(new ProcessStartInfo("sh",
            ["-c", "dotnet \"$0\" export --model \"$1\" - | dotnet \"$0\" export --model - \"$2\"", typeof(Program).Assembly.Location, model, written])
        { RedirectStandardError = true })!;

        Assert.Contains("The network was written to the standard output.", await process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(File.ReadAllBytes(model), File.ReadAllBytes(written));
    }

    /// <summary>One is the standard input, the other the standard output.</summary>
    [SkippableTheory]
    [InlineData("evaluate --device cpu --data DATA --model - --metrics -", "{")]
    [InlineData("draw --model - --output -", "<!DOCTYPE html>")]
    public async Task AModelFromTheStandardInputAndAResultOnTheStandardOutputGoTogether(string command, string start)
    {
        Skip.If(OperatingSystem.IsWindows(), "The shell is another one.");
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 3, seed: 1));
        string[] words = [.. command.Split(' ').Select(word => word == "DATA" ? data.Path : word)];
        using Process process = Process.Start(new ProcessStartInfo("sh",
            ["-c", "cat \"$1\" | { p=$0; shift; dotnet \"$p\" \"$@\"; }", typeof(Program).Assembly.Location, model, .. words])
        { RedirectStandardOutput = true })!;

        Assert.StartsWith(start, await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>What goes on without end is read as far as it may be a model.</summary>
    [SkippableTheory]
    [InlineData("yes", "it is a text file")]
    [InlineData("{ printf 'PK\\003\\004'; cat /dev/zero; }", "it is longer than 417,809,040 bytes, more than 65,536 hidden units need")]
    public async Task WhatIsReadFromTheStandardInputIsBounded(string endless, string problem)
    {
        Skip.If(OperatingSystem.IsWindows(), "The shell is another one.");
        using Process process = Process.Start(new ProcessStartInfo("sh",
            ["-c", $"{endless} | dotnet \"$0\" export --model - model.npz", typeof(Program).Assembly.Location])
        { RedirectStandardError = true })!;

        Assert.Contains($"mnistgpu: - is not a usable model: {problem}", await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(2)));
    }

    [Theory]
    [InlineData("--checkpoint", "-")]
    [InlineData("--resume", "-")]
    public void ACheckpointIsAFile(params string[] option)
    {
        MnistGpuRun run = MnistGpuRun.Start(["train", .. option]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("a checkpoint is replaced after each epoch; name a file", run.Error);
    }

    [Theory]
    [InlineData("--model", "-", "-")]
    [InlineData("--model", "model.npz", "-", "-")]
    public void TheStandardInputIsReadOnce(params string[] files)
    {
        MnistGpuRun run = MnistGpuRun.Start(["predict", .. files]);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("mnistgpu: - is the standard input, which can be read only once: as the model or as one picture. See: ", run.Error);
    }
}
