namespace MnistGpu.Core.Data;

/// <summary>A data set in files other than MNIST's four: <see cref="KerasFile"/>, <see cref="CsvFiles"/>.</summary>
internal abstract class DatasetFile
{
    /// <summary>The file that was named, or found in a folder.</summary>
    public abstract string Path { get; }

    /// <summary>A remark on the set, such as where its test images come from; null if there is none.</summary>
    public virtual string? Remark => null;

    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or of another kind; the message names it.</exception>
    public abstract (ImageSet Train, ImageSet Test) Load();

    /// <summary>Reads only the test images.</summary>
    /// <inheritdoc cref="Load"/>
    public abstract ImageSet LoadTest();

    /// <summary>The data set with this file name, or in this folder or one below it; null if there is none.</summary>
    /// <exception cref="IOException">There are several.</exception>
    public static DatasetFile? Find(string path)
    {
        if (File.Exists(path))
            return KerasFile.HasItsName(path) ? new KerasFile(path) : CsvFiles.Of(path);
        if (!Directory.Exists(path))
            return null;
        // What is in the folder itself comes first.
        DatasetFile[] found = [.. In(path)];
        if (found.Length == 0)
            found = [.. Directory.EnumerateDirectories(path, "*", new EnumerationOptions()).Order().SelectMany(In)];
        return found switch
        {
            [] => null,
            [DatasetFile one] => one,
            [DatasetFile one, DatasetFile other, ..] => throw new IOException(
                $"{path}: there are several data sets in it; name one, such as {one.Path} or {other.Path}"),
        };
    }

    private static IEnumerable<DatasetFile> In(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions()).Order()];
        // Networks are saved as .npz too.
        return [.. files.Where(KerasFile.HasItsName).Where(KerasFile.HoldsImages).Select(file => new KerasFile(file)), .. CsvFiles.Among(files)];
    }
}
