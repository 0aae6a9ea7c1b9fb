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

    /// <summary>A file whose name does not tell what it is, and a set of a few images only.</summary>
    [Theory]
    [InlineData("mnist.scale", "5 153:0.011765 154:0.070588 155:0.070588 \n0 128:0.2\n",
        "this is a LIBSVM file; load it with sklearn.datasets.load_svmlight_file in Python and save the arrays with numpy.savez(")]
    [InlineData("mnist.db", "SQLite format 3\0", "this is an SQLite database; load it with pandas.read_sql in Python and save the arrays with numpy.savez(")]
    [InlineData("train.tsv", "5\t0", "this is a file of tab-separated values; load it with pandas.read_table in Python and save the arrays with numpy.savez(")]
    [InlineData("digits.json", """{"label": 5, "image": [{ROW}, {ROW}]}""", "this is a JSON file; load it with json.load in Python and save the arrays with numpy.savez(")]
    [InlineData("digits.json", """[{"label": 5, "image": [[{ROW}], [{ROW}]]}]""", "this is a JSON file; load it with json.load in Python and save the arrays with numpy.savez(")]
    public void AFileWithoutAKnownNameIsCalledWhatItIs(string name, string content, string problem)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, name);
        File.WriteAllText(file, content.Replace("{ROW}", string.Join(", ", Enumerable.Repeat("0.5", 400))));

        MnistGpuRun named = MnistGpuRun.Start("data", "info", "--data", file);
        MnistGpuRun found = MnistGpuRun.Start("data", "info", "--data", folder.Path);

        Assert.Equal((1, 1), (named.ExitCode, found.ExitCode));
        Assert.StartsWith($"mnistgpu: {file}: {problem}", named.Error);
        Assert.StartsWith($"mnistgpu: {folder.Path}: {name}: {problem}", found.Error);
        Assert.DoesNotContain("fetch", named.Error + found.Error);
    }

    /// <summary>What train --metrics writes, and what Hugging Face keeps beside the images.</summary>
    [Fact]
    public void AJsonFileWithoutPixelsIsNoDataSet()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "dataset_info.json");
        File.WriteAllText(file, """{"features": {"image": {}}, "splits": [1, 2, 3]}""");

        MnistGpuRun named = MnistGpuRun.Start("data", "info", "--data", file);
        MnistGpuRun found = MnistGpuRun.Start("data", "info", "--data", folder.Path);

        Assert.Equal($"mnistgpu: {file}: this is a JSON file without pixels; name the file or folder that has them", named.Error.TrimEnd());
        Assert.Contains("there is dataset_info.json; ", found.Error);
    }
}
