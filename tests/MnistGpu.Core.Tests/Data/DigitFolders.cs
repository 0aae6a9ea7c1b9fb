namespace MnistGpu.Core.Tests.Data;

/// <summary>A place for a test's folders of a few digits each.</summary>
public abstract class DigitFolders : IDisposable
{
    protected static readonly string[] Names =
        ["train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"];

    private readonly TemporaryFolder _root = new();

    protected string Root => _root.Path;

    public void Dispose()
    {
        _root.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a folder with three images to train on and two to test with.</summary>
    protected string WriteDataset(string name, Func<string, string>? spell = null, bool gzip = false)
    {
        string folder = MakeFolder(name);
        byte[][] contents =
            [IdxContent.Images(3), IdxContent.Labels(5, 0, 4), IdxContent.Images(2), IdxContent.Labels(7, 2)];
        foreach ((string file, byte[] content) in Names.Zip(contents))
            File.WriteAllBytes(
                Path.Combine(folder, spell?.Invoke(file) ?? file), gzip ? IdxContent.Gzip(content) : content);
        return folder;
    }

    protected string MakeFolder(params string[] path) =>
        Directory.CreateDirectory(Path.Combine([Root, .. path])).FullName;
}
