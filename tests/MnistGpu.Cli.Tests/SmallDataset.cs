using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Cli.Tests;

/// <summary>A folder with a few hundred drawn digits in MNIST's files, written once for all tests of a class.</summary>
public sealed class SmallDataset : IDisposable
{
    public const int Train = 600;
    public const int Test = 100;

    private readonly TemporaryFolder _folder = new();

    public SmallDataset() => MnistFolder.Save(_folder.Path, GeneratedDigits.Draw(seed: 1, Train, Test));

    public string Path => _folder.Path;

    public void Dispose() => _folder.Dispose();
}
