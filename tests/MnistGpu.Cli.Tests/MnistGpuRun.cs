namespace MnistGpu.Cli.Tests;

/// <summary>One run of the command line inside the test's own process.</summary>
/// <param name="ExitCode">0 done, 1 failed, 2 wrong usage, 130 interrupted.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it printed on the error output.</param>
internal sealed record MnistGpuRun(int ExitCode, string Output, string Error)
{
    public static MnistGpuRun Start(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(arguments, new Terminal(output, error, CancellationToken.None));
        return new MnistGpuRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs what is to succeed, and shows its error where it does not.</summary>
    public static MnistGpuRun Succeed(params string[] arguments)
    {
        MnistGpuRun run = Start(arguments);
        Assert.True(run.ExitCode == 0, $"mnistgpu {string.Join(' ', arguments)}: exit code {run.ExitCode}\n{run.Error}");
        return run;
    }
}
