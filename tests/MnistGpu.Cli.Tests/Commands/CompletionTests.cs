using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MnistGpu.Cli.Tests.Commands;

/// <summary>The lines for bash in docs/cli.md, in bash.</summary>
public class CompletionTests
{
    [SkippableTheory]
    [InlineData("mnistgpu tra", "train")]
    [InlineData("mnistgpu sweep --se", "--seeds")]
    [InlineData("mnistgpu data ge", "generate")]
    [InlineData("mnistgpu train --ep", "--epochs")]
    [InlineData("mnistgpu train --device op", "opencl")]
    [InlineData("mnistgpu train --output mod", "")]
    public async Task BashCompletesWhatTheProgramKnows(string line, string completed)
    {
        Skip.If(OperatingSystem.IsWindows(), "bash is not everywhere there");
        string page = await File.ReadAllTextAsync(Path.Combine(Repository.Folder, "docs/cli.md"));
        string lines = Regex.Match(page, "```bash\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        string[] words = line.Split(' ');
        var start = new ProcessStartInfo("bash", ["-c", $$"""
            mnistgpu() { dotnet '{{typeof(Program).Assembly.Location}}' "$@"; }
            {{lines}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}}) COMP_CWORD={{words.Length - 1}}
            _mnistgpu
            echo "${COMPREPLY[@]}"
            """])
        { RedirectStandardOutput = true };
        using Process bash = Process.Start(start)!;
        string output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.Equal(completed, output.TrimEnd());
    }
}
