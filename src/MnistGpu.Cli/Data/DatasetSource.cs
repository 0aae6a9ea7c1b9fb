using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Cli.Data;

/// <summary>Finds the images that <c>--data</c> means.</summary>
internal static class DatasetSource
{
    /// <summary>The value of <c>--data</c> that means MNIST or an error.</summary>
    public const string Mnist = "mnist";

    /// <summary>The value of <c>--data</c> that means the drawn digits.</summary>
    public const string Generated = "generated";

    /// <summary>The seed of the drawn digits: one set for every command, so that a test image stays the same.</summary>
    public const int GeneratedSeed = 1;

    /// <summary>
    /// Loads a folder, MNIST or the drawn digits. If no data is named and MNIST is missing, it is downloaded; without a
    /// network the drawn digits take its place, with a warning.
    /// </summary>
    /// <param name="data">
    /// The value of <c>--data</c>: a folder, <see cref="Mnist"/>, <see cref="Generated"/>, or null if not given.
    /// </param>
    /// <param name="terminal">Where a download and a replacement of MNIST are reported.</param>
    /// <param name="fetch">Downloads MNIST to a folder; null for <see cref="MnistFetcher.Fetch"/>.</param>
    /// <exception cref="IOException">The files cannot be read, or a folder has the name of a keyword.</exception>
    /// <exception cref="HttpRequestException">MNIST was asked for and cannot be downloaded.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or MNIST was asked for and the data is not MNIST.</exception>
    public static MnistDataset Load(string? data, Terminal terminal, Action<string, Terminal>? fetch = null)
    {
        string? folder = FolderOf(data, MnistLocator.Find, terminal, fetch);
        MnistDataset dataset = Load(folder, MnistFolder.Load, () => Draw(train: 60_000, terminal));
        RefuseOtherThanMnist(data, dataset.Name, folder);
        return dataset;
    }

    /// <summary>Like <see cref="Load"/>, but only the test images; the training images may be missing.</summary>
    public static (string Name, ImageSet Test) LoadTest(
        string? data, Terminal terminal, Action<string, Terminal>? fetch = null)
    {
        string? folder = FolderOf(data, MnistLocator.FindTest, terminal, fetch);
        (string name, ImageSet test) = Load(
            folder, MnistFolder.LoadTest, () => (GeneratedDigits.Name, Draw(train: 0, terminal).Test));
        RefuseOtherThanMnist(data, name, folder);
        return (name, test);
    }

    /// <summary>Rejects a keyword that is also the name of a folder with a data set: either may be meant.</summary>
    public static void RefuseAmbiguous(string? data)
    {
        if (data is Mnist or Generated && MnistFolder.HoldsDataset(data))
            throw new IOException($"--data {data} may mean the folder of that name, which holds a data set: "
                + $"write --data ./{data} for the folder, or rename it");
    }

    /// <summary>The value with which a later <c>--data</c> finds the same images, from any working directory.</summary>
    /// <param name="data">The value of <c>--data</c>, or null.</param>
    /// <param name="dataset">What it found.</param>
    public static string Found(string? data, MnistDataset dataset)
    {
        if (dataset.Name == GeneratedDigits.Name && data is null or Generated)
            return Generated;
        return (data is null or Mnist ? MnistLocator.Find() : data) is string folder ? Path.GetFullPath(folder) : Mnist;
    }

    /// <summary>The same value of <c>--data</c>, or null if it is a folder or file that no longer exists.</summary>
    public static string? Existing(string? data) => data is Mnist or Generated || Path.Exists(data) ? data : null;

    /// <summary>What to write after <c>--data</c> for a folder: one named like a keyword needs its path.</summary>
    public static string OptionValue(string folder) => folder is Mnist or Generated ? $"./{folder}" : folder;

    /// <summary>The folder to read, after a download if needed; null for the drawn digits.</summary>
    private static string? FolderOf(
        string? data, Func<string?> find, Terminal terminal, Action<string, Terminal>? fetch)
    {
        RefuseAmbiguous(data);
        if (data is Generated)
            return null;
        if (data is not (null or Mnist))
            return data;
        if (find() is string found)
            return found;
        string folder = MnistLocator.DownloadTarget();
        try
        {
            (fetch ?? MnistFetcher.Fetch)(folder, terminal);
            return folder;
        }
        catch (Exception exception) when (data is null
            && exception is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            terminal.WriteError($"warning: {exception.Message}");
            terminal.WriteError("warning: using digits drawn by the program, not MNIST; accuracies cannot be compared with MNIST's");
            return null;
        }
    }

    private static T Load<T>(string? folder, Func<string, T> read, Func<T> draw)
    {
        if (folder is null)
            return OutOfMemory.Explain("the drawn digits", "name a smaller set with --data", draw);
        try
        {
            return OutOfMemory.Explain($"the images in {folder}", "name a smaller set with --data", () => read(folder));
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException
            && MnistLocator.Advice(folder, exception) is { Length: > 0 } advice)
        {
            throw new IOException(exception.Message + advice, exception);
        }
    }

    private static MnistDataset Draw(int train, Terminal terminal) =>
        GeneratedDigits.Draw(GeneratedSeed, train, cancellationToken: terminal.Cancellation);

    private static void RefuseOtherThanMnist(string? data, string name, string? folder)
    {
        if (data is Mnist && name != MnistFolder.Mnist)
            throw new InvalidDataException($"{folder}: this data set is not MNIST; leave out --data mnist to use it");
    }
}
