namespace MnistGpu.Core.Data;

/// <summary>A data set in other files than MNIST's four: <see cref="KerasFile"/>, <see cref="CsvFiles"/>.</summary>
internal abstract class DatasetFile
{
    /// <summary>The file that is named, or that a folder was searched for.</summary>
    public abstract string Path { get; }

    /// <summary>What is to be known of the set beside its name, such as where its test images are from; null for nothing.</summary>
    public virtual string? Remark => null;

    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or something else; the message names it.</exception>
    public abstract (ImageSet Train, ImageSet Test) Load();

    /// <summary>The images to test with alone.</summary>
    /// <inheritdoc cref="Load"/>
    public abstract ImageSet LoadTest();

    /// <summary>The one that a file is by its name, or that is in a folder or in one below it; null for none.</summary>
    /// <exception cref="IOException">There are several.</exception>
    public static DatasetFile? Find(string path)
    {
        if (File.Exists(path))
            return KerasFile.HasItsName(path) ? new KerasFile(path) : CsvFiles.Of(path);
        if (!Directory.Exists(path))
            return null;
        // What lies in the folder itself comes first.
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
