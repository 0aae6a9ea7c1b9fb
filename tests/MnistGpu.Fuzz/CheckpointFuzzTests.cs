using System.IO.Compression;
using System.Text;
using MnistGpu.Core.Data;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using Xunit.Abstractions;

namespace MnistGpu.Fuzz;

public class CheckpointFuzzTests(ITestOutputHelper output)
{
    private const string Settings = "training.json";

    /// <summary>No more memory than three copies of the file, and 1 MB for buffers, streams and messages.</summary>
    [Fact]
    public void DamagedCheckpointsAreReadOrRefused()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "training.npz");
        EpochResult[] history = [new(1, 0.5, 0.4, null, 0.2, 0.1), new(2, 0.3, 0.6, null, 0.7, 0.1)];
        new Checkpoint(
            new TrainingOptions { Momentum = 0.9, LearningRate = 0.1, OutputLearningRate = 0.1 }, new TrainingData("MNIST", null, 300, 7),
            new TrainingState(GlorotInitializer.Draw(hidden: 2, seed: 1), null, history)).Save(path);
        byte[] file = File.ReadAllBytes(path);
        (string Name, byte[] Content)[] members = Members(file);
        // Of each member, the content, with right checksums; the archive around them, with a right one of all and without.
        Seed[] seeds =
        [
            .. members.Select((member, i) => new Seed(
                member.Content, damaged => Archive([.. members[..i], (member.Name, damaged), .. members[(i + 1)..]]))),
            .. Enumerable.Repeat(new Seed(
                members.Single(member => member.Name == Settings).Content,
                damaged => Archive([.. members.Where(member => member.Name != Settings), (Settings, damaged)])), members.Length),
            new Seed(file, WithChecksum),
            Seed.Plain(file),
        ];

        new Fuzzer(output).Run(seeds, mostBytes: 3 * 20_000 + 1_000_000, path => Checkpoint.Load(path));
    }

    private static (string, byte[])[] Members(byte[] file)
    {
        using var archive = new ZipArchive(new MemoryStream(file));
        return [.. archive.Entries.Select(entry =>
        {
            var content = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(content);
            return (entry.FullName, content);
        })];
    }

    private static byte[] Archive(IEnumerable<(string Name, byte[] Content)> members)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] content) in members)
            {
                using Stream member = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                member.Write(content);
            }
            archive.Comment = "CRC-32C 00000000";
        }
        return WithChecksum(file.ToArray());
    }

    private static byte[] WithChecksum(byte[] file) => file.Length < 8 ? file :
        [.. file[..^8], .. Encoding.ASCII.GetBytes($"{Crc32C.Append(0, file.AsSpan(..^8)):x8}")];
}
