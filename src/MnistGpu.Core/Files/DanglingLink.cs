namespace MnistGpu.Core.Files;

/// <summary>Links whose target is gone, as git-annex, DVC and unplugged disks leave them.</summary>
internal static class DanglingLink
{
    /// <param name="path">A path for which <see cref="File.Exists"/> is true, as it is for such a link.</param>
    /// <exception cref="FileNotFoundException">This is a link to what is not there.</exception>
    /// <exception cref="IOException">This is a link that leads back to itself.</exception>
    public static void Refuse(string path)
    {
        // A shell's <(command) and /dev/stdin are links too, to pipes, whose names are no paths.
        if (Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal))
            return;
        string target = AtomicFile.FinalTarget(path);
        if (!Path.Exists(target))
            throw new FileNotFoundException($"{path}: this is a link to {target}, which is not there", path);
    }
}
