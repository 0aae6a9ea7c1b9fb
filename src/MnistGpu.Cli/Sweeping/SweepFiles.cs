using MnistGpu.Cli.Output;

namespace MnistGpu.Cli.Sweeping;

/// <summary>The files that a sweep writes; null if not asked for.</summary>
/// <param name="Runs">Each training, as CSV.</param>
/// <param name="IsResumed">Whether the trainings already in it are skipped.</param>
/// <param name="Json">All figures.</param>
/// <param name="Page">The same as a page.</param>
/// <param name="Output">The best network.</param>
/// <param name="Ensemble">The mean outputs of the best setting's networks.</param>
internal sealed record SweepFiles(string? Runs, bool IsResumed, string? Json, string? Page, string? Output, string? Ensemble)
{
    /// <exception cref="IOException">One of them cannot be written, or should be resumed but does not exist.</exception>
    public void EnsureWritable(Terminal terminal)
    {
        if (IsResumed && !File.Exists(Runs))
            throw new FileNotFoundException($"There is no file {Runs}; mnistgpu sweep --csv FILE writes one.", Runs);
        terminal.EnsureWritable(Runs, Json, Page, Output, Ensemble);
    }
}
