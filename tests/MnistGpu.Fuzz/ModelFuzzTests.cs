using System.IO.Compression;
using System.Text;
using MnistGpu.Core.Network;
using Xunit.Abstractions;

namespace MnistGpu.Fuzz;

public class ModelFuzzTests(ITestOutputHelper output)
{
    private const int Hidden = 2;

    private static readonly (string Name, int[] Shape)[] s_arrays =
        [("W1", [784, Hidden]), ("b1", [Hidden]), ("W2", [Hidden, 10]), ("b2", [10])];

    /// <summary>No more memory than deflate can pack into a file of this size, and 500 KB for streams and messages.</summary>
    [Fact]
    public void DamagedModelsAreReadOrRefused()
    {
        byte[][] arrays = [.. s_arrays.Select(array => Npy(array.Shape))];
        // Of each array, the header and the elements, with a right checksum; and the archive around them.
        Seed[] seeds =
        [
            .. arrays.Select((npy, i) => new Seed(npy, damaged => Archive([.. arrays[..i], damaged, .. arrays[(i + 1)..]]))),
            Seed.Plain(Archive(arrays, CompressionLevel.NoCompression)),
            Seed.Plain(Archive(arrays)),
        ];

        new Fuzzer(output).Run(seeds, mostBytes: 1032 * 8_000 + 500_000, path => ModelFile.Load(path));
    }

    /// <summary>The damage to a safetensors file is in its header, mostly: there is no other structure.</summary>
    [Fact]
    public void DamagedSafetensorsAreReadOrRefused()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        ModelFile.Save(path, GlorotInitializer.Draw(Hidden, seed: 1));
        byte[] file = File.ReadAllBytes(path);
        int header = 8 + file[0] + 256 * file[1];
        var headers = new Seed(file[8..header], damaged => [.. BitConverter.GetBytes((long)damaged.Length), .. damaged, .. file[header..]]);

        new Fuzzer(output).Run([headers, headers, Seed.Plain(file)], mostBytes: 500_000, damaged => ModelFile.Load(damaged));
    }

    private static byte[] Npy(int[] shape)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", shape)},), }}".PadRight(117) + "\n";
        IEnumerable<byte> elements = Enumerable.Range(0, shape.Aggregate(1, (product, extent) => product * extent))
            .SelectMany(i => BitConverter.GetBytes(i / 100f));
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. elements];
    }

    private static byte[] Archive(byte[][] arrays, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create))
            foreach ((string name, byte[] npy) in s_arrays.Select(array => array.Name).Zip(arrays))
            {
                using Stream member = archive.CreateEntry(name + ".npy", level).Open();
                member.Write(npy);
            }
        return file.ToArray();
    }
}
