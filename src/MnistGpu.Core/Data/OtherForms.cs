using System.Text;
using System.Text.RegularExpressions;

namespace MnistGpu.Core.Data;

/// <summary>Data set formats that are not read: what they are, and how to convert them.</summary>
internal static partial class OtherForms
{
    private const string Way = "save the arrays with numpy.savez('mnist.npz', x_train=…, y_train=…, x_test=…, y_test=…), which is read";

    /// <summary>A folder with fewer pictures is not a data set of pictures.</summary>
    private const int FewPictures = 10;

    // In a folder with one picture per image, the first files tell.
    private const int MostFiles = 2000;

    private static readonly (string[] Endings, string What, string Loader)[] s_forms =
    [
        ([".parquet"], "a Parquet file", "pandas.read_parquet"),
        ([".arrow"], "an Arrow file", "datasets.load_from_disk"),
        ([".feather"], "a Feather file", "pandas.read_feather"),
        ([".json", ".json.gz"], "a JSON file", "json.load"),
        ([".pkl", ".pickle", ".pkl.gz"], "a Python pickle", "pickle.load"),
        ([".mat"], "a MATLAB file", "scipy.io.loadmat"),
        ([".arff"], "an ARFF file", "scipy.io.arff.loadarff"),
        ([".pt", ".pth"], "a PyTorch file", "torch.load"),
        ([".h5", ".hdf5"], "an HDF5 file", "h5py.File"),
        ([".npy"], "a NumPy array without a name", "numpy.load"),
        ([".npz"], "a NumPy archive without x_train, y_train, x_test and y_test", "numpy.load"),
        ([".db", ".sqlite", ".sqlite3"], "an SQLite database", "pandas.read_sql"),
        ([".tsv"], "a file of tab-separated values", "pandas.read_table"),
        ([".tfrecord"], "a file of TFRecords", "tensorflow_datasets.load"),
    ];

    private static readonly string[] s_pictures = [".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"];

    /// <summary>What a file is and how to convert its images; null if neither its name nor its first line tells.</summary>
    public static string? Of(string file)
    {
        string name = Path.GetFileName(file);
        if (IsEmnist(name))
            return $"this is EMNIST's, whose images lie on their side; turn them with x.reshape(-1, 28, 28).transpose(0, 2, 1) in Python and {Way}";
        if (s_pictures.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            return $"this is a picture; load all of them with PIL.Image.open in Python and {Way}";
        if (IsRemark(file))
            return "this is a JSON file without pixels; name the file or folder that has them";
        foreach ((string[] endings, string what, string loader) in s_forms)
            // "mnist-train.tfrecord-00000-of-00001"
            if (endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)
                || name.Contains(ending + '-', StringComparison.OrdinalIgnoreCase)))
                return $"this is {what}; load it with {loader} in Python and {Way}";
        // LIBSVM's files are named mnist, mnist.t or mnist.scale.
        return LibsvmRow().IsMatch(Start(file, 200)) ? $"this is a LIBSVM file; load it with sklearn.datasets.load_svmlight_file in Python and {Way}" : null;
    }

    /// <summary>The same for the files in a folder and below it; null if none has such a format.</summary>
    public static string? In(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 };
        string[] files = [.. Directory.EnumerateFiles(folder, "*", options).Take(MostFiles).Order()];
        string[] pictures = [.. files.Where(file => s_pictures.Contains(Path.GetExtension(file).ToLowerInvariant()))];
        string? told = files.Except(pictures).FirstOrDefault(file => Of(file) is not null && !KerasFile.HoldsNetwork(file) && !IsRemark(file))
            ?? (pictures.Length >= FewPictures ? pictures[0] : null);
        return told is null ? null : $"{Path.GetRelativePath(folder, told)}: {Of(told)}";
    }

    /// <summary>
    /// Whether a file says something about others: Hugging Face's dataset_info.json, what <c>train --metrics</c> writes. In a data set
    /// there are an image's numbers in a row, without names between them.
    /// </summary>
    private static bool IsRemark(string file)
    {
        const int most = 1 << 20;
        return Path.GetExtension(file) == ".json" && new FileInfo(file).Length < most
            && !Start(file, most).Split('{', '}', ':', '"').Any(row => row.Count(c => c == ',') >= ImageSet.PixelsPerImage - 1);
    }

    /// <summary>The beginning of a file; empty if it cannot be read.</summary>
    private static string Start(string file, int length)
    {
        try
        {
            // Opening a pipe would wait for its other end.
            if (new FileInfo(file).Length == 0)
                return "";
            using var reader = new StreamReader(file, Encoding.Latin1);
            char[] start = new char[length];
            return new string(start, 0, reader.ReadBlock(start));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>A label, and the numbers and values of the pixels that are not 0.</summary>
    [GeneratedRegex(@"^[+-]?\d+(\.0+)?( \d+:[\d.eE+-]+){2}")]
    private static partial Regex LibsvmRow();

    /// <summary>Whether a file is named like EMNIST's; the images in it are transposed, whatever they show.</summary>
    public static bool IsEmnist(string name) => name.StartsWith("emnist", StringComparison.OrdinalIgnoreCase);
}
