namespace MnistGpu;

/// <summary>
/// Writes a file whole or not at all: beside its place under a temporary name, then renamed. A device such as
/// /dev/stdout is written to as it is: a rename would put a file in its place, for everybody.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file; one that is there already is replaced when all is written.</summary>
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
        if (IsDevice(path))
        {
            using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
            await write(device).ConfigureAwait(false);
            return;
        }
        using FileStream stream = CreateBeside(path);
        try
        {
            await write(stream).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
            stream.Dispose();
            File.Move(stream.Name, path, overwrite: true);
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
        if (IsDevice(path))
            return;
        using FileStream stream = CreateBeside(path);
        stream.Dispose();
        File.Delete(stream.Name);
    }

    private static bool IsDevice(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) is "/dev" or "/dev/fd";

    private static FileStream CreateBeside(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"{path} is a folder; name a file.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{path} cannot be written: the folder {folder} does not exist.");
        string temporary = $"{Path.GetFullPath(path)}.{Path.GetRandomFileName()}";
        try
        {
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
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
