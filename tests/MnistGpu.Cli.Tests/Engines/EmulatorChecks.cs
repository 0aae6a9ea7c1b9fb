using System.Text.RegularExpressions;

namespace MnistGpu.Cli.Tests.Engines;

/// <summary>
/// What the CUDA emulator finds in the runs that have these variables: accesses outside of a buffer, reads of what was
/// never written, data races, barriers that some of a group's threads miss. Other drivers write no report.
/// </summary>
internal sealed class EmulatorChecks : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public (string Name, string Value)[] Variables => [("CUDA_EMULATOR_CHECK", "1"), ("CUDA_EMULATOR_CHECK_FILE", Report)];

    private string Report => Path.Combine(_folder.Path, "report.txt");

    /// <summary>Asserts that launches were checked, and nothing was found.</summary>
    public void AssertClean()
    {
        // One line for each time that a driver's context was left, and nothing else.
        string[] lines = File.ReadAllLines(Report);
        Assert.All(lines, line => Assert.Matches(@"checked \d+ launches: 0 problems$", line));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"checked [1-9]\d* launches"));
    }

    public void Dispose() => _folder.Dispose();
}
