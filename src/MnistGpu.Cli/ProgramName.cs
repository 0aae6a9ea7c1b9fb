namespace MnistGpu.Cli;

/// <summary>What to type in the current folder to start this program again.</summary>
internal static class ProgramName
{
    private const string Name = "mnistgpu";

    /// <summary>Its name if the shell finds it by that, or if another program started it; otherwise its path.</summary>
    public static string InShell { get; } = Of(
        Environment.ProcessPath, Environment.GetEnvironmentVariable("PATH") ?? "", Directory.GetCurrentDirectory());

    /// <param name="process">The executable of the running process: <c>dotnet run</c> leaves it in a folder of the project.</param>
    /// <param name="searchPath">The folders in which a shell looks for programs.</param>
    /// <param name="workingDirectory">The shell's current folder.</param>
    internal static string Of(string? process, string searchPath, string workingDirectory)
    {
        if (process is null || Path.GetFileNameWithoutExtension(process) != Name
            || searchPath.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, Path.GetFileName(process)))))
            return Name;
        string relative = Path.GetRelativePath(workingDirectory, process);
        if (relative.StartsWith("..", StringComparison.Ordinal))
            return Shell.Quote(process);
        return Shell.Quote(relative.Contains(Path.DirectorySeparatorChar) ? relative : Path.Combine(".", relative));
    }
}
