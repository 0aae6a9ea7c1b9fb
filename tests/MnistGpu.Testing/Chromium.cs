namespace MnistGpu.Testing;

/// <summary>The system's Chromium, to show pages in.</summary>
public static class Chromium
{
    /// <summary>The shell first: it opens no windows, which take longer than the pages do.</summary>
    private static readonly string[] s_names = ["chromium-headless-shell", "chromium", "google-chrome"];

    /// <summary>Where it is; null if there is none on the PATH.</summary>
    public static string? Find()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return s_names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}
