using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Pages.Tests;

/// <summary>A network that was trained on drawn digits, and its page to draw in.</summary>
public sealed class DrawnModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DrawnModel()
    {
        MnistDataset digits = GeneratedDigits.Draw(seed: 1, test: 0);
        using var engine = new SimdEngine();
        var trainer = new Trainer(engine, digits, new TrainingOptions());
        Parameters = trainer.Train(GlorotInitializer.Draw(hidden: 100, seed: 1)).Parameters;
        File = Path.Combine(_folder.Path, "model.npz");
        ModelFile.Save(File, Parameters);
        Page = Path.Combine(_folder.Path, "draw.html");
        MnistGpuRun.Succeed("draw", "--model", File, "--output", Page);
    }

    public NetworkParameters Parameters { get; }

    public string File { get; }

    public string Page { get; }

    public void Dispose() => _folder.Dispose();
}
