using System.IO.Compression;
using MnistGpu.Core.Files;

namespace MnistGpu.Core.Network;

/// <summary>
/// A network's parameters in a file: a NumPy .npz archive with the arrays W1 (784, H), b1 (H,), W2 (H, 10) and b2
/// (10,), which <c>numpy.load</c> opens. Files written by <c>numpy.savez</c> or <c>numpy.savez_compressed</c> can be loaded.
/// An .npz is a zip archive with one .npy file per array.
/// </summary>
public static class ModelFile
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    // The largest network in float64, or with its velocity in float32, plus names and headers.
    private const int MostBytes = sizeof(double) * ((Inputs + 1 + Outputs) * NetworkParameters.MaxHidden + Outputs) + 1_000_000;

    /// <summary>Why a model cannot be saved under a name, because its extension is unknown; null if it can.</summary>
    internal static string? WhyNotSaved(string path) => Writer(path) is null
        ? $"{path}: a model cannot be saved as {Path.GetExtension(path)}; use .npz, .onnx or .safetensors"
        : null;

    /// <summary>
    /// Writes a model file, completely or not at all; an existing one is replaced. Equal parameters give equal bytes. The
    /// extension selects the format: .onnx, which cannot be read back, .safetensors, or .npz, which is also the default.
    /// </summary>
    /// <param name="path">Where the file goes; its folder exists.</param>
    /// <param name="parameters">What to save.</param>
    /// <exception cref="IOException">The file cannot be written, or its folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    /// <exception cref="ArgumentException">The extension is unknown.</exception>
    public static void Save(string path, NetworkParameters parameters)
    {
        Action<Stream, NetworkParameters> write = Writer(path) ?? throw new ArgumentException(WhyNotSaved(path));
        AtomicFile.Write(path, stream => write(stream, parameters));
    }

    private static Action<Stream, NetworkParameters>? Writer(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npz" or "" => WriteNpz,
        ".onnx" => OnnxFile.Write,
        ".safetensors" => SafetensorsFile.Write,
        _ => null,
    };

    private static void WriteNpz(Stream stream, NetworkParameters parameters)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        WriteArrays(archive, "", parameters);
    }

    /// <summary>Adds the four arrays to an archive, with a prefix to their names.</summary>
    internal static void WriteArrays(ZipArchive archive, string prefix, NetworkParameters parameters)
    {
        foreach (NetworkArray array in parameters.Arrays)
            NpzArchive.WriteArray(archive, prefix + array.Name, array.Values, array.Shape);
    }

    /// <summary>
    /// Reads a model file, an .npz archive or safetensors, depending on its content. In an .npz archive the arrays may be
    /// floats of 16, 32 or 64 bits or integers, in any byte order, row- or column-major.
    /// </summary>
    /// <param name="path">The file; "-" is standard input.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is neither, or an array is missing, damaged, of another shape or type, or contains NaN or infinity.
    /// </exception>
    public static NetworkParameters Load(string path) => Open(path, "model", file =>
    {
        if (FileSignature.Describe(file) == FileSignature.Safetensors)
            return SafetensorsFile.Read(file);
        using ZipArchive archive = NpzArchive.Open(file);
        return LoadArrays(archive, "");
    });

    /// <summary>Reads a file, or standard input for "-"; exceptions name the file and what it should be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it should be: "model".</param>
    /// <param name="read">Reads the stream, which is at its beginning and can seek.</param>
    internal static T Open<T>(string path, string kind, Func<Stream, T> read)
    {
        if (Directory.Exists(path))
            throw new IOException($"{path} is a folder, not a {kind} file.");
        if (path != "-" && !File.Exists(path))
        {
            ClosedFolder.Refuse(path);
            throw new FileNotFoundException($"There is no {kind} file {path}.", path);
        }
        try
        {
            if (path != "-")
                DanglingLink.Refuse(path);
            // Opening a pipe would wait for its other end.
            if (AtomicFile.IsNamedPipe(path))
                throw new InvalidDataException("it is a named pipe, which cannot be read here");
            using Stream file = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            if (file.CanSeek)
                return read(file);
            using MemoryStream whole = ReadPipe(file);
            return read(whole);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path} is not a usable {kind}: {exception.Message}.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{path} cannot be read: access is denied.", exception);
        }
    }

    /// <summary>Reads a pipe, which may never end: only the beginning if it is not a model, otherwise at most the size of the largest model.</summary>
    private static MemoryStream ReadPipe(Stream pipe)
    {
        var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count = pipe.ReadAtLeast(buffer, FileSignature.Length, throwOnEndOfStream: false);
        bool mayBeModel = FileSignature.Describe(buffer.AsSpan(0, count)) is FileSignature.Zip or FileSignature.Safetensors;
        for (; count > 0; count = mayBeModel ? pipe.Read(buffer) : 0)
        {
            whole.Write(buffer, 0, count);
            if (whole.Length > MostBytes)
                throw new InvalidDataException($"it is longer than {MostBytes:N0} bytes, more than {NetworkParameters.MaxHidden:N0} hidden units need");
        }
        whole.Position = 0;
        return whole;
    }

    /// <summary>Reads the four arrays, whose names have a prefix.</summary>
    internal static NetworkParameters LoadArrays(ZipArchive archive, string prefix)
    {
        if (NpzArchive.Has(archive, prefix + "W3"))
            throw new InvalidDataException("it has an array W3: the network has one layer too many");
        NetworkParameters? parameters = null;
        ReadArray(archive, prefix + "W1", (shape, mostBytes) =>
        {
            if (shape is not [Inputs, >= 1 and <= NetworkParameters.MaxHidden])
                throw new InvalidDataException(
                    $"its shape is {NpyArray.ShapeText(shape)}; it should be ({Inputs}, H) with H from 1 to " +
                    $"{NetworkParameters.MaxHidden}{(shape is [_, Inputs] ? "; save W1.T and W2.T" : "")}");
            // No memory is allocated for more than a small file can contain.
            if (mostBytes < Inputs * shape[1])
                throw new EndOfStreamException();
            parameters = new NetworkParameters(shape[1]);
            return parameters.W1;
        });
        foreach (NetworkArray array in parameters!.Arrays.Skip(1))
            ReadArray(archive, prefix + array.Name, (shape, _) => shape.SequenceEqual(array.Shape)
                ? array.Values
                : throw new InvalidDataException(
                    $"its shape is {NpyArray.ShapeText(shape)}; with this W1 it should be {NpyArray.ShapeText(array.Shape)}"));
        return parameters;
    }

    /// <summary>Reads an array into memory provided for its shape, given an upper limit for its size.</summary>
    private static void ReadArray(ZipArchive archive, string name, Func<IReadOnlyList<int>, long, float[]> memoryFor) =>
        NpzArchive.ReadArray(archive, name, "a model has W1, b1, W2 and b2",
            (array, mostBytes) => array.ReadElements(memoryFor(array.Shape, mostBytes)));
}
