namespace MnistGpu.Testing;

/// <summary>A new empty folder for one test; it and all that is in it is deleted at the end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mnistgpu-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
