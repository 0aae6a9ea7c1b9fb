using MnistGpu.Core.Data;

namespace MnistGpu.Core.Tests.Data;

public sealed class IdxFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(byte[] content)
    {
        string path = Path.Combine(_folder.Path, "file");
        File.WriteAllBytes(path, content);
        return path;
    }

    private static string MessageOf(Func<byte[]> read, string path)
    {
        string message = Assert.Throws<InvalidDataException>(() => { read(); }).Message;
        Assert.StartsWith(path + ": ", message);
        Assert.DoesNotContain('\n', message);
        return message[(path.Length + 2)..];
    }

    private string ImagesError(byte[] content)
    {
        string path = Write(content);
        return MessageOf(() => IdxFile.ReadImages(path), path);
    }

    private string LabelsError(byte[] content)
    {
        string path = Write(content);
        return MessageOf(() => IdxFile.ReadLabels(path), path);
    }

    private static byte[] GzipOfLabels() =>
        IdxContent.Gzip(IdxContent.Labels([.. IdxContent.Pixels(1).Take(200).Select(p => (byte)(p % 10))]));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    public void ImagesAreReadPlainOrGzip(int count)
    {
        Assert.Equal(IdxContent.Pixels(count), IdxFile.ReadImages(Write(IdxContent.Images(count))));
        Assert.Equal(IdxContent.Pixels(count), IdxFile.ReadImages(Write(IdxContent.Gzip(IdxContent.Images(count)))));
    }

    [Fact]
    public void LabelsAreReadPlainOrGzip()
    {
        byte[] labels = [0, 9, 5, 1];
        Assert.Equal(labels, IdxFile.ReadLabels(Write(IdxContent.Labels(labels))));
        Assert.Equal(labels, IdxFile.ReadLabels(Write(IdxContent.Gzip(IdxContent.Labels(labels)))));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    // Nothing in the last part, as bgzip ends its files.
    [InlineData(1_584)]
    public void GzipFilesOneAfterAnotherAreOne(int firstLength)
    {
        byte[] content = IdxContent.Images(2);
        byte[] packed = [.. IdxContent.Gzip(content[..firstLength]), .. GzipMember(content[firstLength..])];

        Assert.Equal(IdxContent.Pixels(2), IdxFile.ReadImages(Write(packed)));
    }

    [Fact]
    public void TheLastOfSeveralGzipFilesMayNotBeCutShort()
    {
        byte[] content = IdxContent.Images(2);
        byte[] packed = [.. IdxContent.Gzip(content[..1_000]), .. IdxContent.Gzip(content[1_000..])];

        for (int cut = 1; cut <= 8; cut++)
            ImagesError(packed[..^cut]);
    }

    /// <summary>A gzip file also of nothing, for which GZipStream writes none.</summary>
    private static byte[] GzipMember(byte[] content) => content.Length > 0
        ? IdxContent.Gzip(content)
        : [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Fact]
    public void AMissingFileIsReported() =>
        Assert.Throws<FileNotFoundException>(() => IdxFile.ReadImages(Path.Combine(_folder.Path, "nothing")));

    [Fact]
    public void AnotherIdxFileIsCalledByItsType()
    {
        Assert.Equal("this is an IDX file of 32-bit floats in 3 dimensions, not a file of images",
            ImagesError(IdxContent.Images(1, IdxContent.Pixels(1), magic: 0xD03)));
        Assert.Equal("this is an IDX file of numbers in rows, such as QMNIST's labels, not a file of labels",
            LabelsError(IdxContent.Labels(1, new byte[36], magic: 0xC02)));
        Assert.Equal("this is a file of labels, not a file of images", ImagesError(IdxContent.Labels(1, 2, 3)));
        Assert.Equal("unpacked, this is a file of images, not a file of labels",
            LabelsError(IdxContent.Gzip(IdxContent.Images(1))));
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html>Not found</html>", "a web page")]
    [InlineData("\uFEFF\n<HTML>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer")]
    [InlineData("PK\u0003\u0004\u0014\0\0\0", "a zip archive")]
    [InlineData("7z\u00BC\u00AF", "a 7-Zip archive")]
    [InlineData("\u0093NUMPY\u0001\0", "a NumPy .npy file")]
    [InlineData("label,1x1,1x2\n5,0,0\n", "a text file")]
    [InlineData("\u0001\u0008\0\0\0", "no IDX file (it begins with 01080000)")]
    public void WhatIsNoIdxFileIsCalledWhatItIs(string content, string kind)
    {
        byte[] bytes = content[0] == '\uFEFF'
            ? System.Text.Encoding.UTF8.GetBytes(content)
            : System.Text.Encoding.Latin1.GetBytes(content);

        Assert.StartsWith($"this is {kind}", ImagesError(bytes));
        Assert.StartsWith($"unpacked, this is {kind}", LabelsError(IdxContent.Gzip(bytes)));
    }

    [Fact]
    public void GzipInGzipIsSaidToBe() =>
        Assert.Equal("unpacked, this is a gzip file, not a file of images",
            ImagesError(IdxContent.Gzip(IdxContent.Gzip(IdxContent.Images(1)))));

    [SkippableFact]
    public void APipeIsNotWaitedFor()
    {
        Skip.If(OperatingSystem.IsWindows(), "There are no named pipes in folders.");
        string pipe = Path.Combine(_folder.Path, "pipe");
        System.Diagnostics.Process.Start("mkfifo", [pipe]).WaitForExit();

        Assert.StartsWith("this is an empty file, or a pipe", MessageOf(() => IdxFile.ReadImages(pipe), pipe));
        Assert.StartsWith("this is an empty file, or a pipe", LabelsError([]));
    }

    [SkippableFact]
    public void ALinkWithoutItsFileIsCalledOne()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a link takes rights there that a test may not have.");
        string link = Path.Combine(_folder.Path, "link");
        string target = Path.Combine(_folder.Path, "annex", "file");
        File.CreateSymbolicLink(link, "annex/file");

        Assert.Equal($"{link}: this is a link to {target}, which does not exist",
            Assert.Throws<FileNotFoundException>(() => IdxFile.ReadImages(link)).Message);
    }

    [Fact]
    public void AWholeFileOfAnyTypeIsTold()
    {
        byte[] qmnist = IdxContent.Labels(2, [0, 0, 0, 8, .. new byte[64]], magic: 0xC02);

        Assert.True(IdxFile.IsWhole(Write(qmnist)));
        Assert.True(IdxFile.IsWhole(Write(IdxContent.Gzip(qmnist))));
        Assert.False(IdxFile.IsWhole(Write(qmnist[..^1])));
        Assert.False(IdxFile.IsWhole(Write(IdxContent.Gzip(qmnist)[..^20])));
        Assert.False(IdxFile.IsWhole(Write([0, 0, 8])));
        Assert.False(IdxFile.IsWhole(Write([0, 0, 8, 3, .. Enumerable.Repeat((byte)255, 40)])));
        Assert.False(IdxFile.IsWhole(Write("<html>"u8.ToArray())));
    }

    [Theory]
    [InlineData(27, 28)]
    [InlineData(28, 29)]
    [InlineData(-28, -28)]
    [InlineData(1, 784)]
    public void ImagesOfAnotherSizeAreRefused(int rows, int columns) =>
        Assert.Equal($"the images are {rows}×{columns} pixels; only 28×28 can be read",
            ImagesError(IdxContent.Images(1, IdxContent.Pixels(1), rows: rows, columns: columns)));

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void AnImpossibleCountIsRefused(int count)
    {
        byte[] content = IdxContent.Images(count, IdxContent.Pixels(1));
        string expected = $"the header says {count:N0} images; 0 to {Array.MaxLength / 784:N0} can be read";
        Assert.Equal(expected, ImagesError(content));
        Assert.Equal(expected, ImagesError(IdxContent.Gzip(content)));
    }

    [Fact]
    public void ACountThatTheFileIsTooShortForAllocatesNothing()
    {
        // 1.6 GB of pixels, in a file of one image.
        string path = Write(IdxContent.Images(2_000_000, IdxContent.Pixels(1)));
        string packedPath = path + ".gz";
        File.WriteAllBytes(packedPath, IdxContent.Gzip(IdxContent.Images(2_000_000, IdxContent.Pixels(1))));
        long before = GC.GetAllocatedBytesForCurrentThread();

        string message = MessageOf(() => IdxFile.ReadImages(path), path);
        string packedMessage = MessageOf(() => IdxFile.ReadImages(packedPath), packedPath);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal("cut short: 2,000,000 images take 1,568,000,016 bytes, but the file has 800", message);
        Assert.StartsWith(
            "cut short: 2,000,000 images take 1,568,000,016 bytes, but gzip of this size holds ", packedMessage);
    }

    [Fact]
    public void NoSecondCopyIsMade()
    {
        string path = Write(IdxContent.Images(3000));
        string packedPath = path + ".gz";
        File.WriteAllBytes(packedPath, IdxContent.Gzip(IdxContent.Images(3000)));
        foreach (string file in (string[])[path, packedPath])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            byte[] pixels = IdxFile.ReadImages(file);
            // The array itself, and room for the streams and their small buffers.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, pixels.Length, pixels.Length + 200_000);
        }
    }

    [Fact]
    public void ATruncatedFileIsReportedWithBothLengths()
    {
        Assert.Equal("cut short: 2 images take 1,584 bytes, but the file has 1,583",
            ImagesError(IdxContent.Images(2)[..^1]));
        Assert.Equal("cut short: 3 labels take 11 bytes, but the file has 10",
            LabelsError(IdxContent.Labels(1, 2, 3)[..^1]));
        Assert.Equal("cut short: 2 images take 1,584 bytes, but there are 1,583",
            ImagesError(IdxContent.Gzip(IdxContent.Images(2)[..^1])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(15)]
    public void AFileThatEndsInTheHeaderIsReported(int length)
    {
        byte[] content = IdxContent.Images(1)[..length];
        string expected = $"cut short: the header alone has 16 bytes, but the file has {length}";
        Assert.Equal(expected, ImagesError(content));
        Assert.Equal(expected, ImagesError(IdxContent.Gzip(content)));
    }

    [Fact]
    public void AnOversizedFileIsReported()
    {
        Assert.Equal("too long: 2 images take 1,584 bytes, but the file has 1,585",
            ImagesError([.. IdxContent.Images(2), 0]));
        Assert.Equal("too long: 2 labels take 10 bytes, but the file has 12",
            LabelsError([.. IdxContent.Labels(1, 2), 3, 4]));
        Assert.Equal("too long: 2 images take 1,584 bytes, but there are more",
            ImagesError(IdxContent.Gzip([.. IdxContent.Images(2), 0])));
    }

    [Fact]
    public void ALabelAboveNineIsReportedWithItsIndex() =>
        Assert.Equal("label 2 (counted from 0) is 10; a digit is 0 to 9 (sets of letters, such as EMNIST's, cannot be read)",
            LabelsError(IdxContent.Labels(9, 0, 10, 255)));

    [Fact]
    public void AGzipFileThatIsCutShortAnywhereIsRefused()
    {
        byte[] content = GzipOfLabels();
        for (int length = 0; length < content.Length; length++)
            LabelsError(content[..length]);
    }

    [Fact]
    public void AGzipFileWithDamagedContentIsRefused()
    {
        byte[] content = GzipOfLabels();
        // A wrong time stamp in the ten bytes of the header is no damage; nor are other bits in the unused part of the
        // last byte before the eight of the trailer.
        for (int i = 10; i < content.Length; i++)
        {
            if (i == content.Length - 9)
                continue;
            byte[] damaged = [.. content];
            damaged[i] ^= 0x10;
            LabelsError(damaged);
        }
    }
}
