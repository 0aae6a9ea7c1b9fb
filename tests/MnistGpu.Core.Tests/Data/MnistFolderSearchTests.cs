using MnistGpu.Core.Data;

namespace MnistGpu.Core.Tests.Data;

/// <summary>Where a data set is looked for when none is named.</summary>
public sealed class MnistFolderSearchTests : DigitFolders
{
    [Fact]
    public void TheEnvironmentVariableComesFirstEvenWithoutTheFiles()
    {
        string work = Path.GetDirectoryName(WriteDataset("mnist_data"))!;

        Assert.Equal("elsewhere", Find("elsewhere", work, work));
        Assert.Equal("elsewhere", MnistFolder.DownloadTarget("elsewhere", work, work));
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
        Assert.Equal(besideSolution, MnistFolder.DownloadTarget(null, work, program));
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
        Assert.Equal(besideSolution, MnistFolder.DownloadTarget(null, work, program));
    }

    [Fact]
    public void WhereNothingHasTheFilesNothingIsFound()
    {
        File.Delete(Path.Combine(WriteDataset("mnist_data"), Names[2]));

        Assert.Null(Find(null, Root, Root));
        Assert.Equal(
            Path.Combine(Root, "mnist_data"), MnistFolder.DownloadTarget(null, Root, Root));
    }

    [Fact]
    public void ForATestTwoOfTheFilesWillDo()
    {
        string folder = WriteDataset("mnist_data");
        File.Delete(Path.Combine(folder, Names[0]));

        Assert.Null(Find(null, Root, Root));
        Assert.Equal(folder, MnistFolder.Find(MnistFile.Test, null, Root, Root));
    }

    private static string? Find(string? named, string workingDirectory, string programDirectory) =>
        MnistFolder.Find(MnistFile.All, named, workingDirectory, programDirectory);
}
