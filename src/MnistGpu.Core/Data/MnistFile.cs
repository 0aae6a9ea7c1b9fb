using System.Security.Cryptography;
using MnistGpu.Core.Files;

namespace MnistGpu.Core.Data;

/// <summary>One of the four files that make up MNIST.</summary>
/// <param name="Name">Its name, unpacked, spelled with a dot: "train-images.idx3-ubyte".</param>
/// <param name="Length">Its length in bytes, unpacked.</param>
/// <param name="Sha256">Its SHA-256, unpacked, in lower-case hexadecimal.</param>
/// <param name="Checksum">
/// The <see cref="Crc32C"/> of its images or labels. It takes some 7 ms for all of MNIST, against 35 for SHA-256: enough to tell
/// data sets apart, but not to trust a download.
/// </param>
internal sealed record MnistFile(string Name, long Length, string Sha256, uint Checksum)
{
    public static readonly MnistFile TrainImages = new("train-images.idx3-ubyte", 47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 0xA3957509);

    public static readonly MnistFile TrainLabels = new("train-labels.idx1-ubyte", 60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 0x67426FDF);

    public static readonly MnistFile TestImages = new("t10k-images.idx3-ubyte", 7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 0x16074929);

    public static readonly MnistFile TestLabels = new("t10k-labels.idx1-ubyte", 10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 0xAF322062);

    public static readonly IReadOnlyList<MnistFile> All = [TrainImages, TrainLabels, TestImages, TestLabels];

    /// <summary>The files to test with.</summary>
    public static readonly IReadOnlyList<MnistFile> Test = [TestImages, TestLabels];

    /// <summary>The name spelled with a dash, which the mirrors use: "train-images-idx3-ubyte".</summary>
    public string DashedName => Name.Replace('.', '-');

    /// <summary>The names under which the file is looked for, in this order.</summary>
    public string[] Names => [Name, DashedName, Name + ".gz", DashedName + ".gz"];

    /// <summary>The path of this file in a folder, or null.</summary>
    public string? FindIn(string folder) => FindAllIn(folder).FirstOrDefault();

    /// <summary>All files with these names in a folder; they need not belong to one data set.</summary>
    /// <remarks>
    /// Plain files come before compressed ones, which take longer to read, and the name under which a download is stored comes
    /// first. If there is no file with such a name, one inside a folder with such a name is taken, as unpacking may leave it,
    /// and then what a browser names a second download of the same file: "… (1).gz".
    /// </remarks>
    public IEnumerable<string> FindAllIn(string folder)
    {
        string[] paths = [.. Names.Select(name => Path.Combine(folder, name))];
        return paths
            .Concat(paths.SelectMany(inner => Names.Select(name => Path.Combine(inner, name))))
            .Where(File.Exists)
            .Concat(FilesIn(folder).Where(path => WithoutCopyNumber(Path.GetFileName(path)) is { } name && Names.Contains(name)));
    }

    /// <summary>Whether a file, plain or gzip, has this content; a damaged or unreadable one does not.</summary>
    public bool IsContentOf(string path)
    {
        try
        {
            using Stream content = IdxFile.OpenContent(path, out long maxLength);
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[128 * 1024];
            long left = maxLength < Length ? 0 : Length;
            for (int read = 1; left > 0 && read > 0; left -= read)
            {
                read = content.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
                sha256.AppendData(buffer, 0, read);
            }
            // A few bytes of gzip may unpack to gigabytes; one byte more than expected is enough.
            return content.ReadByte() < 0 && Convert.ToHexStringLower(sha256.GetHashAndReset()) == Sha256;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            return false;
        }
    }

    /// <summary>A file of another data set under one of MNIST's names, which a download would overwrite; or null.</summary>
    public static string? OtherSetIn(string folder) => All
        .Select(file => (File: file, Path: file.FindIn(folder)))
        .FirstOrDefault(found => found.Path is not null && !found.File.IsContentOf(found.Path) && IdxFile.IsWhole(found.Path))
        .Path;

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", new EnumerationOptions()).Order() : [];

    /// <summary>A name such as "x (1).gz" without its number; null if it has none.</summary>
    private static string? WithoutCopyNumber(string name)
    {
        int open = name.IndexOf('(');
        int close = name.IndexOf(')');
        return open < 0 || close < open ? null : name[..open].TrimEnd() + name[(close + 1)..];
    }
}
