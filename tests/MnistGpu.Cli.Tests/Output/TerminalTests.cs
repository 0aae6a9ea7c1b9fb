using MnistGpu.Cli.Output;
using Spectre.Console;

namespace MnistGpu.Cli.Tests.Output;

public class TerminalTests
{
    [Fact]
    public void ANameDoesNothingToTheTerminal()
    {
        var error = new StringWriter();

        new Terminal(TextWriter.Null, error, new(CancellationToken.None)).WriteError("\e]0;title\a\u009b2J.png:\n no picture");

        Assert.Equal("mnistgpu: ?]0;title??2J.png:  no picture\n", error.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>Nor a file's name in a result: of data, of what was written, of the next command.</summary>
    [SkippableFact]
    public void NamesInResultsDoNothingToTheTerminal()
    {
        Skip.If(OperatingSystem.IsWindows(), "No file has such a name.");
        using var folder = new TemporaryFolder();
        string bad = Path.Combine(folder.Path, "\e]0;title\a"), model = Path.Combine(bad, "model.npz");

        string[] outputs =
        [
            MnistGpuRun.Succeed("data", "generate", "--output", bad, "--train", "50", "--test", "20").Output,
            MnistGpuRun.Succeed("data", "info", "--data", bad).Output,
            MnistGpuRun.Succeed("train", "--data", bad, "--device", "cpu", "--hidden", "3", "--output", model).Output,
            MnistGpuRun.Succeed("evaluate", "--data", bad, "--device", "cpu", "--model", model, "--report", Path.Combine(bad, "r.html")).Output,
            MnistGpuRun.Succeed("predict", "--data", bad, "--model", model, "--test-index", "0").Output,
            MnistGpuRun.Succeed("export", "--model", model, Path.Combine(bad, "m.onnx")).Output,
            MnistGpuRun.Succeed("draw", "--model", model, "--output", Path.Combine(bad, "d.html")).Output,
            MnistGpuRun.Succeed("data", "distort", "--data", bad, "--output", Path.Combine(bad, "d.png")).Output,
        ];

        Assert.All(outputs, output => Assert.DoesNotContain(output, c => char.IsControl(c) && c is not ('\r' or '\n')));
    }

    [Theory]
    [InlineData(80, true)]
    [InlineData(48, true)]
    [InlineData(40, false)]
    [InlineData(24, false)]
    public void ATableFitsAndNoFigureIsBroken(int width, bool isTable)
    {
        var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, new(CancellationToken.None));
        terminal.Console.Profile.Width = width;
        Table table = new Table().Title("[[B 64]]");
        foreach (string column in (string[])["digit", "images", "right", "accuracy"])
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("most often taken for");
        table.AddRow("8", "1,010", "1,001", "100.00 %", "");
        table.AddRow("9", "1,009", "970", "96.13 %", "4 (12 times)");

        terminal.Write(table);

        string[] lines = output.ToString().TrimEnd().Split('\n');
        Assert.Contains("[B 64]", lines[0]);
        Assert.All(lines, line => Assert.True(line.Length <= Math.Max(width, "  most often taken for 4 (12 times)".Length), line));
        Assert.Equal(isTable, lines.Any(line => line.Contains('│')));
        if (width == 40)
            Assert.Equal(
                ["digit 8  images 1,010  right 1,001", "  accuracy 100.00 %",
                    "digit 9  images 1,009  right 970", "  accuracy 96.13 %", "  most often taken for 4 (12 times)"],
                lines[1..]);
        foreach (string figure in (string[])["1,001", "100.00 %", "96.13 %"])
            Assert.Contains(figure, output.ToString());
    }
}
