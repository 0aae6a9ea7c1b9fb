using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Training;

/// <summary>Where a training is, between two epochs: all that decides how it goes on.</summary>
/// <param name="Parameters">The network.</param>
/// <param name="Velocity">What momentum adds to the next step: <see cref="Descent"/>; null is 0.</param>
/// <param name="History">The epochs that are finished.</param>
public sealed record TrainingState(
    NetworkParameters Parameters, NetworkParameters? Velocity, IReadOnlyList<EpochResult> History);

/// <summary>
/// A training in a file, to go on with: a model file, which also has the velocity, and what else decides the training as
/// JSON. The random numbers need no state of their own: seed and epoch decide them.
/// </summary>
/// <param name="Options">With a rate and momentum: <see cref="TrainingOptions.For"/>.</param>
/// <param name="TrainImages">How many images it trains on.</param>
/// <param name="DataCheckSum">Of what it trains on and is tested with: <see cref="CheckSum"/>.</param>
/// <param name="State">Where it is.</param>
public sealed record Checkpoint(TrainingOptions Options, int TrainImages, uint DataCheckSum, TrainingState State)
{
    private const string SettingsEntry = "training.json";

    /// <summary>Changes whenever an older program would go on wrongly.</summary>
    private const int Version = 1;

    /// <summary>Tells data sets apart.</summary>
    public static uint CheckSum(MnistDataset dataset)
    {
        uint sum = 0;
        foreach (ImageSet images in (ImageSet[])[dataset.Train, dataset.Test])
            sum = Crc32.Append(Crc32.Append(sum, images.Pixels), images.Labels);
        return sum;
    }

    /// <summary>Writes it, whole or not at all; a file that exists is replaced.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        ModelFile.WriteArrays(archive, "", State.Parameters);
        ModelFile.WriteArrays(archive, "velocity_", State.Velocity ?? new NetworkParameters(State.Parameters.Hidden));
        using Stream settings = archive.CreateEntry(SettingsEntry, CompressionLevel.NoCompression).Open();
        JsonSerializer.Serialize(
            settings, new Settings(Version, Options, TrainImages, DataCheckSum, [.. State.History]),
            CheckpointJson.Default.Settings);
    });

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no checkpoint, damaged, or another version's.</exception>
    public static Checkpoint Load(string path) => ModelFile.Open(path, "checkpoint", archive =>
    {
        ZipArchiveEntry entry = archive.GetEntry(SettingsEntry) ?? throw new InvalidDataException(
            "it has a network but no training to go on with; --initial-model starts from it");
        using Stream stream = entry.Open();
        Settings? settings;
        try
        {
            settings = JsonSerializer.Deserialize(stream, CheckpointJson.Default.Settings);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{SettingsEntry} in it is damaged", exception);
        }
        if (settings?.Version != Version)
            throw new InvalidDataException($"it is of version {settings?.Version}; this program goes on with version {Version}");
        NetworkParameters parameters = ModelFile.LoadArrays(archive, ""), velocity = ModelFile.LoadArrays(archive, "velocity_");
        if (parameters.Hidden != velocity.Hidden || settings.Options is not { LearningRate: not null } || settings.History is null)
            throw new InvalidDataException("its parts do not belong together");
        settings.Options.Validate();
        return new Checkpoint(
            settings.Options, settings.TrainImages, settings.DataCheckSum,
            new TrainingState(parameters, velocity, settings.History));
    });

    internal sealed record Settings(
        int Version, TrainingOptions Options, int TrainImages, uint DataCheckSum, EpochResult[] History);
}

/// <summary>How a checkpoint's settings become JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Checkpoint.Settings))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
