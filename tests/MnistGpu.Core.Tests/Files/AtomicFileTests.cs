using System.Diagnostics;
using System.Runtime.Versioning;
using MnistGpu.Core.Files;

namespace MnistGpu.Core.Tests.Files;

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
    public void ADeviceIsWrittenToAsItIs()
    {
        Skip.IfNot(File.Exists("/dev/null"), "There is no /dev/null here.");
        FileAttributes before = File.GetAttributes("/dev/null");

        AtomicFile.EnsureWritable("/dev/null");
        AtomicFile.Write("/dev/null", stream => stream.Write([1, 2, 3]));

        Assert.Equal(before, File.GetAttributes("/dev/null"));
        Assert.Empty(File.ReadAllBytes("/dev/null"));
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

    [SkippableFact]
    public void ALinkInTheWorkingDirectoryLeadsNowhereElse()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a link takes rights there that a test may not have.");
        string link = $"mnistgpu-test-{Guid.NewGuid():N}";
        File.CreateSymbolicLink(link, "file-beside-it");
        try
        {
            Assert.Equal(Path.GetFullPath("file-beside-it"), AtomicFile.FinalTarget(link));
        }
        finally
        {
            File.Delete(link);
        }
    }

    [SkippableFact]
    public void ALinkIntoAFolderThatDoesNotExistIsNamedWithTheFolder()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a link takes rights there that a test may not have.");
        File.CreateSymbolicLink(Target, "missing/file");

        string message = Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.EnsureWritable(Target)).Message;

        Assert.Equal($"{Target} cannot be written: the folder {Path.Combine(_folder.Path, "missing")} does not exist.", message);
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

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void AFileThatIsReplacedKeepsItsPermissions()
    {
        Skip.If(OperatingSystem.IsWindows(), "There are others.");
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.WriteAllBytes(Target, [7]);
        File.SetUnixFileMode(Target, mine);

        AtomicFile.Write(Target, stream => stream.Write([1, 2, 3]));

        Assert.Equal(mine, File.GetUnixFileMode(Target));
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void AWriteProtectedFileIsRefusedBeforehand()
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "It is no obstacle here.");
        File.WriteAllBytes(Target, [7]);
        File.SetUnixFileMode(Target, UnixFileMode.UserRead);

        Assert.Equal($"{Target} cannot be written: it is write-protected.",
            Assert.Throws<IOException>(() => AtomicFile.EnsureWritable(Target)).Message);
    }

    /// <summary>As a container mounts a single file.</summary>
    [SkippableFact]
    public void AFileThatCannotBeReplacedIsWrittenInPlace()
    {
        string other = Path.Combine(_folder.Path, "other");
        File.WriteAllBytes(other, [7, 8, 9, 10]);
        File.WriteAllBytes(Target, []);
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "--bind", other, Target), "Root can mount on Linux only.");
        try
        {
            AtomicFile.Write(Target, stream => stream.Write([1, 2, 3]));

            Assert.Equal([1, 2, 3], File.ReadAllBytes(other));
            Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        }
        finally
        {
            Run("umount", Target);
        }
    }

    /// <summary>The disk of the file that cannot be replaced has room for the old content, and not for the new.</summary>
    [SkippableFact]
    public void WhereAFileThatCannotBeReplacedHasNoRoomTheOldContentStays()
    {
        string disk = Directory.CreateDirectory(Path.Combine(_folder.Path, "disk")).FullName, other = Path.Combine(disk, "other");
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk),
            "A small disk can be made by root on Linux only.");
        byte[] old = [.. Enumerable.Range(0, 40_000).Select(i => (byte)(i * i))];
        File.WriteAllBytes(other, old);
        File.WriteAllBytes(Target, []);
        Run("mount", "--bind", other, Target);
        try
        {
            string message = Assert.Throws<IOException>(
                () => AtomicFile.Write(Target, stream => stream.Write(new byte[100_000]))).Message;

            Assert.StartsWith($"{Target} cannot be written: No space left", message);
            Assert.Equal(old, File.ReadAllBytes(other));
            Assert.Equal([Target], Directory.GetFiles(_folder.Path));
        }
        finally
        {
            Run("umount", Target);
            Run("umount", disk);
        }
    }

    [Fact]
    public void WhatAKilledWriterLeftIsRemovedAndNothingElse()
    {
        string[] others = ["file.partial", "file.npz.partial", "file2.0a1b2c3d.e4f.partial", "xfile.0a1b2c3d.e4f.partial"];
        string[] left = [$"{Target}.0a1b2c3d.e4f.partial", $"{Target}.zzzzzzzz.zzz.partial"];
        string writtenNow = $"{Target}.11111111.111.partial";
        foreach (string file in left.Concat(others.Select(name => Path.Combine(_folder.Path, name))))
            File.WriteAllBytes(file, [7]);
        using (new FileStream(writtenNow, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            AtomicFile.EnsureWritable(Target);

            Assert.Equal(
                others.Append(Path.GetFileName(writtenNow)).Order(StringComparer.Ordinal),
                Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
    }

    /// <summary>Several write one file at once, and each clears up: one of them is there in the end, whole.</summary>
    [Fact]
    public void WhoClearsUpLeavesOthersWhatTheyWrite()
    {
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            AtomicFile.Write(Target, stream => stream.Write(Enumerable.Repeat((byte)i, 10_000).ToArray())));

        byte[] content = File.ReadAllBytes(Target);
        Assert.Equal(10_000, content.Length);
        Assert.Single(content.Distinct());
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void WhatIsWrittenIsNeverReadableByMoreThanTheFileThatItReplaces()
    {
        Skip.If(OperatingSystem.IsWindows(), "There are others.");
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.WriteAllBytes(Target, [7]);
        File.SetUnixFileMode(Target, mine);

        AtomicFile.Write(Target, _ => Assert.All(Directory.GetFiles(_folder.Path), file => Assert.Equal(mine, File.GetUnixFileMode(file))));
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    [SkippableFact]
    public async Task ANamedPipeIsWrittenToAndStays()
    {
        Skip.If(OperatingSystem.IsWindows(), "There are no named pipes in folders.");
        Process.Start("mkfifo", [Target]).WaitForExit();
        Task<byte[]> reading = Task.Run(() => File.ReadAllBytes(Target));

        AtomicFile.Write(Target, stream => stream.Write([1, 2, 3]));

        Assert.Equal([1, 2, 3], await reading.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.True(AtomicFile.IsNamedPipe(Target));
    }
}
