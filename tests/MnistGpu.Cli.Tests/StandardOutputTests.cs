using System.Diagnostics;

namespace MnistGpu.Cli.Tests;

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
            "sh", ["-c", Script, "sh", typeof(CommandLine).Assembly.Location, data.Path, log]);
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        string text = File.ReadAllText(log);
        Assert.StartsWith("first\n{", text);
        Assert.Contains("testAccuracy", text);
    }
}
