using System.Security.Cryptography;

namespace MnistGpu.Core.Data;

/// <summary>One of the four files that make up MNIST.</summary>
/// <param name="Name">Its name, unpacked and in the spelling with a dot: "train-images.idx3-ubyte".</param>
/// <param name="Length">Its length in bytes, unpacked.</param>
/// <param name="Sha256">Its SHA-256, unpacked, in lower-case hexadecimal.</param>
internal sealed record MnistFile(string Name, long Length, string Sha256)
{
    public static readonly MnistFile TrainImages = new("train-images.idx3-ubyte", 47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");

    public static readonly MnistFile TrainLabels = new("train-labels.idx1-ubyte", 60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5");

    public static readonly MnistFile TestImages = new("t10k-images.idx3-ubyte", 7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7");

    public static readonly MnistFile TestLabels = new("t10k-labels.idx1-ubyte", 10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

    public static readonly IReadOnlyList<MnistFile> All = [TrainImages, TrainLabels, TestImages, TestLabels];

    /// <summary>The name in the spelling with a dash, which the mirrors use: "train-images-idx3-ubyte".</summary>
    public string DashedName => Name.Replace('.', '-');

    /// <summary>
    /// Where a folder has this file, or null. Plain files come before compressed ones, which take longer to read, and
    /// the name that a download is stored under comes first.
    /// </summary>
    public string? FindIn(string folder)
    {
        string[] names = [Name, DashedName, Name + ".gz", DashedName + ".gz"];
        return names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Whether a file, plain or gzip, has this content; a damaged gzip file has not.</summary>
    public bool IsContentOf(string path)
    {
        using Stream content = IdxFile.OpenContent(path, out long maxLength);
        try
        {
            return maxLength >= Length && Convert.ToHexStringLower(SHA256.HashData(content)) == Sha256;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
