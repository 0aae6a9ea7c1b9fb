using System.Net;
using System.Security.Cryptography;
using MnistGpu.Core.Data;

namespace MnistGpu.Core.Tests.Data;

public sealed class MnistDownloadTests : IDisposable
{
    private static readonly byte[] First = IdxContent.Images(200);
    private static readonly byte[] Second = IdxContent.Labels(3, 1, 4);
    private static readonly byte[] FirstPacked = IdxContent.Gzip(First);
    private static readonly byte[] SecondPacked = IdxContent.Gzip(Second);

    private static readonly MnistFile[] Files =
        [Describe("first.idx3-ubyte", First), Describe("second.idx1-ubyte", Second)];

    private static readonly (string, byte[])[] Contents =
        [("first-idx3-ubyte.gz", FirstPacked), ("second-idx1-ubyte.gz", SecondPacked)];

    private readonly TemporaryFolder _root = new();

    /// <summary>Not there before the download.</summary>
    private string Folder => Path.Combine(_root.Path, "mnist_data");

    public void Dispose() => _root.Dispose();

    private static MnistFile Describe(string name, byte[] content) =>
        new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), Checksum: 0);

    private static MnistDownload From(params Uri[] mirrors) => From(TimeSpan.FromSeconds(30), mirrors);

    private static MnistDownload From(TimeSpan stallTimeout, params Uri[] mirrors) =>
        new(mirrors, Files, new SocketsHttpHandler { UseProxy = false }, stallTimeout);

    private string[] FileNames() => Directory.Exists(Folder)
        ? [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)).Order()]
        : [];

    private void AssertBothFilesAreThereAndNothingElse()
    {
        Assert.Equal(["first.idx3-ubyte", "second.idx1-ubyte"], FileNames());
        Assert.Equal(First, File.ReadAllBytes(Path.Combine(Folder, "first.idx3-ubyte")));
        Assert.Equal(Second, File.ReadAllBytes(Path.Combine(Folder, "second.idx1-ubyte")));
    }

    private async Task<string> FailureOf(MnistDownload download)
    {
        string message = (await Assert.ThrowsAsync<HttpRequestException>(() => download.FetchAsync(Folder))).Message;
        Assert.DoesNotContain('\n', message);
        Assert.Empty(FileNames());
        return message;
    }

    /// <summary>With a mirror that works behind the one that fails, the files come and nothing else stays.</summary>
    private async Task AssertTheSecondMirrorIsTried(Uri failing, TimeSpan? stallTimeout = null)
    {
        using LocalMirror good = LocalMirror.Serving(Contents);
        await From(stallTimeout ?? TimeSpan.FromSeconds(30), failing, good.Uri).FetchAsync(Folder);
        AssertBothFilesAreThereAndNothingElse();
        Assert.Equal(["first-idx3-ubyte.gz", "second-idx1-ubyte.gz"], good.Requests);
    }

    [Fact]
    public async Task EachFileIsUnpackedUnderItsName()
    {
        using LocalMirror mirror = LocalMirror.Serving(Contents);
        using LocalMirror unused = LocalMirror.Serving(Contents);

        IReadOnlyList<string> downloaded = await From(mirror.Uri, unused.Uri).FetchAsync(Folder);

        Assert.Equal(["first.idx3-ubyte", "second.idx1-ubyte"], downloaded);
        AssertBothFilesAreThereAndNothingElse();
        Assert.Empty(unused.Requests);
    }

    [Fact]
    public async Task ProgressEndsWithTheWholeLengthOfEachFile()
    {
        using LocalMirror mirror = LocalMirror.Serving(Contents);
        var progress = new Recorder();

        await From(mirror.Uri).FetchAsync(Folder, progress);

        Assert.Contains(new DownloadProgress("first.idx3-ubyte", First.Length, First.Length), progress.Reports);
        Assert.Equal(new DownloadProgress("second.idx1-ubyte", Second.Length, Second.Length), progress.Reports[^1]);
    }

    [Fact]
    public async Task WhatIsThereAlreadyIsNotDownloadedAgain()
    {
        using LocalMirror mirror = LocalMirror.Serving(Contents);
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Path.Combine(Folder, "first-idx3-ubyte.gz"), FirstPacked);

        Assert.Equal(["second.idx1-ubyte"], await From(mirror.Uri).FetchAsync(Folder));
        Assert.Equal(["first-idx3-ubyte.gz", "second.idx1-ubyte"], FileNames());
        Assert.Empty(await From(mirror.Uri).FetchAsync(Folder));

        Assert.Equal(["second-idx1-ubyte.gz"], mirror.Requests);
    }

    [Theory]
    [InlineData("second.idx1-ubyte")]
    [InlineData("second-idx1-ubyte.gz")]
    public async Task AFileWithAnotherContentIsReplacedOrTakenOver(string name)
    {
        using LocalMirror mirror = LocalMirror.Serving(Contents);
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Path.Combine(Folder, name), [0x1f, 0x8b, .. Second]);

        await From(mirror.Uri).FetchAsync(Folder);

        Assert.Equal(Second, File.ReadAllBytes(Path.Combine(Folder, "second.idx1-ubyte")));
        Assert.Equal(Path.Combine(Folder, "second.idx1-ubyte"), Files[1].FindIn(Folder));
    }

    [SkippableFact]
    public async Task TorchvisionsFolderBelowIsNotDownloadedAgain()
    {
        string mnist = Mnist.Require();
        string raw = Directory.CreateDirectory(Path.Combine(_root.Path, "MNIST", "raw")).FullName;
        foreach (string file in MnistFile.All.Select(file => file.FindIn(mnist)!))
            File.Copy(file, Path.Combine(raw, Path.GetFileName(file)));

        Assert.Empty(await new MnistDownload().FetchAsync(_root.Path));
        Assert.Empty(Directory.GetFiles(_root.Path));
    }

    [Fact]
    public async Task AnotherDataSetIsLeftAlone()
    {
        string labels = Path.Combine(Directory.CreateDirectory(Folder).FullName, "train-labels-idx1-ubyte.gz");
        File.WriteAllBytes(labels, IdxContent.Gzip(IdxContent.Labels(20, 3, 26)));

        string message = (await Assert.ThrowsAsync<IOException>(() => new MnistDownload().FetchAsync(Folder))).Message;

        Assert.Equal($"{labels} belongs to another data set than MNIST; name another folder", message);
        Assert.Equal([Path.GetFileName(labels)], FileNames());
    }

    [Fact]
    public async Task AWrongChecksumIsRefused()
    {
        byte[] altered = [.. First];
        altered[^1] ^= 1;
        using LocalMirror mirror = LocalMirror.Serving(("first-idx3-ubyte.gz", IdxContent.Gzip(altered)));

        string message = await FailureOf(From(mirror.Uri));

        Assert.Contains(
            $"{mirror.Uri.Authority}: the content is not MNIST's (wrong SHA-256 of 156,816 bytes)", message);
        await AssertTheSecondMirrorIsTried(mirror.Uri);
    }

    [Fact]
    public async Task ContentThatIsTooLongIsRefused()
    {
        using LocalMirror mirror = LocalMirror.Serving(("first-idx3-ubyte.gz", IdxContent.Gzip([.. First, 0])));

        string message = await FailureOf(From(mirror.Uri));

        Assert.Contains($"{mirror.Uri.Authority}: the content is longer than 156,816 bytes", message);
        await AssertTheSecondMirrorIsTried(mirror.Uri);
    }

    [Fact]
    public async Task ContentThatIsNotGzipIsRefused()
    {
        byte[] page = "<html>a login page</html>"u8.ToArray();
        using LocalMirror mirror = LocalMirror.Serving(("first-idx3-ubyte.gz", page));

        string message = await FailureOf(From(mirror.Uri));

        Assert.Contains($"{mirror.Uri.Authority}: the content is damaged", message);
        await AssertTheSecondMirrorIsTried(mirror.Uri);
    }

    [Fact]
    public async Task AConnectionCutHalfWayIsRefused()
    {
        using LocalMirror mirror = LocalMirror.CuttingOff(FirstPacked, FirstPacked.Length / 2);

        string message = await FailureOf(From(mirror.Uri));

        Assert.Contains($"{mirror.Uri.Authority}: the connection broke: ", message);
        await AssertTheSecondMirrorIsTried(mirror.Uri);
    }

    [Fact]
    public async Task ContentThatEndsHalfWayIsRefused()
    {
        using LocalMirror mirror = LocalMirror.EndingEarly(FirstPacked, FirstPacked.Length / 2);

        await FailureOf(From(mirror.Uri));
        await AssertTheSecondMirrorIsTried(mirror.Uri);
    }

    [Fact]
    public async Task A404IsRefused()
    {
        using LocalMirror mirror = LocalMirror.Serving();

        string message = await FailureOf(From(mirror.Uri));

        Assert.Contains($"{mirror.Uri.Authority}: HTTP 404 Not Found", message);
        await AssertTheSecondMirrorIsTried(mirror.Uri);
    }

    /// <summary>A proxy that refuses: the address that .NET reports has the password in it.</summary>
    [Theory]
    [InlineData("user:secret")]
    [InlineData("user:%2Fsecret%40")]
    [InlineData("secret")]
    public async Task AProxysPasswordIsNotTold(string userInfo)
    {
        using LocalMirror proxy = LocalMirror.Serving();
        using var handler = new SocketsHttpHandler
        {
            Proxy = new WebProxy(proxy.Uri.AbsoluteUri.Replace("://", $"://{userInfo}@")),
        };
        var mirror = new Uri("https://mirror.invalid/mnist/");

        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => new MnistDownload([mirror], Files, handler, TimeSpan.FromSeconds(30)).FetchAsync(Folder));

        Assert.Contains($"through the proxy {proxy.Uri.Authority}: it answers HTTP 404", exception.Message);
        Assert.DoesNotContain("secret", exception.ToString());
    }

    [Fact]
    public async Task AMirrorThatFallsSilentIsGivenUp()
    {
        using LocalMirror stalling = LocalMirror.Stalling(FirstPacked, FirstPacked.Length / 2);
        using LocalMirror silent = LocalMirror.Silent();
        TimeSpan timeout = TimeSpan.FromSeconds(0.2);

        string message = await FailureOf(From(timeout, stalling.Uri, silent.Uri));

        Assert.Contains($"{stalling.Uri.Authority}: nothing came for 0.2 s", message);
        Assert.Contains($"{silent.Uri.Authority}: nothing came for 0.2 s", message);
        // More for the mirror that works: a busy machine may take its time.
        await AssertTheSecondMirrorIsTried(stalling.Uri, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task AMirrorThatTakesNoConnectionIsGivenUp()
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(0.2),
            ConnectCallback = async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return Stream.Null;
            },
        };
        var mirror = new Uri("http://mirror.invalid/mnist/");

        string message = await FailureOf(new MnistDownload([mirror], Files, handler, TimeSpan.FromSeconds(30)));

        Assert.Contains("(mirror.invalid: no connection within 0.2 s)", message);
    }

    [Fact]
    public async Task AFileIsReportedBeforeItIsAskedFor()
    {
        var progress = new Recorder();

        await Assert.ThrowsAsync<HttpRequestException>(
            () => From(LocalMirror.Closed()).FetchAsync(Folder, progress));

        Assert.Equal([new DownloadProgress("first.idx3-ubyte", 0, First.Length)], progress.Reports);
    }

    [Fact]
    public async Task WithoutANetworkTheMessageSaysWhyForEachMirrorAndWhatToDo()
    {
        Uri[] mirrors = [LocalMirror.Closed(), LocalMirror.Closed()];

        string message = await FailureOf(From(mirrors));

        Assert.StartsWith("first.idx3-ubyte could not be downloaded (", message);
        Assert.Contains($"{mirrors[0].Authority}: ", message);
        Assert.Contains($"{mirrors[1].Authority}: ", message);
        Assert.Contains($"into {Folder} by hand", message);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task AFileThatFailsLeavesTheOnesBeforeIt()
    {
        using LocalMirror mirror = LocalMirror.Serving(Contents[0]);

        await Assert.ThrowsAsync<HttpRequestException>(() => From(mirror.Uri).FetchAsync(Folder));

        Assert.Equal(["first.idx3-ubyte"], FileNames());
    }

    [Fact]
    public async Task CancellingLeavesNothingHalfWritten()
    {
        using LocalMirror mirror = LocalMirror.Stalling(FirstPacked, FirstPacked.Length / 2);
        using LocalMirror unused = LocalMirror.Serving(Contents);
        using var cancel = new CancellationTokenSource();
        var progress = new Recorder { AtFirst = cancel.Cancel };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => From(mirror.Uri, unused.Uri).FetchAsync(Folder, progress, cancel.Token));

        Assert.True(progress.Reports[^1].Bytes > 0);
        Assert.Empty(FileNames());
        Assert.Empty(unused.Requests);
    }

    [Fact]
    public async Task AFolderThatCannotBeMadeIsNoFaultOfTheMirror()
    {
        using LocalMirror mirror = LocalMirror.Serving(Contents);
        File.WriteAllText(Folder, "a file where the folder should be");
        string inside = Path.Combine(Folder, "digits");

        IOException exception = await Assert.ThrowsAnyAsync<IOException>(
            () => From(mirror.Uri, mirror.Uri).FetchAsync(inside));

        Assert.Contains(Folder, exception.Message);
        Assert.Single(mirror.Requests);
    }

    [Fact]
    public async Task AFileInPlaceOfTheFolderIsNamedBeforeAnythingIsAskedFor()
    {
        using LocalMirror mirror = LocalMirror.Serving(Contents);
        File.WriteAllText(Folder, "a file where the folder should be");

        IOException exception = await Assert.ThrowsAsync<IOException>(() => From(mirror.Uri).FetchAsync(Folder));

        Assert.Equal($"{Folder} is a file; name a folder", exception.Message);
        Assert.Empty(mirror.Requests);
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, takes each report at once and in order.</summary>
    private sealed class Recorder : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> Reports { get; } = [];

        /// <summary>When the first bytes have come.</summary>
        public Action? AtFirst { get; init; }

        public void Report(DownloadProgress value)
        {
            if (value.Bytes > 0 && Reports.TrueForAll(report => report.Bytes == 0))
                AtFirst?.Invoke();
            Reports.Add(value);
        }
    }
}
