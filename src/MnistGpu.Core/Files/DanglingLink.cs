namespace MnistGpu.Core.Files;

/// <summary>Links whose target is missing, as git-annex, DVC and unplugged disks leave them.</summary>
internal static class DanglingLink
{
    /// <param name="path">A path for which <see cref="File.Exists"/> is true, as it is for such a link.</param>
    /// <exception cref="FileNotFoundException">It is a link whose target does not exist.</exception>
    /// <exception cref="IOException">It is a link that leads back to itself.</exception>
    public static void Refuse(string path)
    {
        // A shell's <(command) and /dev/stdin are links too, to pipes, whose names are not paths.
        if (Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal))
            return;
        string target = AtomicFile.FinalTarget(path);
        if (!Path.Exists(target))
            throw new FileNotFoundException($"{path}: this is a link to {target}, which does not exist", path);
    }
}
