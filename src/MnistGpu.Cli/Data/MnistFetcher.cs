using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using Spectre.Console;

namespace MnistGpu.Cli.Data;

/// <summary>Downloads MNIST and shows the progress.</summary>
internal static class MnistFetcher
{
    /// <summary>Downloads those of the four files that the folder lacks.</summary>
    /// <exception cref="HttpRequestException">No mirror delivered a file; the message says why and what to do.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Fetch(string folder, Terminal terminal)
    {
        using var download = new MnistDownload();
        IReadOnlyList<string> files = [];
        if (terminal.IsInteractive)
            terminal.Console.Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new RemainingTimeColumn())
                .Start(progress => files = Wait(new Bars(progress)));
        else
            files = Wait(new Announcement(folder, terminal));

        terminal.WriteLine(files.Count == 0
            ? $"MNIST is already in {folder}; its four files are complete."
            : $"Downloaded {string.Join(", ", files)} to {folder}; the checksums are right.");

        IReadOnlyList<string> Wait(IProgress<DownloadProgress> progress) =>
            download.FetchAsync(folder, progress, terminal.Cancellation).GetAwaiter().GetResult();
    }

    /// <summary>One line before the first file: without bars, a slow network would look like a hang.</summary>
    private sealed class Announcement(string folder, Terminal terminal) : IProgress<DownloadProgress>
    {
        private bool _isMade;

        public void Report(DownloadProgress value)
        {
            if (_isMade)
                return;
            _isMade = true;
            terminal.WriteError($"downloading MNIST to {folder}");
        }
    }

    /// <summary>One bar per file.</summary>
    private sealed class Bars(ProgressContext progress) : IProgress<DownloadProgress>
    {
        private readonly Dictionary<string, ProgressTask> _bars = [];

        public void Report(DownloadProgress value)
        {
            if (!_bars.TryGetValue(value.File, out ProgressTask? bar))
                _bars[value.File] = bar = progress.AddTask(value.File, maxValue: value.TotalBytes);
            bar.Value = value.Bytes;
        }
    }
}
