using MnistGpu.Core.Pictures;

namespace MnistGpu.Core.Tests.Pictures;

public sealed class PictureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheContentDecidesNotTheName()
    {
        Assert.Equal([7], Picture.Read(Write("a.jpg", PngContent.File(1, 1, 0, 8, [7]))).Pixels);
        Assert.Equal([9], Picture.Read(Write("b.png", [.. "P5 1 1 255\n"u8, 9])).Pixels);
    }

    [Theory]
    [InlineData("FFD8FFE000104A46", "is a JPEG file; save it as PNG or PGM")]
    [InlineData("474946383961", "is a GIF file")]
    [InlineData("424D3600", "is a BMP file")]
    [InlineData("524946460000000057454250", "is a WebP file")]
    [InlineData("49492A00", "is a TIFF file")]
    [InlineData("25504446", "is a PDF file")]
    [InlineData("00010203", "neither a PNG nor a PGM file")]
    [InlineData("", "it is empty")]
    [InlineData("89504E470D0A1A0A", "cut short")]
    [InlineData("89504E470A0A1A0A", "signature is damaged")]
    [InlineData("5035", "cut short")]
    public void AFileThatCannotBeUsedIsNamedWithTheReason(string content, string reason)
    {
        string path = Write("picture.png", Convert.FromHexString(content));

        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => Picture.Read(path));

        Assert.StartsWith(path, exception.Message);
        Assert.Contains(reason, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void OfALargeFileInAnotherFormatTheBeginningIsRead()
    {
        string path = Path.Combine(_folder.Path, "large.png");
        using (FileStream file = File.Create(path))
            file.SetLength(100_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("neither", Assert.Throws<InvalidDataException>(() => Picture.Read(path)).Message);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void APathWithoutAFileIsNamed()
    {
        string missing = Path.Combine(_folder.Path, "missing.png");

        Assert.Contains(missing, Assert.Throws<FileNotFoundException>(() => Picture.Read(missing)).Message);
        Assert.Contains(_folder.Path, Assert.Throws<IOException>(() => Picture.Read(_folder.Path)).Message);
    }

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
