using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MnistGpu.Cli.Tests;

public class ReadmeTests
{
    [Fact]
    public void TheExamplesTrainANetworkAndReadAPictureAndTheProgramReadsTheirModelWithoutBeingToldItsName()
    {
        using var folder = new TemporaryFolder();
        string picture = Path.Combine(Repository.Folder, "docs", "three.png");

        Assert.Contains("% of the test images are classified correctly", Run("Train", folder.Path));
        Assert.Contains("shows a 3", Run("Read", folder.Path, "model.npz", picture));
        Assert.Contains("\"digit\": 3", Run("mnistgpu", folder.Path, "predict", "--json", picture));
    }

    [Fact]
    public void TheExamplesAreShownInReadme()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Folder, "README.md"));

        string[] shown = [.. Regex.Matches(readme, @"```csharp\n(.*?)```", RegexOptions.Singleline).Select(m => m.Groups[1].Value)];

        Assert.Equal(["Train", "Read"], shown.Select(NameOf));
        Assert.All(shown, code => Assert.Equal(
            File.ReadAllText(Path.Combine(Repository.Folder, "examples", NameOf(code), "Program.cs")), code));

        static string NameOf(string code) => Regex.Match(code, @"--project examples/(\w+)").Groups[1].Value;
    }

    private static string Run(string name, string folder, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), .. arguments])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
            })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
