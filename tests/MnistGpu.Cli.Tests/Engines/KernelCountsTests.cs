using System.Text.Json;
using MnistGpu.Core.Data;
using Xunit.Abstractions;

namespace MnistGpu.Cli.Tests.Engines;

/// <summary>
/// How the kernels of a training use a GPU's memory and lanes, counted by an emulator that takes a CUDA driver's place: a
/// change that makes them right but slow shows here, without a GPU.
/// </summary>
public class KernelCountsTests(ITestOutputHelper output)
{
    /// <param name="capability">The GPU's compute capability: 75 has no tensor cores for bfloat16.</param>
    /// <param name="images">Training images, the first of MNIST.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="hidden">Hidden units.</param>
    /// <param name="momentum">µ.</param>
    /// <param name="sectors">
    /// The most 32-byte sectors of global memory that warps ask for, as a multiple of what their bytes need.
    /// </param>
    /// <param name="lanes">The least of a warp's 32 lanes that work, on average over its instructions.</param>
    /// <param name="conflicts">The most repetitions of an access to shared memory, because of conflicts of its banks.</param>
    /// <param name="instructions">The most instructions of all warps in a step.</param>
    [SkippableTheory]
    [InlineData(80, 640, 64, 100, 0, 1.4, 25, 0.15, 830_000)]
    [InlineData(80, 640, 64, 100, 0.9, 1.4, 25, 0.15, 830_000)]
    // The hidden layer and the update on tensor cores: no conflict at all.
    [InlineData(80, 256, 256, 784, 0.9, 1.1, 29, 0, 7_200_000)]
    [InlineData(75, 128, 128, 260, 0.9, 1.3, 29, 0.15, 4_600_000)]
    public async Task ATrainingStaysWithinItsCounts(
        int capability, int images, int batchSize, int hidden, double momentum, double sectors, double lanes, double conflicts, double instructions)
    {
        GpuDevice.RequireCudaEmulator();
        // The bounds are for its pixels.
        MnistDataset dataset = MnistFolder.Load(Mnist.Require());
        using var folder = new TemporaryFolder();
        MnistFolder.Save(folder.Path, dataset with { Train = dataset.Train.Take(images), Test = dataset.Test.Take(1) });
        string statistics = Path.Combine(folder.Path, "statistics.json");

        // A GPU of one multiprocessor cannot train an epoch in one launch: the three launches of a step are counted.
        MnistGpuRun run = await MnistGpuRun.StartProcessAsync(
            [("CUDA_EMULATOR_STATS", statistics), ("CUDA_EMULATOR_MULTIPROCESSORS", "1"), ("CUDA_EMULATOR_SM", $"{capability}")],
            "train", "--device", "cuda", "--data", folder.Path, "--epochs", "1",
            "--batch-size", $"{batchSize}", "--hidden", $"{hidden}",
            "--momentum", $"{momentum}", "--quiet");

        Assert.True(run.ExitCode == 0, run.Error);
        Counts[] kernels = Counts.Read(statistics);
        Counts step = kernels.Aggregate((a, b) => a + b);
        int steps = images / batchSize;
        foreach (Counts counts in (Counts[])[.. kernels, step])
            output.WriteLine(counts.Row(steps));
        Assert.InRange(step.Sectors / step.IdealSectors, 1, sectors);
        Assert.InRange(step.ActiveLanes / step.Instructions, lanes, 32);
        Assert.InRange(step.Conflicts / step.SharedRequests, 0, conflicts);
        Assert.InRange(step.Instructions / steps, 1, instructions);
    }

    /// <summary>Sums over all launches of a kernel, or of some; instructions are those of warps.</summary>
    /// <param name="Kernel">Its parameters: all kernels' methods have one of a few names.</param>
    private sealed record Counts(
        string Kernel, double Instructions, double ActiveLanes, double Sectors, double IdealSectors, double SharedRequests,
        double Conflicts)
    {
        public static Counts[] Read(string file)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            return [.. document.RootElement.GetProperty("kernels").EnumerateArray().Select(Read)];
        }

        public static Counts operator +(Counts a, Counts b) => new(
            "sum", a.Instructions + b.Instructions, a.ActiveLanes + b.ActiveLanes, a.Sectors + b.Sectors,
            a.IdealSectors + b.IdealSectors, a.SharedRequests + b.SharedRequests, a.Conflicts + b.Conflicts);

        /// <summary>A row of a table: of a step, what is a number of things.</summary>
        public string Row(int steps) =>
            $"{Kernel,-40} {Instructions / steps,12:N0} instructions {Sectors / steps,12:N0} sectors, "
            + $"{Sectors / IdealSectors:0.00} of the ideal, {ActiveLanes / Instructions:0.0} lanes, "
            + $"{Conflicts / Math.Max(1, SharedRequests):0.00} conflicts";

        private static Counts Read(JsonElement kernel)
        {
            JsonElement[] global = [.. Accesses("globalLoads", "globalStores", "globalAtomics")];
            JsonElement[] shared = [.. Accesses("sharedLoads", "sharedStores", "sharedAtomics")];
            double instructions = Number(kernel, "warps") * Number(kernel, "instructionsPerWarp");
            // ILGPU numbers the parameters: _images_1669.
            IEnumerable<string> parameters = kernel.GetProperty("parameters").EnumerateArray()
                .Select(parameter => parameter.GetString()!.Trim('_').Split('_')[0]);
            return new Counts(
                string.Join(", ", parameters),
                instructions,
                instructions * Number(kernel, "activeLanes"),
                global.Sum(access => Number(access, "sectors")),
                global.Sum(access => Number(access, "requests") * Number(access, "idealSectorsPerRequest")),
                shared.Sum(access => Number(access, "requests")),
                shared.Sum(access => Number(access, "requests") * Number(access, "conflictsPerRequest")));

            IEnumerable<JsonElement> Accesses(params string[] kinds) => kinds.Select(kernel.GetProperty);
        }

        private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
    }
}
