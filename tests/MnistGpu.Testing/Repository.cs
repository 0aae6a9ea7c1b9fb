namespace MnistGpu.Testing;

/// <summary>The folder that this was built in.</summary>
public static class Repository
{
    public static string Folder { get; } = Find();

    private static string Find()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MnistGpu.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no MnistGpu.sln above the tests");
        return folder;
    }
}
