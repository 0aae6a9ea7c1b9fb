using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MnistGpu.Cli.Tests;

public class ReadmeTests
{
    [Fact]
    public void TheExamplesTrainANetworkAndReadAPicture()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains("% of the test images are read right", RunExample("Train", folder.Path));
        Assert.Contains(
            "shows a 3",
            RunExample("Read", folder.Path, "model.npz", Path.Combine(Repository.Folder, "docs", "three.png")));
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

    private static string RunExample(string name, string folder, params string[] arguments)
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
