namespace MnistGpu.Core.Data;

/// <summary>Data set formats that are not read: what they are, and how to convert them.</summary>
internal static class OtherForms
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
        ([".tfrecord"], "a file of TFRecords", "tensorflow_datasets.load"),
    ];

    private static readonly string[] s_pictures = [".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"];

    /// <summary>What a file is and how to convert its images; null if its name does not tell.</summary>
    public static string? Of(string file)
    {
        string name = Path.GetFileName(file);
        if (IsEmnist(name))
            return $"this is EMNIST's, whose images lie on their side; turn them with x.reshape(-1, 28, 28).transpose(0, 2, 1) in Python and {Way}";
        if (s_pictures.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            return $"this is a picture; load all of them with PIL.Image.open in Python and {Way}";
        foreach ((string[] endings, string what, string loader) in s_forms)
            // "mnist-train.tfrecord-00000-of-00001"
            if (endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)
                || name.Contains(ending + '-', StringComparison.OrdinalIgnoreCase)))
                return $"this is {what}; load it with {loader} in Python and {Way}";
        return null;
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

    /// <summary>Whether a file says something about others: Hugging Face's dataset_info.json, what <c>train --metrics</c> writes.</summary>
    private static bool IsRemark(string file) => Path.GetExtension(file) == ".json" && new FileInfo(file).Length < 1 << 20;

    /// <summary>Whether a file is named like EMNIST's; the images in it are transposed, whatever they show.</summary>
    public static bool IsEmnist(string name) => name.StartsWith("emnist", StringComparison.OrdinalIgnoreCase);
}
