using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MnistGpu.Testing;

/// <summary>A small HTTP server on this machine. It answers in one way, and notes what it was asked for.</summary>
public sealed class LocalMirror : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, NetworkStream, CancellationToken, Task> _answer;
    private readonly ConcurrentQueue<string> _requests = new();

    /// <param name="answer">Given the path and the connection, which is closed afterwards.</param>
    private LocalMirror(Func<string, NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Base address, ending with a slash.</summary>
    public Uri Uri => new($"http://{_listener.LocalEndpoint}/mnist/");

    /// <summary>Names of the files asked for so far.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Sends these files, and 404 for any other.</summary>
    public static LocalMirror Serving(params (string Name, byte[] Content)[] files) =>
        new(async (name, connection, stop) =>
        {
            byte[]? content = files.FirstOrDefault(file => file.Name == name).Content;
            await connection.WriteAsync(content == null
                ? Head("404 Not Found", 0)
                : [.. Head("200 OK", content.Length), .. content], stop);
        });

    /// <summary>Announces the whole content, sends the first bytes, and closes the connection.</summary>
    public static LocalMirror CuttingOff(byte[] content, int after) =>
        new(async (_, connection, stop) =>
            await connection.WriteAsync((byte[])[.. Head("200 OK", content.Length), .. content[..after]], stop));

    /// <summary>Announces nothing, sends the first bytes, and closes the connection as if that were all.</summary>
    public static LocalMirror EndingEarly(byte[] content, int after) =>
        new(async (_, connection, stop) =>
            await connection.WriteAsync((byte[])[.. Head("200 OK", null), .. content[..after]], stop));

    /// <summary>Announces the whole content, sends the first bytes, and then nothing more.</summary>
    public static LocalMirror Stalling(byte[] content, int after) =>
        new(async (_, connection, stop) =>
        {
            await connection.WriteAsync((byte[])[.. Head("200 OK", content.Length), .. content[..after]], stop);
            await Task.Delay(Timeout.Infinite, stop);
        });

    /// <summary>Takes the connection, and says nothing.</summary>
    public static LocalMirror Silent() => new((_, _, stop) => Task.Delay(Timeout.Infinite, stop));

    /// <summary>An address at which nothing listens.</summary>
    public static Uri Closed()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var uri = new Uri($"http://{listener.LocalEndpoint}/mnist/");
        listener.Stop();
        return uri;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }

    private static byte[] Head(string status, long? length) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 {status}\r\nConnection: close\r\n{(length == null ? "" : $"Content-Length: {length}\r\n")}\r\n");

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
            _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream connection = client.GetStream();
            using var reader = new StreamReader(connection, Encoding.ASCII, leaveOpen: true);
            string path = (await reader.ReadLineAsync(_stop.Token))!.Split(' ')[1];
            while (!string.IsNullOrEmpty(await reader.ReadLineAsync(_stop.Token)))
            {
                // The header lines of the request say nothing that matters here.
            }
            string name = path[(path.LastIndexOf('/') + 1)..];
            _requests.Enqueue(name);
            await _answer(name, connection, _stop.Token);
        }
    }
}
