using System.Diagnostics;
using System.Runtime.Versioning;

namespace MnistGpu.Core.Tests;

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
    public async Task APipeIsWrittenToAndStaysAPipe()
    {
        Skip.If(OperatingSystem.IsWindows(), "There are no named pipes in folders.");
        Skip.IfNot(Run("mkfifo", Target), "mkfifo made no pipe.");
        // It sees the pipe's end when the writer closes it, so EnsureWritable may not have opened it before.
        using Process reader = Process.Start(
            new ProcessStartInfo("cat", [Target]) { RedirectStandardOutput = true })!;
        AtomicFile.EnsureWritable(Target);
        Task writing = Task.Run(() => AtomicFile.Write(Target, stream => stream.Write("digits"u8)));

        // A file in the pipe's place would leave the reader waiting for ever.
        Task finished = await Task.WhenAny(writing, Task.Delay(TimeSpan.FromSeconds(30)));
        Assert.Same(writing, finished);
        await writing;
        bool ended = reader.WaitForExit(TimeSpan.FromSeconds(30));
        if (!ended)
            reader.Kill();

        Assert.True(ended, "The reader still waits.");
        Assert.Equal("digits", reader.StandardOutput.ReadToEnd());
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
    }

    [SkippableFact]
    public void ADeviceThatIsNotThereIsRefusedBeforeAnythingIsWritten()
    {
        Skip.IfNot(Directory.Exists("/dev"), "There is no /dev here.");

        Assert.StartsWith("/dev/no-such.npz cannot be written",
            Assert.Throws<IOException>(() => AtomicFile.EnsureWritable("/dev/no-such.npz")).Message);
        Assert.Throws<IOException>(() => AtomicFile.Write("/dev/no-such.npz", _ => { }));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void ALinkStaysALinkAndItsFileIsReplaced(bool exists)
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a link takes rights there that a test may not have.");
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, "elsewhere")).FullName, "file");
        if (exists)
            File.WriteAllBytes(file, [7]);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "link"), "elsewhere/file");
        File.CreateSymbolicLink(Target, "link");

        AtomicFile.Write(Target, stream => stream.Write([1, 2, 3]));

        Assert.Equal("link", new FileInfo(Target).LinkTarget);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(file));
        Assert.Null(new FileInfo(file).LinkTarget);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [SkippableTheory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)]
    [UnsupportedOSPlatform("windows")]
    public void TheModeOfAnOldFileIsKept(UnixFileMode mode)
    {
        Skip.If(OperatingSystem.IsWindows(), "Files have no mode there.");
        File.WriteAllBytes(Target, [7]);
        File.SetUnixFileMode(Target, mode);

        AtomicFile.Write(Target, stream => stream.Write([1, 2, 3]));

        Assert.Equal(mode, File.GetUnixFileMode(Target));
    }

    [SkippableTheory]
    [InlineData(0, 100_000)]
    // So little that a buffer would take it, and fail when it is emptied.
    [InlineData(65_536, 100)]
    public void AFullDiskIsNamedAndLeavesNothing(int used, int bytes)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _folder.Path),
            "A small disk can be made by root on Linux only.");
        try
        {
            string other = Path.Combine(_folder.Path, "other");
            File.WriteAllBytes(other, new byte[used]);

            string message = Assert.Throws<IOException>(
                () => AtomicFile.Write(Target, stream => stream.Write(new byte[bytes]))).Message;

            Assert.StartsWith($"{Target} cannot be written: ", message);
            Assert.Contains("No space left", message);
            Assert.DoesNotContain($"{Target}.", message);
            Assert.Equal([other], Directory.GetFiles(_folder.Path));
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
