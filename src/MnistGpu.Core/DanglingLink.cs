namespace MnistGpu.Core;

/// <summary>Links whose target is gone, as git-annex, DVC and unplugged disks leave them, or that lead to themselves.</summary>
internal static class DanglingLink
{
    /// <param name="path">A path for which <see cref="File.Exists"/> is true, as it is for such a link.</param>
    /// <exception cref="FileNotFoundException">This is a link to what is not there.</exception>
    public static void Refuse(string path)
    {
        // A shell's <(command) and /dev/stdin are links too, to pipes, whose names are no paths.
        if (Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal))
            return;
        FileSystemInfo? target;
        try
        {
            target = File.ResolveLinkTarget(path, returnFinalTarget: true);
        }
        catch (IOException exception)
        {
            throw new FileNotFoundException($"{path}: this is a link that leads back to itself", path, exception);
        }
        if (target is not null && !Path.Exists(target.FullName))
            throw new FileNotFoundException($"{path}: this is a link to {target.FullName}, which is not there", path);
    }
}
