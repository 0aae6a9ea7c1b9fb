using System.Diagnostics;
using MnistGpu.Cli;
using MnistGpu.Cli.Output;

namespace MnistGpu.Testing;

/// <summary>One run of the command line.</summary>
/// <param name="ExitCode">0 done, 1 failed, 2 wrong usage, 130 interrupted.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it printed on the error output.</param>
public sealed record MnistGpuRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs it inside the test's own process.</summary>
    public static MnistGpuRun Start(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = Program.Run(arguments, new Terminal(output, error, new(CancellationToken.None)));
        return new MnistGpuRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs it as a process with environment variables of its own.</summary>
    public static async Task<MnistGpuRun> StartProcessAsync(
        (string Name, string Value)[] variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(10));
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }
        return new MnistGpuRun(process.ExitCode, await output, await error);
    }

    /// <summary>Runs what is to succeed, and shows its error where it does not.</summary>
    public static MnistGpuRun Succeed(params string[] arguments)
    {
        MnistGpuRun run = Start(arguments);
        Assert.True(run.ExitCode == 0, $"mnistgpu {string.Join(' ', arguments)}: exit code {run.ExitCode}\n{run.Error}");
        return run;
    }
}
