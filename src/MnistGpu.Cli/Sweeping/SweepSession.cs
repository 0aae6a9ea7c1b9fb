using System.Diagnostics;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Commands;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using MnistGpu.Core.Data;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Sweeping;

/// <summary>What to train.</summary>
/// <param name="Settings">Each is trained with all seeds.</param>
/// <param name="Seeds">At least one.</param>
/// <param name="Varied">Which of <see cref="Setting.Variables"/> have several values.</param>
/// <param name="OutputBias">Initial bias of the outputs; null lets each output start at 0.1.</param>
internal sealed record SweepPlan(
    IReadOnlyList<Setting> Settings, IReadOnlyList<int> Seeds, IReadOnlyList<string> Varied, float? OutputBias);

/// <summary>One run of <c>sweep</c>: trains what is not in the runs file yet, then prints and writes the results.</summary>
internal sealed class SweepSession : IDisposable
{
    private readonly SweepPlan _plan;
    private readonly MnistDataset _dataset;
    private readonly ImageSet? _lastTenth;
    private readonly IReadOnlyList<ITrainingEngine> _engines;
    private readonly SweepFiles _files;
    private readonly bool _quiet;
    private readonly Terminal _terminal;
    private readonly Sweep _sweep;
    private readonly SweepResults _results;
    private readonly RunsFile? _runs;
    private readonly Stopwatch _watch = new();
    private int _trained;

    /// <summary>Reads the runs file.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">It should be resumed but is not such a file.</exception>
    public SweepSession(
        SweepPlan plan, MnistDataset dataset, ImageSet? lastTenth, IReadOnlyList<ITrainingEngine> engines, SweepFiles files,
        bool quiet, Terminal terminal)
    {
        (_plan, _dataset, _lastTenth, _engines, _files, _quiet, _terminal) = (plan, dataset, lastTenth, engines, files, quiet, terminal);
        _sweep = new Sweep(dataset, lastTenth, plan.OutputBias, files.Ensemble is not null);
        _results = new SweepResults(plan.Settings, plan.Seeds);
        if (files.Runs is null)
            return;
        _runs = new RunsFile(
            files.Runs, files.IsResumed, TrainingData.Of(dataset, source: null), EngineCatalog.DeviceOf(engines[0]), plan.OutputBias);
        foreach (Run run in _results.Runs)
            if (_runs.Find(run) is RunFigures figures)
                _results.Add(run, figures);
    }

    public void Dispose() => _runs?.Dispose();

    /// <summary>Trains and writes; if it ends early, what has finished by then.</summary>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    /// <exception cref="InvalidDataException">Every training failed.</exception>
    public void Run()
    {
        if (!_quiet)
            WriteHeader();
        _watch.Start();
        try
        {
            Train(_results.Runs.Where(run => _results.FiguresOf(run) is null));
            // The file has the trainings of an earlier run without their networks, so they are repeated if a network is needed.
            if (_files.Output is not null && _results is { Best: Run best, Network: null })
                Train([best]);
            Ensemble? ensemble = _files.Ensemble is null ? null : EnsembleOf(_results.Ranked().First());
            ensemble?.Write(_files.Ensemble!, _dataset.Test.Labels);
            Write(isComplete: true, ensemble);
        }
        catch when (_results.Finished > 0)
        {
            // Whatever happened: an interrupt, a device failure, a full output.
            Write(isComplete: false, ensemble: null);
            throw;
        }
        catch (OperationCanceledException)
        {
            _terminal.WriteError("no training was finished: nothing was saved");
            throw;
        }
        if (_results.Best is null)
            throw new InvalidDataException("in every training a weight became NaN or infinite: the learning rates are too high");
    }

    private void Train(IEnumerable<Run> runs)
    {
        Run[] toDo = [.. runs];
        if (toDo.Length == 0)
            return;
        SweepDisplay.Show(_terminal, _quiet, _dataset.Train.Count, toDo, display => _sweep.Train(
            _engines, toDo, display.Observe,
            (run, trained) =>
            {
                if (_results.FiguresOf(run) is null)
                    _runs?.Add(run, trained.Figures);
                _results.Add(run, trained.Figures, trained.Network, trained.TestOutputs);
                _trained++;
                display.Finished(run, trained.Figures, _plan.Varied);
            },
            _terminal.Cancellation));
        _terminal.Cancellation.ThrowIfCancellationRequested();
    }

    private Ensemble? EnsembleOf(Setting setting)
    {
        Train(_results.RunsOf(setting).Where(run =>
            _results.OutputsOf(run) is null && _results.FiguresOf(run)!.TestAccuracy is not null));
        float[][] outputs = [.. _results.RunsOf(setting).Select(_results.OutputsOf).OfType<float[]>()];
        return outputs.Length == 0 ? null : new Ensemble(outputs);
    }

    private void WriteHeader()
    {
        _terminal.WriteLine($"data      {_dataset.Name}: {Format.Count(_dataset.Train.Count, "image")} to train on, "
            + (_lastTenth is null ? "" : $"{_lastTenth.Count:N0} after them to choose by, ") + $"{_dataset.Test.Count:N0} to test with");
        _terminal.WriteLine($"device    {EngineCatalog.DeviceOf(_engines[0])}: {_engines[0].Description}"
            + (_engines.Count == 1 ? "" : $"; {_engines.Count} trainings at a time"));
        int all = _plan.Settings.Count * _plan.Seeds.Count;
        _terminal.WriteLine($"training  {Format.Count(_plan.Settings.Count, "setting")} × {Format.Count(_plan.Seeds.Count, "seed")}: "
            + Format.Count(all, "training")
            + (_results.Finished == 0 ? "" : $", of which {_results.Finished:N0} are in {_files.Runs} already"));
        Setting first = _plan.Settings[0];
        // Rates that adapt to the sizes differ from setting to setting.
        _terminal.WriteLine("each      " + string.Join(", ", Setting.Variables.Where(variable => !_plan.Varied.Contains(variable.Name)
            && _plan.Settings.All(setting => variable.Text(setting) == variable.Text(first)))
            .Select(variable => $"{variable.Words} {Rounded(variable.Text(first))}")));
    }

    /// <summary>A rate that adapts to the sizes has all the digits of a double.</summary>
    private static string Rounded(string text) => text.Contains('.') ? $"{double.Parse(text):G3}" : text;

    private void Write(bool isComplete, Ensemble? ensemble)
    {
        Setting[] ranked = [.. _results.Ranked()];
        BestNetwork? best = _files.Output is not null && _results.Best is Run run && _results.FiguresOf(run) is RunFigures figures
            ? new BestNetwork(Array.IndexOf(ranked, run.Setting), run.Seed, figures.LastTenthAccuracy!.Value, figures.TestAccuracy!.Value)
            : null;
        SweepReport report = Report(isComplete, ranked, best, ensemble);
        _terminal.Write(SweepTable.Of(report, ranked));
        _terminal.WriteLine(SweepTable.Explanation);
        if (_trained > 0)
            _terminal.WriteLine($"{Format.Count(_trained, "training")} in {_watch.Elapsed.TotalSeconds:0.00} s.");
        if (report.Ensemble is EnsembleResult mean)
            _terminal.WriteLine($"The mean of {Format.Count(mean.Networks, "network")}' outputs classifies {mean.TestAccuracy:P2} of the test images "
                + $"correctly; it was written to {_files.Ensemble}.");
        if (best is not null && _results.Network is not null)
        {
            ModelFile.Save(_files.Output!, _results.Network);
            _terminal.WriteLine($"The network of {SweepDisplay.Words(_results.Best!, _plan.Varied)} was saved to {_files.Output}: it classifies "
                + $"{best.LastTenthAccuracy:P2} of the last tenth correctly, more than any other, and {best.TestAccuracy:P2} of the test images.");
        }
        if (_files.Json is not null)
            JsonFile.Write(_files.Json, report, SweepJson.Default.SweepReport);
        if (_files.Page is not null)
            report.WriteHtml(_files.Page);
        foreach (string? file in (string?[])[_files.Runs, _files.Json, _files.Page])
            if (file is not null)
                _terminal.WriteLine($"{(isComplete ? "Written" : "Written, incomplete")}: {file}");
        if (!isComplete && _files.Runs is not null)
            _terminal.WriteError($"continue with the same options and --resume {Shell.Quote(_files.Runs)} instead of --csv");
    }

    private SweepReport Report(bool isComplete, IReadOnlyList<Setting> ranked, BestNetwork? best, Ensemble? ensemble) => new()
    {
        Complete = isComplete,
        Machine = MachineInfo.Read([]),
        Device = EngineCatalog.DeviceOf(_engines[0]),
        TrainingsAtATime = _engines.Count,
        Seconds = _watch.Elapsed.TotalSeconds,
        Dataset = new DatasetMetrics(_dataset.Name, _dataset.Train.Count, _dataset.Test.Count),
        LastTenth = _lastTenth?.Count ?? 0,
        Schedule = TrainSettings.NameOf(_plan.Settings[0].Options.Schedule),
        Seeds = _plan.Seeds,
        Varied = _plan.Varied,
        Results =
        [
            .. ranked.Select(setting => SettingResult.Of(
                setting, [.. _results.RunsOf(setting).Select(_results.FiguresOf).OfType<RunFigures>()])),
        ],
        Best = best,
        Ensemble = ensemble is null ? null : new EnsembleResult(ensemble.Networks, ensemble.Accuracy(_dataset.Test.Labels)),
    };
}
