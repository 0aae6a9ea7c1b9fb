using System.Text;
using System.Text.RegularExpressions;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests;

/// <summary>
/// Whatever people name in place of data, models and pictures: a person is told what it is, and nothing that only a
/// programmer understands.
/// </summary>
public sealed partial class ErrorMessageTests : IDisposable
{
    private static readonly (string Name, string Content)[] s_files =
    [
        ("empty", ""), ("text", "5,0,0\n"), ("page", "<!DOCTYPE html><p>not found"), ("pointer", "version https://git-lfs.github.com/spec/v1\n"),
        ("zip", "PK\u0003\u0004\u0014\0\0\0"), ("gzip", "\u001F\u008B\u0008\0\0\0\0\0\0\u0003"), ("png", "\u0089PNG\r\n\u001A\n\0\0\0\rIHDR"),
        ("jpeg", "\u00FF\u00D8\u00FF\u00E0"), ("npy", "\u0093NUMPY\u0001\0v\0"), ("hdf5", "\u0089HDF\r\n\u001A\n"),
        ("idx", "\0\0\u0008\u0003\0\0\0\u0001\0\0\0\u001C\0\0\0\u001C"), ("tiff", "II*\0\u0008\0\0\0"), ("webp", "RIFF\u0004\0\0\0WEBP"),
        ("pickle", "\u0080\u0002}q\0."), ("zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NoneHasATypeOfDotNetOrABareMessageOfItsLibrary()
    {
        string model = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(model, GlorotInitializer.Draw(hidden: 2, seed: 1));
        string[] paths = [.. Files(), Path.Combine(_folder.Path, "missing"), Path.Combine(_folder.Path, "missing", "too"), _folder.Path, .. Links()];

        foreach (string path in paths)
        {
            AssertPlain(path, "evaluate", "--device", "cpu", "--data", "generated", "--model", path);
            AssertPlain(path, "predict", "--model", model, path);
            AssertPlain(path, "data", "info", "--data", path);
            AssertPlain(path, "train", "--device", "cpu", "--data", path, "--output", Path.Combine(path, "model.npz"));
            AssertPlain(path, "train", "--device", "cpu", "--data", path, "--initial-model", path);
            AssertPlain(path, "evaluate", "--device", "cpu", "--model", model, "--data", DataFolderWith(path));
            AssertPlain(path, "data", "info", "--data", DataFolderWith(path));
        }
    }

    private static void AssertPlain(string path, params string[] arguments)
    {
        MnistGpuRun run = MnistGpuRun.Start(arguments);
        string message = $"mnistgpu {string.Join(' ', arguments)}: {run.Error}";

        Assert.True(run.ExitCode == 1, message);
        Assert.True(run.Error.TrimEnd().Split('\n').Length == 1, message);
        Assert.False(Unfriendly().IsMatch(run.Error.Replace(path, "")), message);
    }

    private IEnumerable<string> Files()
    {
        foreach ((string name, string content) in s_files)
        {
            string path = Path.Combine(_folder.Path, name);
            File.WriteAllBytes(path, Encoding.Latin1.GetBytes(content));
            yield return path;
        }
    }

    private IEnumerable<string> Links()
    {
        if (OperatingSystem.IsWindows())
            yield break;
        string dangling = Path.Combine(_folder.Path, "dangling"), loop = Path.Combine(_folder.Path, "loop");
        File.CreateSymbolicLink(dangling, "gone");
        File.CreateSymbolicLink(loop, "loop");
        yield return dangling;
        yield return loop;
    }

    /// <summary>A folder in which each of the four files is this one.</summary>
    private string DataFolderWith(string path)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "digits", Path.GetRandomFileName())).FullName;
        if (File.Exists(path) && new FileInfo(path).LinkTarget is null)
            foreach (string name in new[] { "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz" })
                File.Copy(path, Path.Combine(folder, name));
        return folder;
    }

    [GeneratedRegex(@"Exception|Could not find|Value cannot|Specified argument|Object reference|\bSystem\.|SixLabors|Parameter '|   at |End of Central|Arg_")]
    private static partial Regex Unfriendly();
}
