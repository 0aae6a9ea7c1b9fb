using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace MnistGpu.Cli.Tests;

/// <summary>
/// docs/cli.md shows what the commands print. This types all of its commands, in their order and in one folder, and
/// compares. With the environment variable WRITE_TRANSCRIPTS it puts what has changed into the page instead.
/// </summary>
public partial class TranscriptTests
{
    private static readonly string s_docs = Path.Combine(Repository.Folder, "docs");

    /// <summary>What differs between runs and between machines; everything else is compared exactly.</summary>
    private static readonly (Regex Pattern, string Mask)[] s_masks =
    [
        (new(@" *[\d.]+ s\b"), " # s"),
        (new(@"[\d,]+ images/s"), "# images/s"),
        (new(@"[\d.,]+ ms\b"), "# ms"),
        (new(@"(""(\w+Seconds|imagesPerSecond)"": )[\d.E-]+"), "$1#"),
        // Vectors of other widths round differently.
        (new(@"(""loss"": \d\.\d{4})\d*"), "$1#"),
        (new(@"(?<=^ {6})[\d.E-]+(?=,?$)", RegexOptions.Multiline), "#"),
        (new(@"\d\.\de[+-]\d+"), "#"),
        (new(@" +\d+\.\d %(?= of what float32| │ ok)"), "#"),
        (new(@"\d+ threads?, (vectors of \d+ floats|scalar)"), "# threads, #"),
        // ILGPU numbers the parameters of a kernel.
        (new(@"_\d{4,}\b"), "_#"),
        (new("^mnistgpu: warning: the machine is busy.*\n", RegexOptions.Multiline), ""),
        (new("^not used .*", RegexOptions.Multiline), "not used #"),
        (new("^machine .*", RegexOptions.Multiline), "machine #"),
    ];

    [SkippableFact]
    public async Task ThePageShowsWhatTheCommandsPrint()
    {
        Skip.If(OperatingSystem.IsWindows(), "the transcripts are typed into bash");
        string file = Path.Combine(s_docs, "cli.md");
        string page = await File.ReadAllTextAsync(file);
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(s_docs, "three.png"), Path.Combine(folder.Path, "three.png"));

        bool writes = Environment.GetEnvironmentVariable("WRITE_TRANSCRIPTS") is not null;
        var current = new StringBuilder();
        int end = 0;
        foreach (Match command in Command().Matches(page))
        {
            string output = await TypeAsync(command.Groups["line"].Value, folder.Path);
            Group shown = command.Groups["output"];
            string expected = Mask(shown.Value), actual = Mask(output);
            if (!writes)
                Assert.Equal(expected, actual);
            current.Append(page, end, shown.Index - end).Append(actual == expected ? shown.Value : output);
            end = shown.Index + shown.Length;
        }
        current.Append(page, end, page.Length - end);

        if (writes)
            await File.WriteAllTextAsync(file, current.ToString());
        Assert.True(end > 0, "no command was found");
    }

    /// <summary>A line after a dollar sign in a console block, and what it printed: all until the next one.</summary>
    [GeneratedRegex(
        @"(?<=^```console\n(?:(?!```).*\n)*)\$ (?<line>.+)\n(?<output>(?:(?!```|\$ ).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Command();

    private static string Mask(string output)
    {
        bool isBenchmark = output.StartsWith("machine ", StringComparison.Ordinal);
        if (isBenchmark)
            output = Regex.Replace(output, @">?[\d.,]+(e-\d+)?", "#");
        // A table is as wide as its times.
        if (isBenchmark || output.Contains(" time │", StringComparison.Ordinal))
            output = Regex.Replace(output, "([─ ])+", "$1");
        return s_masks.Aggregate(output, (text, mask) => mask.Pattern.Replace(text, mask.Mask));
    }

    /// <summary>Types a line into a shell of a machine without a GPU and without MNIST.</summary>
    private static async Task<string> TypeAsync(string line, string folder)
    {
        string program = typeof(Program).Assembly.Location;
        var start = new ProcessStartInfo("bash", ["-c", $"mnistgpu() {{ dotnet '{program}' \"$@\"; }}; exec 2>&1; {line}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        // Tables are drawn with lines only where the locale is UTF-8.
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["CUDA_VISIBLE_DEVICES"] = "";
        start.Environment["OCL_ICD_VENDORS"] = folder;
        start.Environment.Remove("LD_LIBRARY_PATH");
        start.Environment.Remove("MNIST_DATA");
        using Process shell = Process.Start(start)!;
        string output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        // Blanks at the end of a line would not survive an editor.
        return Regex.Replace(output.TrimEnd() + '\n', " +$", "", RegexOptions.Multiline).Replace(folder, "/home/you");
    }
}
