using System.Diagnostics;

namespace MnistGpu.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Target => Path.Combine(_folder.Path, "file");

    [Fact]
    public void TheContentIsWrittenAndNothingElse()
    {
        AtomicFile.Write(Target, stream => stream.Write([1, 2, 3]));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void AnOldFileStaysUntilTheNewOneIsComplete()
    {
        File.WriteAllBytes(Target, [7]);
        AtomicFile.Write(Target, stream =>
        {
            stream.Write([1, 2, 3]);
            stream.Flush();
            Assert.Equal([7], File.ReadAllBytes(Target));
        });

        Assert.Equal([1, 2, 3], File.ReadAllBytes(Target));
    }

    [Fact]
    public void AFailureLeavesTheOldFileAndNoOther()
    {
        File.WriteAllBytes(Target, [7]);

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write([1]);
            throw new InvalidOperationException();
        }));
        Assert.Equal([7], File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void AFolderThatDoesNotExistIsNamed()
    {
        string path = Path.Combine(_folder.Path, "missing", "file");

        Assert.Contains(path, Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(path, _ => { })).Message);
        Assert.Contains(path, Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.EnsureWritable(path)).Message);
    }

    [Fact]
    public void EnsureWritableLeavesNothingBehind()
    {
        AtomicFile.EnsureWritable(Target);

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [SkippableFact]
    public void ADeviceStaysADevice()
    {
        Skip.IfNot(File.Exists("/dev/null"), "There is no /dev/null here.");
        AtomicFile.EnsureWritable("/dev/null");
        AtomicFile.Write("/dev/null", stream => stream.Write([1, 2, 3]));

        Assert.Empty(File.ReadAllBytes("/dev/null"));
    }

    [SkippableFact]
    public void AFullDiskIsNamedAndLeavesNothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _folder.Path),
            "A small disk can be made by root on Linux only.");
        try
        {
            string message = Assert.Throws<IOException>(
                () => AtomicFile.Write(Target, stream => stream.Write(new byte[100_000]))).Message;

            Assert.StartsWith(Target, message);
            Assert.Contains("No space left", message);
            Assert.Empty(Directory.GetFiles(_folder.Path));
        }
        finally
        {
            Run("umount", _folder.Path);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
