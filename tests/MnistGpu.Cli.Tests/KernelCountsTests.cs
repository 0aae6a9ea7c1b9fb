using System.Text.Json;
using MnistGpu.Core.Data;
using MnistGpu.Gpu;

namespace MnistGpu.Cli.Tests;

/// <summary>
/// How the kernels of a training use a GPU's memory and lanes, counted by an emulator that takes a CUDA driver's place: a
/// change that makes them right but slow shows here, without a GPU.
/// </summary>
public class KernelCountsTests
{
    /// <param name="images">Training images, the first of MNIST.</param>
    /// <param name="batchSize">Images a step.</param>
    /// <param name="hidden">Hidden units.</param>
    /// <param name="sectors">
    /// The most 32-byte sectors of global memory that warps ask for, as a multiple of what their bytes need.
    /// </param>
    /// <param name="lanes">The least of a warp's 32 lanes that work, on average over its instructions.</param>
    /// <param name="conflicts">The most repetitions of an access to shared memory, because of conflicts of its banks.</param>
    /// <param name="instructions">The most instructions of all warps in a step.</param>
    [SkippableTheory]
    [InlineData(640, 64, 100, 1.4, 25, 0.15, 800_000)]
    [InlineData(512, 256, 1000, 1.3, 29, 0.15, 23_000_000)]
    public async Task ATrainingStaysWithinItsCounts(
        int images, int batchSize, int hidden, double sectors, double lanes, double conflicts, double instructions)
    {
        Skip.IfNot(
            AcceleratorCatalog.List().Found.Any(info => info.Name.StartsWith("Emulated CUDA device")),
            "There is no CUDA emulator here.");
        string? mnist = MnistFolder.Find();
        Skip.If(mnist is null, "MNIST is not here, and the bounds are for its pixels.");
        using var folder = new TemporaryFolder();
        MnistDataset dataset = MnistFolder.Load(mnist!);
        MnistFolder.Save(folder.Path, dataset with { Train = dataset.Train.Take(images), Test = dataset.Test.Take(1) });
        string statistics = Path.Combine(folder.Path, "statistics.json");

        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [("CUDA_EMULATOR_STATS", statistics)],
            "train", "--device", "cuda", "--data", folder.Path, "--epochs", "1",
            "--batch-size", $"{batchSize}", "--hidden", $"{hidden}", "--quiet");

        Assert.True(run.ExitCode == 0, run.Error);
        Counts counts = Counts.Read(statistics);
        Assert.InRange(counts.Sectors / counts.IdealSectors, 1, sectors);
        Assert.InRange(counts.ActiveLanes / counts.Instructions, lanes, 32);
        Assert.InRange(counts.Conflicts / counts.SharedRequests, 0, conflicts);
        Assert.InRange(counts.Instructions / (images / batchSize), 1, instructions);
    }

    /// <summary>Sums over all launches of all kernels; instructions are those of warps.</summary>
    private sealed record Counts(
        double Instructions, double ActiveLanes, double Sectors, double IdealSectors, double SharedRequests, double Conflicts)
    {
        public static Counts Read(string file)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement[] kernels = [.. document.RootElement.GetProperty("kernels").EnumerateArray()];
            JsonElement[] global = Accesses(kernels, "globalLoads", "globalStores", "globalAtomics");
            JsonElement[] shared = Accesses(kernels, "sharedLoads", "sharedStores", "sharedAtomics");
            return new Counts(
                kernels.Sum(Instructions),
                kernels.Sum(kernel => Instructions(kernel) * Number(kernel, "activeLanes")),
                global.Sum(access => Number(access, "sectors")),
                global.Sum(access => Number(access, "requests") * Number(access, "idealSectorsPerRequest")),
                shared.Sum(access => Number(access, "requests")),
                shared.Sum(access => Number(access, "requests") * Number(access, "conflictsPerRequest")));

            static double Instructions(JsonElement kernel) => Number(kernel, "warps") * Number(kernel, "instructionsPerWarp");
        }

        private static JsonElement[] Accesses(JsonElement[] kernels, params string[] kinds) =>
            [.. kernels.SelectMany(kernel => kinds.Select(kernel.GetProperty))];

        private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
    }
}
