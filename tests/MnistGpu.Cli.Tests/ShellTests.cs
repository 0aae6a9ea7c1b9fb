using System.Diagnostics;

namespace MnistGpu.Cli.Tests;

public class ShellTests
{
    [Theory]
    [InlineData("model.npz")]
    [InlineData("/data/my-set_2,v1.0+x=y:z@%/Größe")]
    public void WhatNoShellChangesStaysAsItIs(string argument) => Assert.Equal(argument, Shell.Quote(argument));

    /// <summary>What the shell makes of it is what was meant.</summary>
    [SkippableTheory]
    [InlineData("my model.npz")]
    [InlineData("it's \"mine\"")]
    [InlineData("[1] (copy) {a,b}")]
    [InlineData("$HOME `id` $(id) !x")]
    [InlineData("~/a*?&;|<>#\\n")]
    [InlineData("''")]
    [InlineData("")]
    [InlineData("tab\tand\nline")]
    public void TheShellGivesTheArgumentBack(string argument)
    {
        Skip.If(OperatingSystem.IsWindows(), "There is no sh.");
        using Process process = Process.Start(
            new ProcessStartInfo("sh", ["-c", $"printf %s {Shell.Quote(argument)}"]) { RedirectStandardOutput = true })!;

        Assert.Equal(argument, process.StandardOutput.ReadToEnd());
    }
}
