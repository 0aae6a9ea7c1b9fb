using MnistGpu.Cli.Data;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Cli.Tests.Data;

/// <summary>Where a data set is looked for when none is named.</summary>
public sealed class MnistLocatorTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    private string Root => _root.Path;

    [Fact]
    public void TheEnvironmentVariableComesFirstEvenWithoutTheFiles()
    {
        string work = Path.GetDirectoryName(WriteDataset("mnist_data"))!;

        Assert.Equal("elsewhere", Find("elsewhere", work, work));
        Assert.Equal("elsewhere", MnistLocator.DownloadTarget("elsewhere", work, work));
        Assert.Equal(Path.Combine(work, "mnist_data"), Find("", work, work));
    }

    [Fact]
    public void TheWorkingDirectoryIsSearchedBeforeTheSolution()
    {
        string besideSolution = WriteDataset("mnist_data");
        File.WriteAllText(Path.Combine(Root, "MnistGpu.sln"), "");
        string work = MakeFolder("a", "b");
        string program = MakeFolder("bin");

        Assert.Equal(besideSolution, Find(null, work, program));
        string inWork = WriteDataset(Path.Combine("a", "b", "mnist_data"));
        Assert.Equal(inWork, Find(null, work, program));
        Assert.Equal(besideSolution, MnistLocator.DownloadTarget(null, work, program));
    }

    [Fact]
    public void TheNearestSolutionAboveIsTaken()
    {
        WriteDataset("mnist_data");
        File.WriteAllText(Path.Combine(Root, "MnistGpu.sln"), "");
        string inner = WriteDataset(Path.Combine("inner", "mnist_data"));
        File.WriteAllText(Path.Combine(Root, "inner", "MnistGpu.sln"), "");

        Assert.Equal(inner, Find(null, MakeFolder("inner", "src"), MakeFolder("bin")));
    }

    [Fact]
    public void TheSolutionAboveTheProgramIsSearchedToo()
    {
        string besideSolution = WriteDataset(Path.Combine("solution", "mnist_data"));
        File.WriteAllText(Path.Combine(Root, "solution", "MnistGpu.sln"), "");
        string work = MakeFolder("work");
        string program = MakeFolder("solution", "src", "bin");

        Assert.Equal(besideSolution, Find(null, work, program));
        Assert.Equal(besideSolution, MnistLocator.DownloadTarget(null, work, program));
    }

    [Fact]
    public void WhereNothingHasTheFilesNothingIsFound()
    {
        File.Delete(Path.Combine(WriteDataset("mnist_data"), "t10k-images.idx3-ubyte"));

        Assert.Null(Find(null, Root, Root));
        Assert.Equal(
            Path.Combine(Root, "mnist_data"), MnistLocator.DownloadTarget(null, Root, Root));
    }

    [Fact]
    public void ForATestTwoOfTheFilesWillDo()
    {
        string folder = WriteDataset("mnist_data");
        File.Delete(Path.Combine(folder, "train-images.idx3-ubyte"));

        Assert.Null(Find(null, Root, Root));
        Assert.Equal(folder, MnistLocator.Find(MnistFolder.HoldsTest, null, Root, Root));
    }

    [Fact]
    public void TheCommandThatDownloadsNamesAFolderOnlyWhereItHasTo()
    {
        Assert.Equal("`mnistgpu data fetch`", MnistLocator.FetchCommand(MnistLocator.DownloadTarget()));
        Assert.Equal($"`mnistgpu data fetch --data {Shell.Quote("my digits")}`", MnistLocator.FetchCommand("my digits"));
    }

    [Fact]
    public void ADownloadIsAdvisedWhereItWouldHelp()
    {
        string missing = Path.Combine(Root, "nowhere");
        string other = Path.Combine(WriteDataset("other"), "train-labels.idx1-ubyte");

        Assert.Equal($"; `mnistgpu data fetch --data {missing}` downloads MNIST", AdviceAbout(missing, named: null));
        Assert.Equal($"; `mnistgpu data fetch --data {missing}` downloads MNIST (the environment variable MNIST_DATA names this folder)",
            AdviceAbout(missing, named: missing));
        Assert.Equal("", AdviceAbout(other, named: null));
        Assert.Equal(" (the environment variable MNIST_DATA names this folder)", AdviceAbout(other, named: other));

        static string AdviceAbout(string folder, string? named) =>
            MnistLocator.Advice(folder, Assert.ThrowsAny<IOException>(() => MnistFolder.Load(folder)), named);
    }

    public void Dispose() => _root.Dispose();

    private static string? Find(string? named, string workingDirectory, string programDirectory) =>
        MnistLocator.Find(MnistFolder.HoldsDataset, named, workingDirectory, programDirectory);

    private string WriteDataset(string name)
    {
        string folder = Path.Combine(Root, name);
        MnistFolder.Save(folder, GeneratedDigits.Draw(seed: 1, train: 3, test: 2));
        return folder;
    }

    private string MakeFolder(params string[] path) => Directory.CreateDirectory(Path.Combine([Root, .. path])).FullName;
}
