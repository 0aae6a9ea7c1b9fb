using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MnistGpu.Core.Data;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>The state of a training between two epochs: everything that determines how it continues.</summary>
/// <param name="Parameters">The network.</param>
/// <param name="Velocity">What momentum adds to the next step: <see cref="EpochRates"/>; null means 0.</param>
/// <param name="History">The finished epochs.</param>
public sealed record TrainingState(
    NetworkParameters Parameters, NetworkParameters? Velocity, IReadOnlyList<EpochResult> History);

/// <summary>The data of a training, to find it again and to tell it from other data.</summary>
/// <param name="Name">The name of the data set.</param>
/// <param name="Source">Where it was, in the words of the program that trained: a folder, say; null if unknown.</param>
/// <param name="Images">Number of training images, at least 1.</param>
/// <param name="Checksum">Of the training and test images and their labels.</param>
public sealed record TrainingData(string Name, string? Source, int Images, uint Checksum)
{
    /// <summary>The data set as it is now.</summary>
    public static TrainingData Of(MnistDataset dataset, string? source)
    {
        uint sum = 0;
        foreach (ImageSet images in (ImageSet[])[dataset.Train, dataset.Test])
            sum = Crc32C.Append(Crc32C.Append(sum, images.Pixels), images.Labels);
        return new TrainingData(dataset.Name, source, dataset.Train.Count, sum);
    }
}

/// <summary>
/// A training saved to a file, to resume it: a model file that also has the velocity, and the other settings as JSON. The
/// random numbers need no state of their own: seed and epoch determine them. The file ends with a checksum of all bytes
/// before it, as the archive's comment. Equal trainings give equal bytes, so how long an epoch took is not saved.
/// </summary>
/// <param name="Options">With rates and momentum: <see cref="TrainingOptions.WithDefaultRates"/>.</param>
/// <param name="Data">What it is trained on.</param>
/// <param name="State">Its state.</param>
public sealed record Checkpoint(TrainingOptions Options, TrainingData Data, TrainingState State)
{
    private const string SettingsEntry = "training.json";

    /// <summary>Changes whenever an older program would resume incorrectly.</summary>
    private const int Version = 2;

    private const string ChecksumLabel = "CRC-32C ";
    private const int ChecksumDigits = 8;

    /// <summary>The mean of ½ Σ (o − t)² over ten outputs between 0 and 1 is at most this.</summary>
    private const double HighestLoss = 5;

    /// <summary>Writes it, completely or not at all; an existing file is replaced.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            ModelFile.WriteArrays(archive, "", State.Parameters);
            ModelFile.WriteArrays(archive, "velocity_", State.Velocity ?? new NetworkParameters(State.Parameters.Hidden));
            using Stream settings = NpzArchive.CreateEntry(archive, SettingsEntry).Open();
            EpochResult[] history = [.. State.History.Select(epoch => epoch with { TrainSeconds = null })];
            JsonSerializer.Serialize(settings, new Settings(Version, Options, Data, history), CheckpointJson.Default.Settings);
            archive.Comment = ChecksumLabel.PadRight(ChecksumLabel.Length + ChecksumDigits, '0');
        }
        ArraySegment<byte> bytes = new(file.GetBuffer(), 0, (int)file.Length);
        WriteChecksum(bytes);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is not a checkpoint, damaged, or of another version.</exception>
    public static Checkpoint Load(string path) => ModelFile.Open(path, "checkpoint", file =>
    {
        using ZipArchive archive = NpzArchive.Open(file);
        ZipArchiveEntry entry = archive.GetEntry(SettingsEntry) ?? throw new InvalidDataException(
            "it has a network but no training to resume");
        // Nothing in a checkpoint is compressed, so the file's size limits the memory needed to read it.
        if (archive.Entries.Any(each => each.CompressedLength != each.Length || each.IsEncrypted))
            throw new InvalidDataException("something in it is compressed, which nothing in a checkpoint is");
        byte[] json = new byte[entry.Length];
        using (Stream stream = entry.Open())
            // What says that it is compressed may be as long compressed as not.
            if (stream.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length)
                throw new InvalidDataException($"{SettingsEntry} in it is damaged");
        if (VersionOf(json) is not Version and var version)
            throw new InvalidDataException($"it is version {version}; this program resumes version {Version}");
        if (!HasItsChecksum(file))
            throw new InvalidDataException("it is damaged: its checksum is wrong");

        Settings settings = Parse(json, CheckpointJson.Default.Settings);
        NetworkParameters parameters = ModelFile.LoadArrays(archive, ""), velocity = ModelFile.LoadArrays(archive, "velocity_");
        if (parameters.Hidden != velocity.Hidden)
            throw new InvalidDataException("its parts do not match");
        RefuseImpossible(settings);
        return new Checkpoint(
            settings.Options, settings.Data, new TrainingState(parameters, velocity, settings.History));
    });

    private static int? VersionOf(byte[] json) => Parse(json, CheckpointJson.Default.AnyVersion).Version;

    private static T Parse<T>(byte[] json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{SettingsEntry} in it is damaged", exception);
        }
    }

    /// <summary>Rejects what no training writes.</summary>
    private static void RefuseImpossible(Settings settings)
    {
        TrainingOptions options = settings.Options;
        try
        {
            options.Validate();
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new InvalidDataException($"its {exception.ParamName} is {exception.ActualValue}", exception);
        }
        if (options is not { LearningRate: not null, OutputLearningRate: not null, Momentum: not null })
            throw new InvalidDataException("it has no learning rate or no momentum");
        if (settings.Data.Images < 1)
            throw new InvalidDataException($"it was trained on {settings.Data.Images} images");
        if (settings.History.Length > options.Epochs)
            throw new InvalidDataException($"it has {settings.History.Length} epochs of {options.Epochs}");
        for (int i = 0; i < settings.History.Length; i++)
            if (settings.History[i] is not
                {
                    Loss: >= 0 and <= HighestLoss, TrainAccuracy: >= 0 and <= 1, TrainSeconds: null,
                    TestLoss: null or (>= 0 and <= HighestLoss), TestAccuracy: null or (>= 0 and <= 1),
                } epoch || epoch.Epoch != i + 1)
                throw new InvalidDataException($"its figures for epoch {i + 1} are impossible");
    }

    private static bool HasItsChecksum(Stream file)
    {
        file.Position = 0;
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        Span<byte> digits = bytes.AsSpan(^ChecksumDigits..);
        byte[] written = digits.ToArray();
        WriteChecksum(bytes);
        return digits.SequenceEqual(written);
    }

    /// <summary>Writes the checksum of a file's other bytes into its last digits.</summary>
    private static void WriteChecksum(Span<byte> file) =>
        Crc32C.Append(0, file[..^ChecksumDigits]).TryFormat(file[^ChecksumDigits..], out _, "x8", CultureInfo.InvariantCulture);

    internal sealed record AnyVersion(int? Version = null);

    internal sealed record Settings(int Version, TrainingOptions Options, TrainingData Data, EpochResult[] History);
}

/// <summary>How a checkpoint's settings become JSON, and what is accepted as such.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Checkpoint.Settings))]
[JsonSerializable(typeof(Checkpoint.AnyVersion))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
