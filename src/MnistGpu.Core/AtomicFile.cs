using System.Formats.Tar;

namespace MnistGpu.Core;

/// <summary>Writes a file whole or not at all: under a temporary name beside its place, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file; one that is there is replaced once all is written. Nothing is left where it fails.</summary>
    /// <param name="path">The file; a link to it stays a link. A device such as /dev/stdout is written to as it is.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it and says why.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        // Nothing in it is asynchronous then, so the task is over when it comes back.
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
                // Opened anew, a log that the output goes to would be overwritten from its beginning.
                using Stream device = path is "/dev/stdout" ? Console.OpenStandardOutput() : OpenAsItIs(path);
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
            stream.Dispose();
            Replace(target, stream.Name);
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

    /// <summary>Gives a file the content, the name and the permissions of one that is there, if it is.</summary>
    private static void Replace(string target, string temporary)
    {
        bool exists = File.Exists(target);
        if (exists && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
        try
        {
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception exception) when (exists && exception is IOException or UnauthorizedAccessException)
        {
            // What a container mounts as a file, or is somebody else's in a shared folder, can be written but not replaced.
            File.Copy(temporary, target, overwrite: true);
            File.Delete(temporary);
        }
    }

    /// <summary>Finds out now whether <see cref="Write"/> can write there, so that no long training ends in vain.</summary>
    /// <exception cref="IOException">It cannot; the message says why.</exception>
    public static void EnsureWritable(string path)
    {
        if (IsDevice(path))
            return;
        using FileStream stream = CreateBeside(path, out _);
        stream.Dispose();
        File.Delete(stream.Name);
    }

    /// <summary>The absolute path of the file that a link leads to, there or not; without a link, of the path itself.</summary>
    /// <exception cref="IOException">The link leads back to itself.</exception>
    public static string FinalTarget(string path)
    {
        // From a relative path, the library would follow a link from the root of the file system.
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

    /// <summary>Whether a path is a device, a named pipe, or a pipe that a shell made for <c>&gt;(command)</c>.</summary>
    public static bool IsDevice(string path) => File.Exists(path)
        && (Path.GetDirectoryName(Path.GetFullPath(path)) is "/dev" or "/dev/fd" || IsNamedPipe(path));

    /// <summary>Whether a path is a pipe in a folder, as mkfifo makes them.</summary>
    internal static bool IsNamedPipe(string path)
    {
        if (OperatingSystem.IsWindows() || new FileInfo(path) is not { Exists: true, Length: 0, LinkTarget: null })
            return false;
        // Opened to find out, a pipe would seem to end to whoever waits at it. An archive says what a file is, unopened.
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

    /// <summary>Why a file cannot be written, without the name that the library puts behind it.</summary>
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
        string temporary = $"{target}.{Path.GetRandomFileName()}";
        try
        {
            if (File.Exists(target))
                RefuseWriteProtected(target);
            // No buffer: on a full disk, what is left in it would fail again when the stream is closed.
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
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
}
