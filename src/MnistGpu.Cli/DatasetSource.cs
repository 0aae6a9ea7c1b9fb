using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;

namespace MnistGpu.Cli;

/// <summary>Finds the images that <c>--data</c> means.</summary>
internal static class DatasetSource
{
    /// <summary>The value of <c>--data</c> that means MNIST or nothing.</summary>
    public const string Mnist = "mnist";

    /// <summary>The value of <c>--data</c> that means the drawn digits.</summary>
    public const string Generated = "generated";

    /// <summary>The seed of the drawn digits: one set for every command, so that a test image stays the same.</summary>
    public const int GeneratedSeed = 1;

    /// <summary>
    /// Loads a folder, MNIST or the drawn digits. Where nothing is asked for and MNIST is not there, it is downloaded, and
    /// without a network the drawn digits take its place, which is said plainly.
    /// </summary>
    /// <param name="data">
    /// The value of <c>--data</c>: a folder, <see cref="Mnist"/>, <see cref="Generated"/>, or null where it was not given.
    /// </param>
    /// <param name="terminal">Told of a download and of what took MNIST's place.</param>
    /// <param name="fetch">Downloads MNIST to a folder; null for <see cref="MnistFetcher.Fetch"/>.</param>
    /// <exception cref="IOException">The files cannot be read.</exception>
    /// <exception cref="HttpRequestException">MNIST was asked for and cannot be had.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or MNIST was asked for and is not what is there.</exception>
    public static MnistDataset Load(string? data, Terminal terminal, Action<string, Terminal>? fetch = null)
    {
        switch (data)
        {
            case Generated:
                return GeneratedDigits.Draw(GeneratedSeed, cancellationToken: terminal.Cancellation);
            case null or Mnist:
                if (MnistFolder.Find() is not string found)
                    break;
                MnistDataset dataset = MnistFolder.Load(found);
                if (data is Mnist && dataset.Name != MnistFolder.Mnist)
                    throw new InvalidDataException(
                        $"{found}: this is not MNIST; {MnistFolder.FetchCommand(found)} puts MNIST in its place");
                return dataset;
            default:
                return MnistFolder.Load(data);
        }

        string folder = MnistFolder.DownloadTarget();
        try
        {
            (fetch ?? MnistFetcher.Fetch)(folder, terminal);
        }
        catch (Exception exception) when (data is null
            && exception is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            terminal.WriteError($"warning: {exception.Message}");
            terminal.WriteError("warning: these are digits that the program draws, not MNIST; their figures do not compare");
            return GeneratedDigits.Draw(GeneratedSeed, cancellationToken: terminal.Cancellation);
        }
        return MnistFolder.Load(folder);
    }
}
