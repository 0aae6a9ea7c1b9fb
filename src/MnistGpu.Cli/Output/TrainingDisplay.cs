using System.Diagnostics;
using MnistGpu.Core.Training;
using Spectre.Console;

namespace MnistGpu.Cli.Output;

/// <summary>Shows a training's progress: live if a person is watching, plain lines if the output is redirected.</summary>
internal static class TrainingDisplay
{
    /// <summary>Runs a training under the display that fits the terminal.</summary>
    public static void Show(Terminal terminal, bool quiet, int epochs, int images, Action<ITrainingObserver?> train)
    {
        if (quiet)
            train(null);
        else if (terminal.IsInteractive && terminal.Console.Profile.Capabilities.Interactive)
            LiveDisplay.Show(terminal.Console, epochs, images, train);
        else
            train(new PlainDisplay(terminal.Output, epochs, images));
    }

    private static string EpochLine(EpochResult result, int epochs, int images) =>
        $"epoch {result.Epoch}/{epochs}  loss {result.Loss:0.0000}  train {result.TrainAccuracy:P2}  "
        + $"test {result.TestAccuracy:P2}  {result.TrainSeconds:0.00} s  {images / result.TrainSeconds:N0} images/s";

    /// <summary>One line for each finished epoch.</summary>
    private sealed class PlainDisplay(TextWriter output, int epochs, int images) : ITrainingObserver
    {
        public void EpochStarted(int epoch)
        {
        }

        public void Report(EpochProgress value)
        {
        }

        public void EpochFinished(EpochResult result) => output.WriteLine(EpochLine(result, epochs, images));
    }

    /// <summary>A bar for the whole training, with a line above it for each finished epoch.</summary>
    internal sealed class LiveDisplay(ProgressContext progress, IAnsiConsole console, int epochs, int images)
        : ITrainingObserver
    {
        private const int LeastWidthForBar = 60;

        private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(50);

        private readonly Stopwatch _epoch = new();
        private readonly LossCurve _curve = new((long)epochs * images);
        private long _seenBefore;
        private double _lossBefore;
        private ProgressTask? _bar;
        private string _name = "";
        private TimeSpan _refreshed;

        public static void Show(IAnsiConsole console, int epochs, int images, Action<ITrainingObserver?> train)
        {
            string curve = "";
            console.Progress()
                .AutoClear(true)
                .HideCompleted(true)
                .Columns(Columns(console.Profile.Width))
                .Start(progress =>
                {
                    var display = new LiveDisplay(progress, console, epochs, images);
                    train(display);
                    curve = display._curve.ToString();
                });
            if (curve.Length > 0)
                console.WriteLine(curve);
        }

        /// <summary>Only the words if there is no room for more, which would wrap.</summary>
        private static ProgressColumn[] Columns(int width)
        {
            var description = new TaskDescriptionColumn { Alignment = Justify.Left };
            return width < LeastWidthForBar
                ? [description]
                : [description, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()];
        }

        public void EpochStarted(int epoch)
        {
            _name = $"epoch {epoch}/{epochs}";
            // A resumed training has only the remaining epochs to do.
            _bar ??= progress.AddTask(_name, maxValue: (epochs - epoch + 1.0) * images);
            _epoch.Restart();
            _refreshed = TimeSpan.Zero;
        }

        public void Report(EpochProgress value)
        {
            if (value.MeanLoss is double loss)
                _curve.Add(_seenBefore + value.Images, _lossBefore + loss * value.Images);
            TimeSpan elapsed = _epoch.Elapsed;
            if (elapsed - _refreshed < RefreshInterval)
                return;
            _refreshed = elapsed;
            string lossSoFar = value.MeanLoss is double mean ? $"  loss {mean:0.0000}" : "";
            _bar!.Description = $"{_name}  {value.Images / elapsed.TotalSeconds:N0} images/s{lossSoFar}";
            _bar.Value = _seenBefore + value.Images;
        }

        public void EpochFinished(EpochResult result)
        {
            _seenBefore += images;
            _lossBefore += result.Loss * images;
            _curve.Add(_seenBefore, _lossBefore);
            _bar!.Value = _seenBefore;
            _bar.Description = $"epoch {result.Epoch + 1}/{epochs}";
            if (result.Epoch == epochs)
                _bar.StopTask();
            // Updates the bar before the epoch's line appears, however short the epoch was.
            progress.Refresh();
            console.WriteLine(EpochLine(result, epochs, images));
        }
    }
}
