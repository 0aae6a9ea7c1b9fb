using System.Text.RegularExpressions;
using MnistGpu.Core.Files;

namespace MnistGpu.Core.Data;

/// <summary>
/// A folder with the four files of MNIST, or of any data set in its form: images and labels to train on (train-…) and
/// to test with (t10k-…). Each may be spelled with a dot (<c>train-images.idx3-ubyte</c>) or a dash
/// (<c>train-images-idx3-ubyte</c>), and may be compressed (<c>….gz</c>). A folder above them also works if it contains no
/// second data set: torchvision keeps them in <c>MNIST/raw</c>. Instead of them, Keras' mnist.npz and Kaggle's comma-separated
/// values are read, given the file's name or the folder's.
/// </summary>
public static partial class MnistFolder
{
    private const string Raw = "raw";

    /// <summary>The name of the data set that is MNIST itself.</summary>
    public const string Mnist = "MNIST";

    /// <summary>Reads the four files of a folder, or what replaces them.</summary>
    /// <returns>The images. The name is <see cref="Mnist"/> if they and their labels are MNIST's, otherwise the folder's.</returns>
    /// <exception cref="IncompleteMnistException">
    /// The folder or a file in it is missing, or a file is damaged, and no other data set is there: <see cref="MnistDownload"/>
    /// would complete it.
    /// </exception>
    /// <exception cref="FileNotFoundException">A file is missing, and something else is there.</exception>
    /// <exception cref="IOException">The folder is a file, or a file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged or of another kind, the numbers of images and labels differ, or there are none.
    /// </exception>
    public static MnistDataset Load(string folder)
    {
        if (InPlaceOfTheFour(folder) is DatasetFile file)
        {
            (ImageSet forTraining, ImageSet forTesting) = file.Load();
            return new MnistDataset(NameOf(file, IsMnist(forTraining, forTesting)), forTraining, forTesting);
        }
        string holder = HolderIn(folder);
        // Missing files are reported before any is read.
        (string trainImages, string trainLabels) = Locate(folder, holder, MnistFile.TrainImages, MnistFile.TrainLabels);
        (string testImages, string testLabels) = Locate(folder, holder, MnistFile.TestImages, MnistFile.TestLabels);
        ImageSet train = Read(holder, trainImages, trainLabels);
        ImageSet test = Read(holder, testImages, testLabels);
        return new MnistDataset(NameOf(holder, IsMnist(train, test)), train, test);
    }

    /// <summary>Reads only the test images; the training images may be missing.</summary>
    /// <inheritdoc cref="Load(string)"/>
    public static (string Name, ImageSet Test) LoadTest(string folder)
    {
        if (InPlaceOfTheFour(folder) is DatasetFile file)
        {
            ImageSet only = file.LoadTest();
            return (NameOf(file, IsMnist(only, MnistFile.TestImages, MnistFile.TestLabels)), only);
        }
        string holder = HolderIn(folder);
        (string images, string labels) = Locate(folder, holder, MnistFile.TestImages, MnistFile.TestLabels);
        ImageSet test = Read(holder, images, labels);
        return (NameOf(holder, IsMnist(test, MnistFile.TestImages, MnistFile.TestLabels)), test);
    }

    /// <summary>Writes the four files, plain, spelled with a dot; the folder is created if necessary.</summary>
    /// <exception cref="IOException">
    /// The folder already contains such files, or cannot be created or written; none of the four files is left then, nor the
    /// folder if it was created.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Save(string folder, MnistDataset dataset)
    {
        EnsureCanBeSaved(folder);
        bool isNew = !Directory.Exists(folder);
        Create(folder);
        var written = new List<string>();
        try
        {
            Write(MnistFile.TrainImages, IdxFile.WriteImages, dataset.Train);
            Write(MnistFile.TrainLabels, IdxFile.WriteLabels, dataset.Train);
            Write(MnistFile.TestImages, IdxFile.WriteImages, dataset.Test);
            Write(MnistFile.TestLabels, IdxFile.WriteLabels, dataset.Test);
        }
        catch
        {
            // Half a data set is useless, and would be in the way of the next attempt.
            written.ForEach(File.Delete);
            if (isNew)
                Directory.Delete(folder);
            throw;
        }

        void Write(MnistFile file, Action<string, ImageSet> write, ImageSet images)
        {
            string path = Path.Combine(folder, file.Name);
            write(path, images);
            written.Add(path);
        }
    }

    /// <summary>Checks whether <see cref="Save"/> can use a folder; nothing is created.</summary>
    /// <exception cref="IOException">It already contains such files, or is a file.</exception>
    public static void EnsureCanBeSaved(string folder)
    {
        // The existing files may be MNIST itself.
        if (MnistFile.All.Select(file => file.FindIn(folder)).FirstOrDefault(found => found != null) is string present)
            throw new IOException($"{present} is there already; name another folder");
        if (File.Exists(folder))
            throw new IOException($"{folder} is a file; name a folder");
    }

    /// <summary>
    /// Whether a folder has all four files, in any spelling, or what replaces them. Their content is not checked.
    /// </summary>
    public static bool HoldsDataset(string folder) => Holds(folder, MnistFile.All);

    /// <summary>The same for <see cref="LoadTest"/>, which needs only two of the files.</summary>
    public static bool HoldsTest(string folder) => Holds(folder, MnistFile.Test);

    private static bool Holds(string folder, IReadOnlyList<MnistFile> files) =>
        HoldersIn(folder).Any(holder => files.All(file => file.FindIn(holder) != null))
        || Directory.Exists(folder) && InPlaceOfTheFour(folder) is not null;

    private static DatasetFile? InPlaceOfTheFour(string path) => HoldersIn(path) is [] ? DatasetFile.Find(path) : null;

    private static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string reason = exception switch
            {
                UnauthorizedAccessException => "access is denied",
                FileNotFoundException or DirectoryNotFoundException => "there can be no folder",
                _ => exception.Message.Split(" : '")[0],
            };
            throw new IOException($"the folder {folder} cannot be made: {reason}", exception);
        }
    }

    /// <summary>The folder that contains the files: the given one, or one below it.</summary>
    private static string HolderIn(string folder)
    {
        if (File.Exists(folder))
        {
            DanglingLink.Refuse(folder);
            throw new IOException($"{folder}: {OtherForms.Of(folder)
                ?? (ArchiveName().IsMatch(folder) ? "this is an archive; unpack it, and name its folder" : "this is a file; name the folder that holds the four files")}");
        }
        if (!Directory.Exists(folder) && folder.StartsWith("~/", StringComparison.Ordinal))
            throw new DirectoryNotFoundException($"{folder}: there is no folder ~ here, and the shell left it as it is; write $HOME{folder[1..]}");
        if (!Directory.Exists(folder))
        {
            ClosedFolder.Refuse(folder);
            // The name of a file: no download belongs there.
            if (Path.GetExtension(folder) is [_, var first, ..] && char.IsLetter(first))
                throw new FileNotFoundException($"{folder}: there is no such file or folder", folder);
            throw new IncompleteMnistException($"{folder}: there is no such folder", folder);
        }
        return HoldersIn(folder) switch
        {
            [] => folder,
            [string one] => one,
            [string one, string other, ..] => throw new IOException(
                $"{folder}: there are several data sets below it; name one, such as {one} or {other}"),
        };
    }

    /// <summary>
    /// The folders with any of the four files: the given one, or else those below it, such as torchvision's MNIST/raw and
    /// FashionMNIST/raw.
    /// </summary>
    internal static string[] HoldersIn(string folder)
    {
        if (HoldsAny(folder))
            return [folder];
        if (!Directory.Exists(folder))
            return [];
        return [.. Directory.EnumerateDirectories(folder, "*", new EnumerationOptions()).Order()
            .SelectMany(below => new[] { below, Path.Combine(below, Raw) })
            .Where(HoldsAny)];

        static bool HoldsAny(string folder) => MnistFile.All.Any(file => file.FindIn(folder) != null);
    }

    /// <summary>Finds images and their labels in the folder that holds them: the one that was named, or one below it.</summary>
    private static (string Images, string Labels) Locate(string folder, string holder, MnistFile images, MnistFile labels)
    {
        string imagesPath = images.FindIn(holder) ?? throw Missing(folder, holder, images);
        string[] labelsPaths = [.. labels.FindAllIn(holder)];
        if (labelsPaths is [])
            throw Missing(folder, holder, labels);
        // A second download, "… (1).gz", is often of another data set. Its labels tell, and are quickly read.
        if (labelsPaths.Skip(1).FirstOrDefault(path => AreOtherLabels(labelsPaths[0], path)) is string other)
            throw new IOException($"{labelsPaths[0]} and {other} are of two data sets; move one of them to a folder of its own");
        return (imagesPath, labelsPaths[0]);
    }

    /// <summary>Whether both files contain labels that differ.</summary>
    private static bool AreOtherLabels(string path, string otherPath)
    {
        try
        {
            return !IdxFile.ReadLabels(path).AsSpan().SequenceEqual(IdxFile.ReadLabels(otherPath));
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return false;
        }
    }

    private static IOException Missing(string folder, string holder, MnistFile file)
    {
        const int most = 5;
        string[] entries;
        try
        {
            entries = [.. Directory.EnumerateFileSystemEntries(holder).Select(entry => Path.GetFileName(entry)).Order()];
        }
        catch (UnauthorizedAccessException exception)
        {
            return new IOException($"{folder}: this folder may not be read; check its permissions", exception);
        }
        string? withWhatIsThere = WithWhatIsThere(entries, file);
        if (withWhatIsThere is null && MnistFile.All.All(each => each.FindIn(holder) is null) && OtherForms.In(holder) is string other)
            return new FileNotFoundException($"{folder}: {other}", holder);
        string content = entries.Length == 0
            ? "the folder is empty"
            : $"there is {string.Join(", ", entries.Take(most))}{(entries.Length > most ? ", …" : "")}";
        string message = $"{folder}: there is neither {file.Name} nor {file.DashedName}, with or without .gz; {content}";
        if (withWhatIsThere is null && MnistFile.OtherSetIn(holder) is null)
            return new IncompleteMnistException(message, holder);
        return new FileNotFoundException(
            withWhatIsThere is null ? message : $"{message}; {withWhatIsThere}", Path.Combine(holder, file.Name));
    }

    /// <summary>What to do with files that contain what is missing: archives, and names that are nearly right.</summary>
    private static string? WithWhatIsThere(string[] entries, MnistFile file)
    {
        foreach (string entry in entries)
        {
            if (file.Names.Contains(entry))
                return "files in it may not be looked at; check its permissions";
            if (ArchiveName().IsMatch(entry))
                return $"unpack {entry} there";
            // EMNIST's images are not MNIST's, and are transposed.
            if (!OtherForms.IsEmnist(entry)
                && file.Names.FirstOrDefault(
                    // Windows hides ".txt".
                    name => entry.Trim().EndsWith(name, StringComparison.OrdinalIgnoreCase) || entry == name + ".txt") is string name)
                return $"rename '{entry}' to {name}";
        }
        return null;
    }

    /// <summary>Common names of archives with these files; Kaggle names them all archive.zip.</summary>
    [GeneratedRegex(@"(mnist|ubyte|archive|digit|train|test).*\.(zip|7z|tar|tgz|tar\.gz|xz|bz2|zst|rar)$", RegexOptions.IgnoreCase)]
    private static partial Regex ArchiveName();

    private static ImageSet Read(string folder, string imagesPath, string labelsPath)
    {
        try
        {
            byte[] labels = IdxFile.ReadLabels(labelsPath);
            byte[] pixels = IdxFile.ReadImages(imagesPath);
            int images = pixels.Length / ImageSet.PixelsPerImage;
            if (images != labels.Length)
                throw new InvalidDataException(
                    $"{imagesPath} has {images:N0} images, but {labelsPath} has {labels.Length:N0} labels");
            if (images == 0)
                throw new InvalidDataException($"{imagesPath}: there are no images in it");
            return new ImageSet(pixels, labels);
        }
        catch (InvalidDataException exception) when (MnistFile.OtherSetIn(folder) is null)
        {
            throw new IncompleteMnistException(exception.Message, folder, exception);
        }
    }

    private static bool IsMnist(ImageSet set, MnistFile images, MnistFile labels) =>
        Crc32C.Append(0, set.Labels) == labels.Checksum && Crc32C.Append(0, set.Pixels) == images.Checksum;

    private static bool IsMnist(ImageSet train, ImageSet test) =>
        IsMnist(train, MnistFile.TrainImages, MnistFile.TrainLabels) && IsMnist(test, MnistFile.TestImages, MnistFile.TestLabels);

    /// <summary>Files of any set may be named train.csv, so the folder's name says more.</summary>
    private static string NameOf(DatasetFile file, bool isMnist)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file.Path))!;
        return isMnist ? Mnist : NameOf(folder, isMnist: false) + (file.Remark is string remark ? $" ({remark})" : "");
    }

    private static string NameOf(string folder, bool isMnist)
    {
        if (isMnist)
            return Mnist;
        var named = new DirectoryInfo(Path.GetFullPath(folder));
        return named is { Name: Raw, Parent: { } parent } ? parent.Name : named.Name;
    }
}

/// <summary>
/// A folder or a file of MNIST is missing or damaged, and nothing is there that may be another data set:
/// <see cref="MnistDownload"/> would complete the folder.
/// </summary>
public sealed class IncompleteMnistException : IOException
{
    internal IncompleteMnistException(string message, string folder, Exception? cause = null)
        : base(message, cause) => Folder = folder;

    /// <summary>The folder to download to.</summary>
    public string Folder { get; }
}
