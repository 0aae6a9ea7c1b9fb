namespace MnistGpu.Core.Simd;

/// <summary>
/// Decides how many threads work together: all, half of them, half of those, down to the calling one alone. When other
/// programs are busy, a thread that has lost its core keeps the others waiting. Now and then half as many are timed, over as
/// many epochs as it takes, and if more threads take clearly longer, fewer carry on. This changes no result.
/// </summary>
internal sealed class AdaptiveThreadCount
{
    /// <summary>Images in a timing window: about a millisecond.</summary>
    private const int Window = 1_024;

    /// <summary>When a window ends even if fewer images are done, because the threads hardly make progress.</summary>
    private const double WindowSeconds = 0.002;

    private const int LongestStay = 1 << 20;

    /// <summary>How many times longer more threads must take than fewer: a single window is not precise.</summary>
    private const double ClearlyLonger = 1.25;

    /// <summary>Images after which half as many threads are timed again.</summary>
    private const int TimedAgainAfter = 1 << 17;

    private readonly TimeProvider _clock;
    private readonly Team[] _teams;

    /// <summary>The team that works now; the first has all threads.</summary>
    private int _current;
    private int _images;
    private double _seconds;
    private long _since, _all, _ofFewer;

    public AdaptiveThreadCount(TimeProvider clock, int threads)
    {
        _clock = clock;
        var teams = new List<Team>();
        for (; threads > 1; threads = (threads + 1) / 2)
            teams.Add(new Team { Threads = threads });
        _teams = [.. teams, new Team { Threads = 1 }];
    }

    /// <summary>The total number of threads.</summary>
    public int MostThreads => _teams[0].Threads;

    /// <summary>How many should work now.</summary>
    public int Threads => _teams[_current].Threads;

    /// <summary>The maximum number that will work while this many images are trained on.</summary>
    public int ThreadsFor(int images) => _teams[_current].Stay >= images ? Threads : MostThreads;

    /// <summary>The fraction of images that fewer than all threads have trained on; 0 to 1.</summary>
    public double ShareOfFewer => _all == 0 ? 0 : (double)_ofFewer / _all;

    /// <summary>Starts timing, or restarts it after something that should not count.</summary>
    public void Begin() => _since = _clock.GetTimestamp();

    /// <summary>Evaluates the threads' work, and sets <see cref="Threads"/> accordingly.</summary>
    public void Worked(int images)
    {
        long now = _clock.GetTimestamp();
        _seconds += _clock.GetElapsedTime(_since, now).TotalSeconds;
        (_since, _images) = (now, _images + images);
        (_all, _ofFewer) = (_all + images, _ofFewer + (_current == 0 ? 0 : images));
        Team team = _teams[_current];
        team.SinceFewer += images;
        team.Stay -= _current == 0 ? 0 : images;
        bool isOver = _current > 0 && team.Stay <= 0;
        bool isTimed = _images >= Window || (team.Threads > 1 && _seconds >= WindowSeconds);
        if (isTimed)
            team.SecondsPerImage = _seconds / _images;
        if (isTimed || isOver)
            (_images, _seconds) = (0, 0);
        if (isOver)
            _current--;
        else if (isTimed && team.Threads > 1)
            Judge(team, fewer: _teams[_current + 1]);
    }

    private void Judge(Team team, Team fewer)
    {
        if (team.SecondsPerImage >= ClearlyLonger * fewer.SecondsPerImage)
        {
            // For longer each time, as long as the comparison ends the same way.
            fewer.Stay = team.NextStayOfFewer;
            team.NextStayOfFewer = Math.Min(4 * team.NextStayOfFewer, LongestStay);
        }
        else
        {
            team.NextStayOfFewer = Math.Max(team.NextStayOfFewer / 2, Window);
            if (team.SinceFewer < TimedAgainAfter)
                return;
            fewer.Stay = Window;
        }
        team.SinceFewer = 0;
        _current++;
    }

    /// <summary>A number of threads, and what is known about their speed.</summary>
    private sealed class Team
    {
        public required int Threads { get; init; }
        public double SecondsPerImage { get; set; } = double.PositiveInfinity;

        /// <summary>Images that these threads still train on before more threads do.</summary>
        public int Stay { get; set; }

        /// <summary>Images since fewer threads last worked, and how long they stay if they are clearly better.</summary>
        public int SinceFewer { get; set; } = TimedAgainAfter;
        public int NextStayOfFewer { get; set; } = Window;
    }
}
