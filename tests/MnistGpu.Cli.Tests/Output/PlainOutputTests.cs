using System.Text;
using MnistGpu.Cli.Output;

namespace MnistGpu.Cli.Tests.Output;

/// <summary>Terminals and pipes whose encoding has no borders and shades.</summary>
public sealed class PlainOutputTests(SmallDataset data) : IClassFixture<SmallDataset>
{
    [SkippableTheory]
    [InlineData("LC_ALL", "C")]
    [InlineData("LC_ALL", "POSIX")]
    [InlineData("LC_ALL", "de_DE.ISO-8859-1")]
    [InlineData("LC_CTYPE", "de_DE.ISO-8859-15")]
    [InlineData("LANG", "C")]
    public async Task AProcessWritesAsciiInALocaleWithoutUtf8(string variable, string locale)
    {
        Skip.If(OperatingSystem.IsWindows(), "A Windows console has no locale of this kind.");
        (string, string)[] variables = [("LC_ALL", ""), ("LC_CTYPE", ""), ("LANG", ""), (variable, locale)];

        MnistGpuRun info = await MnistGpuRun.StartProcessAsync(variables, "data", "info", "--data", data.Path);
        MnistGpuRun error = await MnistGpuRun.StartProcessAsync(variables, "train", "--device", "…");

        Assert.True(Ascii.IsValid(info.Output), info.Output);
        Assert.Contains("+--", info.Output);
        Assert.Contains("| images ", info.Output);
        Assert.Contains("'...' is unknown", error.Error);
    }

    [SkippableTheory]
    [InlineData("en_US.UTF-8")]
    [InlineData("C.utf8")]
    [InlineData("")]
    public async Task OtherwiseItWritesBorders(string locale)
    {
        Skip.If(OperatingSystem.IsWindows(), "A Windows console has no locale of this kind.");

        MnistGpuRun info = await MnistGpuRun.StartProcessAsync(
            [("LC_ALL", locale), ("LC_CTYPE", ""), ("LANG", "")], "data", "info", "--data", data.Path);

        Assert.Contains("│ images ", info.Output);
    }

    [Fact]
    public void AnEncodingWithoutBordersNeedsIt()
    {
        Assert.True(PlainOutput.IsNeeded(Encoding.ASCII, _ => null));
        Assert.True(PlainOutput.IsNeeded(Encoding.Latin1, _ => "en_US.UTF-8"));
        Assert.False(PlainOutput.IsNeeded(Encoding.UTF8, _ => null));
    }

    [Fact]
    public void WhatAsciiHasAndLettersOfOtherAlphabetsStay()
    {
        using var output = new StringWriter();
        using var plain = new PlainOutput(output);

        plain.WriteLine("╭─┬━╮ Größe 28×28 µs… █▄▁");
        plain.Write('█');
        plain.Write("▓▒░ ".ToCharArray());

        Assert.Equal($"+-+-+ Größe 28x28 us... #:_{Environment.NewLine}#*+. ", output.ToString());
    }
}
