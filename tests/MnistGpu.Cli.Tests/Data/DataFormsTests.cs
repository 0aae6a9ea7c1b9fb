using System.IO.Compression;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Tests.Data;

/// <summary>Data sets in the forms that people have them in: tests/cases/other-forms.</summary>
public class DataFormsTests
{
    private static string Case(string name) => Path.Combine([Repository.Folder, "tests", "cases", "other-forms", .. name.Split('/')]);

    [Theory]
    [InlineData("keras", "keras", 40, 20)]
    [InlineData("keras/mnist.npz", "keras", 40, 20)]
    [InlineData("kaggle", "kaggle (tested on the last seventh of train.csv)", 35, 5)]
    [InlineData("kaggle/train.csv", "kaggle (tested on the last seventh of train.csv)", 35, 5)]
    [InlineData("kaggle/test.csv", "kaggle (tested on the last seventh of train.csv)", 35, 5)]
    public void KerasAndKagglesFilesAreReadByTheirNamesAndTheirFolders(string data, string name, int train, int test)
    {
        MnistGpuRun info = MnistGpuRun.Succeed("data", "info", "--data", Case(data));
        MnistGpuRun trained = MnistGpuRun.Succeed("train", "--device", "cpu", "--hidden", "4", "--epochs", "1", "--data", Case(data));

        Assert.StartsWith($"{name}, in {Case(data)}", info.Output);
        Assert.Matches($@"images\s+│\s+{train} │\s+{test} │", info.Output);
        Assert.StartsWith($"data      {name}: {train} images to train on, {test} to test with", trained.Output);
    }

    /// <summary>One way to have what is read is said, and no second set is offered.</summary>
    [Theory]
    [InlineData("hf", "train-00000-of-00001.parquet: this is a Parquet file; load it with pandas.read_parquet in Python and save the arrays with numpy.savez(")]
    [InlineData("hf/train-00000-of-00001.parquet", "this is a Parquet file; load it with pandas.read_parquet in Python and save the arrays with numpy.savez(")]
    [InlineData("png-tree", "test/0/55.png: this is a picture; load all of them with PIL.Image.open in Python and save the arrays with numpy.savez(")]
    [InlineData("emnist-names", "emnist-digits-test-images-idx3-ubyte: this is EMNIST's, whose images lie on their side; turn them with")]
    [InlineData("emnist-names/emnist-digits-train-images-idx3-ubyte", "this is EMNIST's, whose images lie on their side; turn them with")]
    public void OtherFormsAreCalledWhatTheyAre(string data, string problem)
    {
        foreach (string[] command in (string[][])[["data", "info"], ["train"]])
        {
            MnistGpuRun run = MnistGpuRun.Start([.. command, "--data", Case(data)]);

            Assert.Equal((1, ""), (run.ExitCode, run.Output));
            Assert.StartsWith($"mnistgpu: {Case(data)}: {problem.Replace('/', Path.DirectorySeparatorChar)}", run.Error);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
            Assert.DoesNotContain("fetch", run.Error);
        }
    }

    /// <summary>Such as numpy.savez(file, images=…, labels=…) writes; a network beside it is none.</summary>
    [Fact]
    public void ANumPyArchiveWithOtherNamesIsToldWhichAreRead()
    {
        using var folder = new TemporaryFolder();
        using (ZipArchive archive = ZipFile.Open(Path.Combine(folder.Path, "mnist.npz"), ZipArchiveMode.Create))
            archive.CreateEntry("images.npy").Open().Dispose();
        ModelFile.Save(Path.Combine(folder.Path, "model.npz"), GlorotInitializer.Draw(hidden: 3, seed: 1));

        MnistGpuRun run = MnistGpuRun.Start("data", "info", "--data", folder.Path);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"mnistgpu: {folder.Path}: mnist.npz: this is a NumPy archive without x_train, y_train, x_test and y_test; load it with numpy.load", run.Error);
        File.Delete(Path.Combine(folder.Path, "mnist.npz"));
        Assert.Contains("downloads MNIST", MnistGpuRun.Start("data", "info", "--data", folder.Path).Error);
    }
}
