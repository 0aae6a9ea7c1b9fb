using MnistGpu.Core.Data;

namespace MnistGpu.Cli.Data;

/// <summary>Where MNIST is looked for if no folder is named.</summary>
internal static class MnistLocator
{
    private const string FolderName = "mnist_data";
    private const string SolutionFile = "MnistGpu.sln";
    private const string Variable = "MNIST_DATA";

    private static string? NamedFolder => Environment.GetEnvironmentVariable(Variable);

    /// <summary>Whether the environment variable <c>MNIST_DATA</c> names the folder to read.</summary>
    public static bool IsNamedByVariable => !string.IsNullOrEmpty(NamedFolder);

    /// <summary>
    /// The folder to read if none is named: the environment variable <c>MNIST_DATA</c> if set, whatever is there; otherwise
    /// the first of these that has the four files: mnist_data in the working directory, mnist_data next to MnistGpu.sln in
    /// the nearest folder above the working directory, and the same above the program itself.
    /// </summary>
    /// <returns>The folder, or null if none has the files.</returns>
    public static string? Find() =>
        Find(MnistFolder.HoldsDataset, NamedFolder, Directory.GetCurrentDirectory(), AppContext.BaseDirectory);

    /// <summary>The same for a folder to test with, which needs only two of the files.</summary>
    public static string? FindTest() =>
        Find(MnistFolder.HoldsTest, NamedFolder, Directory.GetCurrentDirectory(), AppContext.BaseDirectory);

    /// <summary>
    /// The folder to download to if none is named: the environment variable <c>MNIST_DATA</c> if set, otherwise mnist_data
    /// next to MnistGpu.sln, or without that in the working directory. <see cref="Find()"/> looks there. It need not exist
    /// yet.
    /// </summary>
    public static string DownloadTarget() =>
        DownloadTarget(NamedFolder, Directory.GetCurrentDirectory(), AppContext.BaseDirectory);

    /// <summary>The command that downloads MNIST to a folder, in backquotes.</summary>
    public static string FetchCommand(string folder) =>
        Path.GetFullPath(folder) == Path.GetFullPath(DownloadTarget())
            ? "`mnistgpu data fetch`"
            : $"`mnistgpu data fetch --data {Shell.Quote(folder)}`";

    /// <summary>What to add to the message about a folder that could not be read; empty if there is nothing to add.</summary>
    public static string Advice(string folder, Exception failure) => Advice(folder, failure, NamedFolder);

    internal static string Advice(string folder, Exception failure, string? named) =>
        (failure is IncompleteMnistException incomplete ? $"; {FetchCommand(incomplete.Folder)} downloads MNIST" : "")
        + (folder == named ? $" (the environment variable {Variable} names this folder)" : "");

    internal static string? Find(Predicate<string> holds, string? named, string workingDirectory, string programDirectory)
    {
        if (!string.IsNullOrEmpty(named))
            return named;
        string?[] candidates =
        [
            Path.Combine(workingDirectory, FolderName),
            BesideSolution(workingDirectory),
            BesideSolution(programDirectory),
        ];
        return candidates.FirstOrDefault(folder => folder != null && holds(folder));
    }

    internal static string DownloadTarget(string? named, string workingDirectory, string programDirectory) =>
        string.IsNullOrEmpty(named)
            ? BesideSolution(workingDirectory) ?? BesideSolution(programDirectory) ??
                Path.Combine(workingDirectory, FolderName)
            : named;

    private static string? BesideSolution(string start)
    {
        for (DirectoryInfo? folder = new(start); folder != null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, SolutionFile)))
                return Path.Combine(folder.FullName, FolderName);
        return null;
    }
}
