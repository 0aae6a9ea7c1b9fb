using System.IO.Compression;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Files;

/// <summary>
/// NumPy's .npz: a zip archive with one .npy file per array, as written by <c>numpy.savez</c> and <c>numpy.savez_compressed</c>.
/// </summary>
internal static class NpzArchive
{
    // The first date that a zip archive can store. It is fixed, so that equal arrays give equal files.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="file">Positioned at its beginning; can seek.</param>
    /// <exception cref="InvalidDataException">It is of another kind, or damaged.</exception>
    public static ZipArchive Open(Stream file)
    {
        if (FileSignature.Describe(file) is { } kind and not FileSignature.Zip)
            throw new InvalidDataException($"it is {kind}, not an .npz archive such as numpy.savez writes");
        try
        {
            var archive = new ZipArchive(file, ZipArchiveMode.Read);
            _ = archive.Entries;
            return archive;
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException("it is not a whole .npz archive", exception);
        }
    }

    /// <summary>Whether there is an array with a name; like NumPy, also without the extension.</summary>
    public static bool Has(ZipArchive archive, string name) => Find(archive, name) is not null;

    /// <summary>Reads an array.</summary>
    /// <param name="archive">From <see cref="Open(Stream)"/>.</param>
    /// <param name="name">The array's.</param>
    /// <param name="wanted">Which arrays there should be, for the message if this one is missing.</param>
    /// <param name="read">Reads the elements, given an upper limit for the number of bytes.</param>
    /// <exception cref="InvalidDataException">It is missing or damaged.</exception>
    public static void ReadArray(ZipArchive archive, string name, string wanted, Action<NpyArray, long> read)
    {
        ZipArchiveEntry entry = Find(archive, name) ?? throw new InvalidDataException(
            $"array {name} is missing; {wanted}, this file {Contents(archive)}");
        try
        {
            using Stream stream = Open(entry);
            var array = new NpyArray(stream);
            read(array, entry.CompressedLength * IdxFile.DeflateMaxRatio);
            if (array.Checksum != entry.Crc32)
                throw new InvalidDataException("it is damaged: its checksum is wrong");
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"array {name}: it is cut short", exception);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"array {name}: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    public static void WriteArray(ZipArchive archive, string name, ReadOnlySpan<float> elements, params int[] shape)
    {
        using Stream stream = CreateEntry(archive, name + ".npy").Open();
        NpyArray.Write(stream, elements, shape);
    }

    /// <summary>Adds a member to an archive, uncompressed: trained weights hardly get smaller by deflating.</summary>
    public static ZipArchiveEntry CreateEntry(ZipArchive archive, string name)
    {
        ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = EntryTime;
        return entry;
    }

    /// <summary>Of several members with one name, as appending leaves them, NumPy reads the last.</summary>
    private static ZipArchiveEntry? Find(ZipArchive archive, string name) =>
        archive.Entries.LastOrDefault(entry => entry.FullName == name + ".npy")
        ?? archive.Entries.LastOrDefault(entry => entry.FullName == name);

    private static Stream Open(ZipArchiveEntry entry)
    {
        if (entry.IsEncrypted)
            throw new InvalidDataException("it is encrypted");
        try
        {
            return entry.Open();
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException("it is not compressed as by numpy.savez_compressed", exception);
        }
    }

    /// <summary>The names of the first arrays in a file, always on one line.</summary>
    private static string Contents(ZipArchive archive)
    {
        const int most = 8;
        if (archive.Entries.Count == 0)
            return "has none";
        if (archive.Entries.Any(entry => entry.Name == "data.pkl"))
            return "is PyTorch's";
        if (archive.Entries.Any(entry => entry.Name == "model.weights.h5"))
            return "is Keras'";
        IEnumerable<string> names = archive.Entries.Take(most).Select(entry =>
            string.Concat(
                Path.ChangeExtension(entry.FullName, null).Take(40).Select(c => char.IsControl(c) ? '?' : c)));
        return "has " + string.Join(", ", names) + (archive.Entries.Count > most ? ", …" : "");
    }
}
