using System.Formats.Tar;

namespace MnistGpu.Core.Files;

/// <summary>
/// Writes a file completely or not at all: under a temporary name in the same folder, then renamed. What a killed program
/// leaves under such a name is removed by the next one that writes there.
/// </summary>
internal static class AtomicFile
{
    private const string TemporaryEnding = ".partial";

    /// <summary>Another writer may mistake a newly created file for an abandoned one, but hardly five times in a row.</summary>
    private const int Tries = 5;

    /// <summary>Writes a file; an existing one is replaced once everything is written. If this fails, nothing is left.</summary>
    /// <param name="path">The file; a link to it stays a link. A device such as /dev/stdout is written to directly.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it and says why.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        // Nothing in it is asynchronous in this case, so the task has finished when it is returned.
        WriteAsync(path, stream =>
        {
            write(stream);
            return Task.CompletedTask;
        }).GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Write"/>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        if (IsDevice(path))
        {
            try
            {
                // Opened again, a log file that the output goes to would be overwritten from its beginning.
                using Stream device = IsStandardOutput(path) ? Console.OpenStandardOutput() : OpenAsItIs(path);
                await write(device).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{path} cannot be written: {Reason(exception, path, path)}", exception);
            }
        }
        using FileStream stream = CreateBeside(path, out string target);
        try
        {
            await write(stream).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
            Replace(target, stream);
        }
        catch (Exception exception)
        {
            stream.Dispose();
            File.Delete(stream.Name);
            if (exception is IOException or UnauthorizedAccessException)
                throw new IOException($"{path} cannot be written: {Reason(exception, path, stream.Name)}", exception);
            throw;
        }
    }

    private static FileStream OpenAsItIs(string path) => new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

    /// <summary>
    /// Gives a temporary file the name of the target, and its permissions if it exists. The file stays open until it is
    /// renamed: closed, it would look abandoned.
    /// </summary>
    private static void Replace(string target, FileStream temporary)
    {
        bool exists = File.Exists(target);
        if (exists && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(temporary.Name, File.GetUnixFileMode(target));
        try
        {
            File.Move(temporary.Name, target, overwrite: true);
        }
        catch (Exception exception) when (exists && exception is IOException or UnauthorizedAccessException)
        {
            Overwrite(target, temporary);
        }
    }

    /// <summary>
    /// Overwrites a file that can be written but not replaced: a file mounted into a container, or somebody else's in a shared
    /// folder. If that fails, the old content is restored. If the program is killed, or restoring fails too, the new content
    /// remains next to it, in a file that ends in .whole.
    /// </summary>
    private static void Overwrite(string target, FileStream temporary)
    {
        byte[] old = File.ReadAllBytes(target);
        using FileStream file = OpenAsItIs(target);
        string whole = Path.ChangeExtension(temporary.Name, ".whole");
        File.Move(temporary.Name, whole);
        temporary.Dispose();
        try
        {
            using FileStream content = File.OpenRead(whole);
            content.CopyTo(file);
            file.SetLength(content.Length);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            // The old content fits: the file still occupies the space it took.
            file.Position = 0;
            file.Write(old);
            file.SetLength(old.Length);
            file.Flush(flushToDisk: true);
            File.Delete(whole);
            throw;
        }
        File.Delete(whole);
    }

    /// <summary>Checks in advance whether <see cref="Write"/> can write there, so that no long training is wasted.</summary>
    /// <exception cref="IOException">It cannot; the message says why.</exception>
    public static void EnsureWritable(string path)
    {
        if (IsDevice(path))
            return;
        using FileStream stream = CreateBeside(path, out _);
        stream.Dispose();
        File.Delete(stream.Name);
    }

    /// <summary>The absolute path of a link's final target, whether it exists or not; without a link, that of the path itself.</summary>
    /// <exception cref="IOException">The link leads back to itself.</exception>
    public static string FinalTarget(string path)
    {
        // Given a relative path, the library would resolve a link from the root of the file system.
        string full = Path.GetFullPath(path);
        if (new FileInfo(full).LinkTarget is null)
            return full;
        try
        {
            return File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
        }
        catch (IOException exception)
        {
            throw new IOException($"{path}: this is a link that leads back to itself", exception);
        }
    }

    /// <summary>Whether a path means standard output: "-", or one of Unix's names for it.</summary>
    public static bool IsStandardOutput(string path) =>
        path is "-" || !OperatingSystem.IsWindows() && path is "/dev/stdout" or "/dev/fd/1" or "/proc/self/fd/1";

    /// <summary>Whether a path is standard output, a device, a named pipe, or a pipe that a shell made for <c>&gt;(command)</c>.</summary>
    public static bool IsDevice(string path) => IsStandardOutput(path) || File.Exists(path)
        && (Path.GetDirectoryName(Path.GetFullPath(path)) is "/dev" or "/dev/fd" || IsNamedPipe(path));

    /// <summary>Whether a path is a named pipe, as made by mkfifo.</summary>
    internal static bool IsNamedPipe(string path)
    {
        if (OperatingSystem.IsWindows() || new FileInfo(path) is not { Exists: true, Length: 0, LinkTarget: null })
            return false;
        // Opening a pipe to find out would look like its end to whoever waits for it. A tar entry tells what a file is without opening it.
        using var archive = new MemoryStream();
        try
        {
            using var writer = new TarWriter(archive, leaveOpen: true);
            writer.WriteEntry(path, entryName: "file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry() is { EntryType: TarEntryType.Fifo };
    }

    /// <summary>Why a file cannot be written, without the name that the library appends.</summary>
    private static string Reason(Exception exception, string path, string temporary) => exception is FileNotFoundException
        ? "no file can be made there"
        : exception.Message.Replace(temporary, path).Replace($" : '{path}'", "").Replace($" : '{FinalTarget(path)}'", "");

    private static void RefuseWriteProtected(string target)
    {
        try
        {
            OpenAsItIs(target).Dispose();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException("it is write-protected.", exception);
        }
    }

    private static FileStream CreateBeside(string path, out string target)
    {
        if (Directory.Exists(path))
            throw new IOException($"{path} is a folder; name a file.");
        target = FinalTarget(path);
        string folder = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path} cannot be written: the folder {folder} does not exist.");
        string temporary = target;
        try
        {
            if (File.Exists(target))
                RefuseWriteProtected(target);
            RemoveAbandoned(target);
            for (int tried = 1; ; tried++)
            {
                temporary = $"{target}.{Path.GetRandomFileName()}{TemporaryEnding}";
                try
                {
                    FileStream stream = CreateTemporary(temporary, File.Exists(target));
                    if (File.Exists(temporary))
                        return stream;
                    stream.Dispose();
                }
                catch (IOException) when (tried < Tries)
                {
                }
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{path} cannot be written: the folder {folder} is not writable.", exception);
        }
        catch (IOException exception)
        {
            throw new IOException($"{path} cannot be written: {Reason(exception, path, temporary)}", exception);
        }
    }

    /// <summary>
    /// While it is open it can be renamed, but nobody else can open it for writing, which tells it from an abandoned one.
    /// </summary>
    /// <param name="temporary">The name.</param>
    /// <param name="replaces">Whether it replaces a file, which fewer people may be allowed to read.</param>
    private static FileStream CreateTemporary(string temporary, bool replaces)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Delete,
            // On a full disk, a buffer's remaining content would fail again when the stream is closed.
            BufferSize = 0,
        };
        if (replaces && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(temporary, options);
    }

    /// <summary>Removes the temporary files of a target whose writers have ended.</summary>
    private static void RemoveAbandoned(string target)
    {
        string folder = Path.GetDirectoryName(target)!, start = Path.GetFileName(target) + '.';
        foreach (string file in Directory.EnumerateFiles(folder, '*' + TemporaryEnding))
        {
            string name = Path.GetFileName(file);
            // The target's name is followed by a random one of 12 characters: "0a1b2c3d.e4f".
            if (!name.StartsWith(start, StringComparison.Ordinal) || name.Length != start.Length + 12 + TemporaryEnding.Length)
                continue;
            try
            {
                using var abandoned = new FileStream(
                    file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is being written, or belongs to somebody else.
            }
        }
    }
}
