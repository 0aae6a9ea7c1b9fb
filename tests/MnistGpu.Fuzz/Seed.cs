namespace MnistGpu.Fuzz;

/// <summary>A valid file to damage.</summary>
/// <param name="Content">What is damaged.</param>
/// <param name="Wrap">
/// Makes the file of it: packs it or writes right checksums, so that the damage is not noticed by these alone.
/// </param>
internal sealed record Seed(byte[] Content, Func<byte[], byte[]> Wrap)
{
    public static Seed Plain(byte[] content) => new(content, bytes => bytes);
}
