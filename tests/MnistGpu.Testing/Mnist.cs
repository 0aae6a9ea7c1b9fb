using MnistGpu.Cli.Data;
using MnistGpu.Core.Data;

namespace MnistGpu.Testing;

/// <summary>MNIST itself, which not every machine has.</summary>
public static class Mnist
{
    /// <summary>The folder that is found if none is named, or null.</summary>
    public static string? Find() => MnistLocator.Find();

    /// <summary>The folder that it is in; skips the test where there is none.</summary>
    public static string Require()
    {
        string? folder = Find();
        Skip.If(folder is null, "MNIST is not here; `mnistgpu data fetch` downloads it.");
        Skip.IfNot(MnistFolder.LoadTest(folder!).Name == MnistFolder.Mnist, $"{folder} holds another data set than MNIST.");
        return folder!;
    }
}
