namespace MnistGpu.Core.Files;

/// <summary>Folders without permission to read: whatever is in them seems to be missing.</summary>
internal static class ClosedFolder
{
    /// <param name="path">A path at which nothing was found.</param>
    /// <exception cref="IOException">It is in a folder that may not be read.</exception>
    public static void Refuse(string path)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        while (folder is not null && !Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder);
        try
        {
            if (folder is not null)
                _ = Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{path} was not found: the folder {folder} may not be read; check its permissions", exception);
        }
    }
}
