using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Commands;

/// <summary>What the page does is tested in a browser, in MnistGpu.Pages.Tests.</summary>
public sealed class DrawCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string File(string name) => Path.Combine(_folder.Path, name);

    private string Model(int hidden)
    {
        ModelFile.Save(File("model.npz"), GlorotInitializer.Draw(hidden, seed: 1));
        return File("model.npz");
    }

    [Fact]
    public void ThePageIsWrittenWithTheModelsName()
    {
        MnistGpuRun run = MnistGpuRun.Succeed("draw", "--model", Model(hidden: 5), "--output", File("page.html"));

        Assert.Equal($"The page was written to {File("page.html")}; open it in a browser.{Environment.NewLine}", run.Output);
        string page = System.IO.File.ReadAllText(File("page.html"));
        Assert.Contains("""{"model":"model.npz","hidden":5,"w1":""", page);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    // As xdg-open is where no browser is installed.
    [InlineData(false, "echo xdg-open: no method available for opening \"$1\" >&2; exit 3")]
    public async Task OpenStartsTheBrowserOrSaysThatThereIsNone(bool hasBrowser, string? failing = null)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "What opens a page is called xdg-open on Linux alone.");
        string dotnet = Path.GetDirectoryName(Environment.ProcessPath)!;
        string opener = File("xdg-open");
        if ((hasBrowser || failing is not null) && !OperatingSystem.IsWindows())
        {
            System.IO.File.WriteAllText(opener,
                $"#!/bin/sh\n{failing ?? $"echo \"$1\" > {File("opened.tmp")}; mv {File("opened.tmp")} {File("opened")}"}\n");
            System.IO.File.SetUnixFileMode(opener, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        string path = hasBrowser || failing is not null ? $"{_folder.Path}:{dotnet}:/usr/bin:/bin" : dotnet;

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [("PATH", path)], "draw", "--model", Model(hidden: 5), "--output", File("page.html"), "--open");

        Assert.Contains($"The page was written to {File("page.html")}.", run.Output);
        if (!hasBrowser)
        {
            Assert.Equal(1, run.ExitCode);
            Assert.Equal($"mnistgpu: No browser could be opened; open {File("page.html")} in one yourself.", run.Error.Trim());
            return;
        }
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        for (int wait = 0; wait < 1_000 && !System.IO.File.Exists(File("opened")); wait++)
            await Task.Delay(100);
        Assert.Equal(File("page.html"), System.IO.File.ReadAllText(File("opened")).Trim());
    }

    [Fact]
    public void ANetworkTooLargeForAPageIsRefused()
    {
        MnistGpuRun run = MnistGpuRun.Start("draw", "--model", Model(hidden: 4097), "--output", File("page.html"));

        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"mnistgpu: {File("model.npz")} has 4,097 hidden units; a page can show at most 4,096.", run.Error.Trim());
        Assert.False(System.IO.File.Exists(File("page.html")));
    }
}
