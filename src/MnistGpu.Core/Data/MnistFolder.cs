namespace MnistGpu.Core.Data;

/// <summary>
/// A folder with the four files of MNIST, or of any data set in its form: images and labels to train on (train-…) and
/// to test with (t10k-…). Each may be spelled with a dot (<c>train-images.idx3-ubyte</c>) or a dash
/// (<c>train-images-idx3-ubyte</c>), and may be compressed (<c>….gz</c>).
/// </summary>
public static class MnistFolder
{
    private const string FolderName = "mnist_data";
    private const string SolutionFile = "MnistGpu.sln";
    private const string Variable = "MNIST_DATA";

    private static string? NamedFolder => Environment.GetEnvironmentVariable(Variable);

    /// <summary>The name of the data set that is MNIST itself.</summary>
    public const string Mnist = "MNIST";

    /// <summary>Reads the four files of a folder.</summary>
    /// <returns>
    /// The images. The name is <see cref="Mnist"/> when the SHA-256 of both label files is MNIST's (hashing the
    /// images too would take longer than reading them), otherwise the folder's own.
    /// </returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="IOException">The folder is a file, or a file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, or images and labels disagree in number, or there are none; the message names the file.
    /// </exception>
    public static MnistDataset Load(string folder) => Load(folder, NamedFolder);

    /// <param name="folder">The folder.</param>
    /// <param name="named">The value of MNIST_DATA: messages about that folder say where its name comes from.</param>
    internal static MnistDataset Load(string folder, string? named)
    {
        string place = folder == named ? $"{folder} (from the environment variable {Variable})" : folder;
        if (File.Exists(folder))
            throw new IOException($"{place}: this is a file; name the folder that holds the four files");
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{place}: there is no such folder; {FetchCommand(folder)} downloads MNIST");
        // Missing files are reported before any is read.
        string trainImages = Locate(folder, place, MnistFile.TrainImages);
        string trainLabels = Locate(folder, place, MnistFile.TrainLabels);
        string testImages = Locate(folder, place, MnistFile.TestImages);
        string testLabels = Locate(folder, place, MnistFile.TestLabels);

        ImageSet train;
        ImageSet test;
        try
        {
            train = Read(trainImages, trainLabels);
            test = Read(testImages, testLabels);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{exception.Message}; {FetchCommand(folder)} downloads MNIST anew", exception);
        }
        bool isMnist = MnistFile.TrainLabels.IsContentOf(trainLabels) && MnistFile.TestLabels.IsContentOf(testLabels);
        string name = isMnist ? Mnist : new DirectoryInfo(Path.GetFullPath(folder)).Name;
        return new MnistDataset(name, train, test);
    }

    /// <summary>Writes the four files, plain, in the spelling with a dot; the folder is made if need be.</summary>
    /// <exception cref="IOException">
    /// The folder holds such files already, or cannot be made or written; none of the four files is left then, nor the
    /// folder if it was made.
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
            // Half a data set is of no use, and would be in the way of the next try.
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

    /// <summary>Finds out now whether a folder is one that <see cref="Save"/> takes; nothing is made.</summary>
    /// <exception cref="IOException">It holds such files already, or is a file.</exception>
    public static void EnsureCanBeSaved(string folder)
    {
        // What is there may be MNIST itself.
        if (MnistFile.All.Select(file => file.FindIn(folder)).FirstOrDefault(found => found != null) is string present)
            throw new IOException($"{present} is there already; name another folder");
        if (File.Exists(folder))
            throw new IOException($"{folder} is a file; name a folder");
    }

    /// <summary>Whether a folder has all four files, in any spelling. What is in them is not looked at.</summary>
    public static bool HoldsDataset(string folder) => MnistFile.All.All(file => file.FindIn(folder) != null);

    /// <summary>
    /// The folder to read when none is named: the environment variable <c>MNIST_DATA</c> if it is set, whatever is
    /// there; otherwise the first of these that has the four files: mnist_data in the working directory, mnist_data
    /// beside MnistGpu.sln in the nearest folder above the working directory, and likewise above the program itself.
    /// </summary>
    /// <returns>The folder, or null where none has the files.</returns>
    public static string? Find() => Find(NamedFolder, Directory.GetCurrentDirectory(), AppContext.BaseDirectory);

    /// <summary>
    /// The folder to download to when none is named: the environment variable <c>MNIST_DATA</c> if it is set,
    /// otherwise mnist_data beside MnistGpu.sln, and without that in the working directory. <see cref="Find()"/> looks
    /// there. It need not exist yet.
    /// </summary>
    public static string DownloadTarget() =>
        DownloadTarget(NamedFolder, Directory.GetCurrentDirectory(), AppContext.BaseDirectory);

    /// <summary>The command that downloads MNIST to a folder, in backquotes.</summary>
    public static string FetchCommand(string folder)
    {
        if (Path.GetFullPath(folder) == Path.GetFullPath(DownloadTarget()))
            return "`mnistgpu data fetch`";
        return folder.Any(char.IsWhiteSpace)
            ? $"`mnistgpu data fetch --data \"{folder}\"`"
            : $"`mnistgpu data fetch --data {folder}`";
    }

    internal static string? Find(string? named, string workingDirectory, string programDirectory)
    {
        if (!string.IsNullOrEmpty(named))
            return named;
        string?[] candidates =
        [
            Path.Combine(workingDirectory, FolderName),
            BesideSolution(workingDirectory),
            BesideSolution(programDirectory),
        ];
        return candidates.FirstOrDefault(folder => folder != null && HoldsDataset(folder));
    }

    internal static string DownloadTarget(string? named, string workingDirectory, string programDirectory) =>
        string.IsNullOrEmpty(named)
            ? BesideSolution(workingDirectory) ?? BesideSolution(programDirectory) ??
                Path.Combine(workingDirectory, FolderName)
            : named;

    private static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the folder {folder} cannot be made: {exception.Message}", exception);
        }
    }

    private static string? BesideSolution(string start)
    {
        for (DirectoryInfo? folder = new(start); folder != null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, SolutionFile)))
                return Path.Combine(folder.FullName, FolderName);
        return null;
    }

    private static string Locate(string folder, string place, MnistFile file) =>
        file.FindIn(folder) ?? throw new FileNotFoundException(
            $"{place}: there is neither {file.Name} nor {file.DashedName}, with or without .gz; "
            + $"{FetchCommand(folder)} downloads MNIST",
            Path.Combine(folder, file.Name));

    private static ImageSet Read(string imagesPath, string labelsPath)
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
}
