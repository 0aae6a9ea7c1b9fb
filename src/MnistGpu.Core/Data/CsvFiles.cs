using System.Text.RegularExpressions;

namespace MnistGpu.Core.Data;

/// <summary>
/// A data set as comma-separated values, as on Kaggle and OpenML: a training and a test file, whose names end with "train" and
/// "test" (<c>train.csv</c>, <c>mnist_test.csv</c>), or a single file. If the test file is missing or has no labels, as in
/// Kaggle's Digit Recognizer, the last seventh of the other one is used for testing: the same proportion as in MNIST's 70,000
/// images, and in OpenML's single file the same images.
/// </summary>
internal sealed partial class CsvFiles : DatasetFile
{
    private const int TestPart = 7;

    private readonly string? _train;
    private readonly string? _test;
    private readonly Lazy<bool> _isTestLabelled;

    private CsvFiles(string? train, string? test)
    {
        (_train, _test) = (train, test);
        _isTestLabelled = new Lazy<bool>(() => test is not null && CsvFile.HasLabels(test));
    }

    public override string Path => _train ?? _test!;

    public override string? Remark => _isTestLabelled.Value ? null : $"tested on the last seventh of {System.IO.Path.GetFileName(_train)}";

    /// <summary>The set that a file belongs to, with its other half if that is in the same folder; null if it is not named like a CSV file.</summary>
    public static CsvFiles? Of(string path)
    {
        if (!IsReadable(path))
            return null;
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        IEnumerable<string> beside = Directory.EnumerateFiles(folder, "*", new EnumerationOptions())
            .Select(file => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, System.IO.Path.GetFileName(file)));
        return Pairs([path, .. beside.Order()]).FirstOrDefault(pair => pair._train == path || pair._test == path) ?? new CsvFiles(path, null);
    }

    /// <summary>The sets among the files of a folder; if none is named for training or testing, the only CSV file.</summary>
    public static IEnumerable<CsvFiles> Among(string[] files)
    {
        CsvFiles[] pairs = [.. Pairs(files)];
        return pairs.Length > 0 ? pairs
            : files.Where(IsReadable).ToArray() is [string only] ? [new CsvFiles(only, null)]
            : [];
    }

    public override (ImageSet Train, ImageSet Test) Load()
    {
        if (_train is null)
            throw new FileNotFoundException($"{_test}: there is nothing to train on beside it, such as train.csv", _test);
        ImageSet images = CsvFile.Read(_train);
        return _isTestLabelled.Value ? (images, CsvFile.Read(_test!)) : Split(images);
    }

    public override ImageSet LoadTest() => _isTestLabelled.Value ? CsvFile.Read(_test!)
        : _train is null ? throw new InvalidDataException($"{_test}: it has no labels to test with")
        : Split(CsvFile.Read(_train)).Test;

    private (ImageSet Train, ImageSet Test) Split(ImageSet images)
    {
        int train = images.Count - images.Count / TestPart;
        if (train == images.Count)
            throw new InvalidDataException($"{_train}: {images.Count:N0} images are too few to keep a seventh of them for testing");
        return (images.Take(train), images.From(train));
    }

    private static bool IsReadable(string file) => IsCsv().IsMatch(file) && !OtherForms.IsEmnist(System.IO.Path.GetFileName(file));

    private static IEnumerable<CsvFiles> Pairs(string[] files) => files
        .Where(IsReadable)
        .Distinct()
        .Select(file => (File: file, Name: PartName().Match(System.IO.Path.GetFileName(file))))
        .Where(file => file.Name.Success)
        .GroupBy(file => file.Name.Groups["set"].Value.ToLowerInvariant())
        .Select(set => new CsvFiles(PartOf(set, "train"), PartOf(set, "test")));

    private static string? PartOf(IEnumerable<(string File, Match Name)> set, string part) => set
        .FirstOrDefault(file => file.Name.Groups["part"].Value.StartsWith(part, StringComparison.OrdinalIgnoreCase)).File;

    [GeneratedRegex(@"\.csv(\.gz)?$", RegexOptions.IgnoreCase)]
    private static partial Regex IsCsv();

    [GeneratedRegex(@"^((?<set>.+)[-_ ])?(?<part>train|training|test|testing)\.csv(\.gz)?$", RegexOptions.IgnoreCase)]
    private static partial Regex PartName();
}
