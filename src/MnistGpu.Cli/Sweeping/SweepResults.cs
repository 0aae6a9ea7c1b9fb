using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Sweeping;

/// <summary>
/// How the trainings of a sweep have ended, and what will be asked for of the networks: of the best network its parameters,
/// and of the best setting's seeds their outputs. Everything else is let go as soon as something is better.
/// </summary>
internal sealed class SweepResults(IReadOnlyList<Setting> settings, IReadOnlyList<int> seeds)
{
    private readonly Dictionary<Run, RunFigures> _figures = [];
    private readonly Dictionary<Run, float[]> _outputs = [];
    private readonly Dictionary<Setting, int> _unfinished = settings.ToDictionary(setting => setting, _ => seeds.Count);
    private NetworkParameters? _network;
    private Setting? _bestFinished;

    /// <summary>Every training there is.</summary>
    public IEnumerable<Run> Runs => settings.SelectMany(RunsOf);

    public int Finished => _figures.Count;

    /// <summary>The training with the best network; null where there is none.</summary>
    public Run? Best { get; private set; }

    /// <summary>Its network; null where it was trained before this program started.</summary>
    public NetworkParameters? Network => _network;

    public RunFigures? FiguresOf(Run run) => _figures.GetValueOrDefault(run);

    /// <summary>The outputs of a network for the test images; null where they have not been kept.</summary>
    public float[]? OutputsOf(Run run) => _outputs.GetValueOrDefault(run);

    public IEnumerable<Run> RunsOf(Setting setting) => seeds.Select(seed => new Run(setting, seed));

    /// <summary>The settings of which something is finished, best mean first; those with a training that failed come last.</summary>
    public IEnumerable<Setting> Ranked() => settings.Where(setting => _unfinished[setting] < seeds.Count)
        .OrderByDescending(MeanRank);

    /// <summary>Takes a training that has ended, be it now or before this program started.</summary>
    public void Add(Run run, RunFigures figures, NetworkParameters? network = null, float[]? outputs = null)
    {
        if (_figures.TryAdd(run, figures))
            _unfinished[run.Setting]--;
        if (figures.Rank is double rank && (Best is null || run == Best || IsBetter(run, rank)))
            (Best, _network) = (run, network);
        if (outputs is not null)
            _outputs[run] = outputs;
        if (_unfinished[run.Setting] == 0 && _bestFinished != run.Setting)
            LetGoOfWorse(run.Setting);
    }

    /// <summary>Of two as good, the first of the lists is the better one, whichever ended first.</summary>
    private bool IsBetter(Run run, double rank)
    {
        double best = _figures[Best!].Rank!.Value;
        return rank > best || (rank == best && Runs.First(either => either == run || either == Best) == run);
    }

    private void LetGoOfWorse(Setting finished)
    {
        bool isBetter = _bestFinished is null || MeanRank(finished) > MeanRank(_bestFinished);
        Setting? worse = isBetter ? _bestFinished : finished;
        _bestFinished = isBetter ? finished : _bestFinished;
        if (worse is not null)
            foreach (Run run in RunsOf(worse))
                _outputs.Remove(run);
    }

    private double MeanRank(Setting setting)
    {
        double?[] ranks = [.. RunsOf(setting).Select(FiguresOf).OfType<RunFigures>().Select(figures => figures.Rank)];
        return (ranks.Average() ?? 0) - (ranks.Contains(null) ? 1 : 0);
    }
}
