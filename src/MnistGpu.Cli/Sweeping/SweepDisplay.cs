using MnistGpu.Cli.Output;
using MnistGpu.Core.Training;
using Spectre.Console;

namespace MnistGpu.Cli.Sweeping;

/// <summary>Shows a sweep's progress: a bar with the time left if a person is watching, otherwise a line for each training.</summary>
internal sealed class SweepDisplay(Terminal terminal, ProgressTask? bar, bool quiet, int images, int runs)
{
    private int _finished;

    /// <summary>Trains under the display that fits the terminal.</summary>
    public static void Show(Terminal terminal, bool quiet, int images, IReadOnlyCollection<Run> runs, Action<SweepDisplay> train)
    {
        if (quiet || !(terminal.IsInteractive && terminal.Console.Profile.Capabilities.Interactive))
        {
            train(new SweepDisplay(terminal, bar: null, quiet, images, runs.Count));
            return;
        }
        terminal.Console.Progress().AutoClear(true).HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress => train(new SweepDisplay(
                terminal, progress.AddTask($"0 of {runs.Count:N0} trainings", maxValue: runs.Sum(WorkOf)), quiet, images, runs.Count)));
    }

    /// <summary>The observer of a training; null if its progress is not shown.</summary>
    public ITrainingObserver? Observe(Run run) => bar is null ? null : new Observer(bar, WorkOf(run) / run.Setting.Options.Epochs, images);

    /// <summary>A training has ended.</summary>
    public void Finished(Run run, RunFigures figures, IReadOnlyList<string> varied)
    {
        _finished++;
        if (bar is not null)
            bar.Description = $"{_finished:N0} of {runs:N0} trainings";
        else if (!quiet)
            terminal.WriteLine($"{_finished}/{runs}  {Words(run, varied)}  "
                + (figures.TestAccuracy is double accuracy ? $"{accuracy:P2}" : "failed: a weight became NaN or infinite")
                + $"  {figures.TrainSeconds:0.00} s");
    }

    /// <summary>"hidden 100, learning rate 0.5, seed 3".</summary>
    public static string Words(Run run, IReadOnlyList<string> varied) => string.Concat(Setting.Variables
        .Where(variable => varied.Contains(variable.Name)).Select(variable => $"{variable.Words} {variable.Text(run.Setting)}, "))
        + $"seed {run.Seed}";

    /// <summary>The work of a run, about proportional to the time it takes.</summary>
    private static double WorkOf(Run run) => (double)run.Setting.Options.Epochs * run.Setting.Hidden;

    /// <summary>Moves a bar, which several trainings share.</summary>
    private sealed class Observer(ProgressTask bar, double epochsWork, int images) : ITrainingObserver
    {
        private double _done;

        public void EpochStarted(int epoch) => _done = 0;

        public void Report(EpochProgress value) => MoveTo(epochsWork * value.Images / images);

        public void EpochFinished(EpochResult result) => MoveTo(epochsWork);

        private void MoveTo(double done)
        {
            bar.Increment(done - _done);
            _done = done;
        }
    }
}
