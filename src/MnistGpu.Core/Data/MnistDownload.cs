using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MnistGpu.Core.Files;

namespace MnistGpu.Core.Data;

/// <summary>
/// Downloads the four files of MNIST from public mirrors. Each is unpacked as it arrives, and gets its final name only when
/// it is complete and its SHA-256 is right: there is never an incomplete file under that name.
/// </summary>
public sealed partial class MnistDownload : IDisposable
{
    /// <summary>The mirrors, in the order in which they are tried for each file.</summary>
    public static readonly IReadOnlyList<Uri> PublicMirrors =
    [
        new("https://storage.googleapis.com/cvdf-datasets/mnist/"),
        new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
    ];

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<Uri> _mirrors;
    private readonly IReadOnlyList<MnistFile> _files;
    private readonly HttpClient _client;
    private readonly IWebProxy? _proxy;
    private readonly TimeSpan _connectTimeout;
    private readonly TimeSpan _stallTimeout;

    /// <summary>Prepares a download from <see cref="PublicMirrors"/>; nothing is sent yet.</summary>
    public MnistDownload()
        : this(PublicMirrors, MnistFile.All, new SocketsHttpHandler { ConnectTimeout = ConnectTimeout }, StallTimeout)
    {
    }

    /// <param name="mirrors">Base addresses, each ending with a slash.</param>
    /// <param name="files">What to download.</param>
    /// <param name="handler">Sends the requests.</param>
    /// <param name="stallTimeout">How long a mirror may send nothing.</param>
    internal MnistDownload(
        IReadOnlyList<Uri> mirrors, IReadOnlyList<MnistFile> files, SocketsHttpHandler handler, TimeSpan stallTimeout)
    {
        _mirrors = mirrors;
        _files = files;
        // A slow connection may take its time; only a stalled one is given up.
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _proxy = handler.UseProxy ? handler.Proxy ?? HttpClient.DefaultProxy : null;
        _connectTimeout = handler.ConnectTimeout;
        _stallTimeout = stallTimeout;
    }

    /// <summary>
    /// Downloads the files that a folder lacks, as plain files named like <c>train-images.idx3-ubyte</c>. An existing file with
    /// the right content, in any spelling, is kept; a damaged one is replaced.
    /// </summary>
    /// <param name="folder">Where the files go; created if necessary.</param>
    /// <param name="progress">Notified of each file before it is requested, then of its progress; may be null.</param>
    /// <param name="cancellationToken">Stops the download. Complete files are kept.</param>
    /// <returns>The names of the downloaded files; none if all existed.</returns>
    /// <exception cref="HttpRequestException">
    /// No mirror delivered a file; the message gives each mirror's reason, and what to do instead.
    /// </exception>
    /// <exception cref="IOException">
    /// The folder or a file in it cannot be written, or it contains another data set, which is left alone.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<IReadOnlyList<string>> FetchAsync(
        string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (File.Exists(folder))
            throw new IOException($"{folder} is a file; name a folder");
        if (MnistFile.OtherSetIn(folder) is string other)
            throw new IOException($"{other} belongs to another data set than MNIST; name another folder");
        // torchvision's MNIST/raw below it is fine.
        string[] holders = [folder, .. MnistFolder.HoldersIn(folder)];
        var downloaded = new List<string>();
        foreach (MnistFile file in _files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (holders.Any(holder => file.FindIn(holder) is string present && file.IsContentOf(present)))
                continue;
            if (Directory.Exists(folder))
                AtomicFile.EnsureWritable(Path.Combine(folder, file.Name));
            await FetchFileAsync(file, folder, progress, cancellationToken).ConfigureAwait(false);
            downloaded.Add(file.Name);
        }
        return downloaded;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private async Task FetchFileAsync(
        MnistFile file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new DownloadProgress(file.Name, Bytes: 0, file.Length));
        var failures = new List<string>();
        foreach (Uri mirror in _mirrors)
        {
            string? failure = await TryMirrorAsync(mirror, file, folder, progress, cancellationToken)
                .ConfigureAwait(false);
            if (failure == null)
                return;
            failures.Add($"{mirror.Authority}: {failure}");
        }
        throw new HttpRequestException(
            $"{file.Name} could not be downloaded ({string.Join("; ", failures)}); " +
            $"check the network, or put the four files of MNIST into {Path.GetFullPath(folder)} by hand");
    }

    /// <summary>Returns null once the file is in place, otherwise why this mirror did not deliver it.</summary>
    private async Task<string?> TryMirrorAsync(
        Uri mirror, MnistFile file, string folder, IProgress<DownloadProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            stall.CancelAfter(_stallTimeout);
            var uri = new Uri(mirror, file.DashedName + ".gz");
            using HttpResponseMessage response = await _client
                .GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                return $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();

            await using Stream packed = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
            await using var content = new GZipStream(packed, CompressionMode.Decompress);
            Directory.CreateDirectory(folder);
            await AtomicFile.WriteAsync(
                Path.Combine(folder, file.Name), target => CopyAsync(content, target, file, progress, stall))
                .ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return stall.IsCancellationRequested
                ? $"nothing came for {_stallTimeout.TotalSeconds:0.#} s"
                : $"no connection within {_connectTimeout.TotalSeconds:0.#} s";
        }
        catch (HttpRequestException e)
        {
            string reason = e switch
            {
                { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: HttpStatusCode.ProxyAuthenticationRequired } =>
                    "it wants a name and a password, as in HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
                { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: { } status } => $"it answers HTTP {(int)status}",
                _ => OneLine(e.GetBaseException().Message),
            };
            return _proxy?.GetProxy(mirror) is { } proxy
                ? $"through the proxy {proxy.Authority}: {reason}"
                : reason;
        }
    }

    /// <summary>Copies the content, checking it.</summary>
    /// <exception cref="HttpRequestException">The content is incomplete or wrong.</exception>
    private async Task CopyAsync(
        Stream content, Stream target, MnistFile file, IProgress<DownloadProgress>? progress,
        CancellationTokenSource stall)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[128 * 1024];
        long length = 0;
        while (true)
        {
            stall.CancelAfter(_stallTimeout);
            int read = await ReadAsync(content, buffer, stall.Token).ConfigureAwait(false);
            if (read == 0)
                break;
            length += read;
            // Whatever this is, it must not fill the disk.
            if (length > file.Length)
                throw new HttpRequestException($"the content is longer than {file.Length:N0} bytes");
            sha256.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), stall.Token).ConfigureAwait(false);
            progress?.Report(new DownloadProgress(file.Name, length, file.Length));
        }
        if (Convert.ToHexStringLower(sha256.GetHashAndReset()) != file.Sha256)
            throw new HttpRequestException($"the content is not MNIST's (wrong SHA-256 of {length:N0} bytes)");
    }

    /// <summary>Reads; every failure of the mirror gets one exception type, to tell it from a failing disk.</summary>
    private static async Task<int> ReadAsync(Stream content, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            throw new HttpRequestException("the content is damaged or was cut short");
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"the connection broke: {OneLine(e.GetBaseException().Message)}");
        }
    }

    /// <summary>The message on one line, without the name and password that a proxy's address may contain.</summary>
    private static string OneLine(string message) => UserInfo().Replace(message.ReplaceLineEndings(" "), "");

    [GeneratedRegex(@"(?<=://)[^/\s'""]*@")]
    private static partial Regex UserInfo();
}

/// <summary>The progress of a download.</summary>
/// <param name="File">The name of the file.</param>
/// <param name="Bytes">Bytes so far, unpacked.</param>
/// <param name="TotalBytes">Bytes that it will have.</param>
public readonly record struct DownloadProgress(string File, long Bytes, long TotalBytes);
