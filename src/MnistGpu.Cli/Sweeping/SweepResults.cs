using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Sweeping;

/// <summary>
/// The results of a sweep's trainings, and what may be needed of the networks: the best one's parameters, and the outputs of
/// the best setting's networks. Everything else is dropped as soon as something is better.
/// </summary>
internal sealed class SweepResults(IReadOnlyList<Setting> settings, IReadOnlyList<int> seeds)
{
    private readonly Dictionary<Run, RunFigures> _figures = [];
    private readonly Dictionary<Run, float[]> _outputs = [];
    private readonly Dictionary<Setting, int> _unfinished = settings.ToDictionary(setting => setting, _ => seeds.Count);
    private NetworkParameters? _network;
    private Setting? _bestFinished;

    /// <summary>All trainings.</summary>
    public IEnumerable<Run> Runs => settings.SelectMany(RunsOf);

    public int Finished => _figures.Count;

    /// <summary>The training with the best network; null if there is none.</summary>
    public Run? Best { get; private set; }

    /// <summary>Its network; null if it was trained before this program started.</summary>
    public NetworkParameters? Network => _network;

    public RunFigures? FiguresOf(Run run) => _figures.GetValueOrDefault(run);

    /// <summary>The outputs of a network for the test images; null if they have not been kept.</summary>
    public float[]? OutputsOf(Run run) => _outputs.GetValueOrDefault(run);

    public IEnumerable<Run> RunsOf(Setting setting) => seeds.Select(seed => new Run(setting, seed));

    /// <summary>The settings with a finished training, best mean first; those with a failed training come last.</summary>
    public IEnumerable<Setting> Ranked() => settings.Where(setting => _unfinished[setting] < seeds.Count)
        .OrderByDescending(MeanRank);

    /// <summary>Adds a training that has ended, whether now or before this program started.</summary>
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

    /// <summary>Of two equally good ones, the first in the lists counts as better, whichever ended first.</summary>
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
