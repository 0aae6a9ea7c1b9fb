namespace MnistGpu.Core;

/// <summary>
/// Writes a file whole or not at all: beside its place under a temporary name, then renamed. A link stays a link, the
/// file that it leads to is replaced. What is no file (a device such as /dev/stdout, a pipe) is written to as it is: a
/// rename would put a file in its place, for everybody.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file; one that is there already is replaced when all is written, and its mode kept.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content. When it throws, nothing is left behind.</param>
    /// <exception cref="IOException">The folder does not exist, or the disk is full; the message names the path.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        // Nothing in it is asynchronous then, so the task is over when it comes back.
        WriteAsync(path, stream =>
        {
            write(stream);
            return Task.CompletedTask;
        }).GetAwaiter().GetResult();
    }

    /// <summary>Like <see cref="Write"/>, for a content that takes its time to come.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content. When it throws or is cancelled, nothing is left behind.</param>
    /// <exception cref="IOException">The folder does not exist, or the disk is full; the message names the path.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        using (Stream? device = OpenDevice(path) ?? OpenPipe(path))
        {
            if (device != null)
            {
                await write(device).ConfigureAwait(false);
                return;
            }
        }
        using FileStream stream = CreateBeside(path, out string target);
        try
        {
            if (!OperatingSystem.IsWindows() && File.Exists(target))
                File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(target));
            await write(stream).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
            stream.Dispose();
            File.Move(stream.Name, target, overwrite: true);
        }
        catch (Exception exception)
        {
            stream.Dispose();
            File.Delete(stream.Name);
            if (exception is IOException)
                throw new IOException($"{path} cannot be written: {exception.Message.Replace(stream.Name, path)}", exception);
            throw;
        }
    }

    /// <summary>
    /// Finds out now whether <see cref="Write"/> can write there later, so that a long training does not end in vain.
    /// </summary>
    /// <exception cref="IOException">It cannot; the message says why.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void EnsureWritable(string path)
    {
        // Nothing is opened here that is there already: whoever reads from a pipe would see its end.
        if (IsDevice(path))
            return;
        using FileStream stream = CreateBeside(path, out _);
        stream.Dispose();
        File.Delete(stream.Name);
    }

    /// <summary>Where a link leads to in the end, there or not; of another path, itself. Absolute.</summary>
    public static string FinalTarget(string path) => new FileInfo(path).LinkTarget is null
        ? Path.GetFullPath(path)
        : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>Whether a path is in a folder of devices.</summary>
    /// <exception cref="IOException">It is, but nothing is there.</exception>
    private static bool IsDevice(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is not ("/dev" or "/dev/fd" or "/proc/self/fd"))
            return false;
        if (!Path.Exists(path))
            throw new IOException($"{path} cannot be written: there is no such device.");
        return !Directory.Exists(path);
    }

    /// <summary>Opens a device, or returns null where the path is none.</summary>
    private static Stream? OpenDevice(string path)
    {
        if (!IsDevice(path))
            return null;
        // Opened anew, a log that the output goes to would be written over from its beginning.
        switch (Path.GetFullPath(path))
        {
            case "/dev/stdout" or "/dev/fd/1" or "/proc/self/fd/1":
                Console.Out.Flush();
                return Console.OpenStandardOutput();
            case "/dev/stderr" or "/dev/fd/2" or "/proc/self/fd/2":
                Console.Error.Flush();
                return Console.OpenStandardError();
            default:
                return new FileStream(path, FileMode.Open, FileAccess.Write);
        }
    }

    /// <summary>
    /// Opens a named pipe, which waits for its reader, or returns null where the path is none. A pipe has no length and
    /// no position; an empty file has a position.
    /// </summary>
    private static FileStream? OpenPipe(string path)
    {
        var file = new FileInfo(FinalTarget(path));
        if (!file.Exists || file.Length > 0)
            return null;
        var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Write);
        if (!stream.CanSeek)
            return stream;
        stream.Dispose();
        return null;
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
            // No buffer: on a full disk its rest would fail once more when the stream is closed, before the file is deleted.
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UnauthorizedAccessException($"{path} cannot be written: the folder {folder} is not writable.", exception);
        }
        catch (IOException exception)
        {
            throw new IOException($"{path} cannot be written: {exception.Message.Replace(temporary, path)}", exception);
        }
    }
}
