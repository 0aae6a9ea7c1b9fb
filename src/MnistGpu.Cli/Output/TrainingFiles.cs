using MnistGpu.Cli.Reports;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Output;

/// <summary>The files that <c>train</c> writes; null if not asked for.</summary>
/// <param name="Output">The trained network.</param>
/// <param name="Metrics">The figures, as JSON.</param>
/// <param name="Report">The same as a page.</param>
/// <param name="Checkpoint">The training, to resume it; <see cref="CheckpointWriter"/> saves it.</param>
internal sealed record TrainingFiles(string? Output, string? Metrics, string? Report, string? Checkpoint)
{
    public bool Any => (Output ?? Metrics ?? Report ?? Checkpoint) is not null;

    /// <inheritdoc cref="Terminal.EnsureWritable"/>
    public void EnsureWritable(Terminal terminal) => terminal.EnsureWritable(Output, Metrics, Report, Checkpoint);

    /// <summary>Writes all but the checkpoint.</summary>
    /// <exception cref="IOException">One of them cannot be written.</exception>
    public void Save(TrainingMetrics figures, ImageSet test, NetworkParameters network)
    {
        if (Output is not null)
            ModelFile.Save(Output, network);
        if (Metrics is not null)
            JsonFile.Write(Metrics, figures, MetricsJson.Default.TrainingMetrics);
        if (Report is not null)
            NetworkReport.Write(Report, figures, test, network);
    }

    /// <summary>After a training that ended early: what was saved all the same.</summary>
    public void WriteWhatWasSaved(int epochs, Terminal terminal)
    {
        if (Output is not null)
            terminal.WriteError($"the network after epoch {epochs} was saved to {Output}");
        if (Metrics is not null)
            terminal.WriteError($"the metrics up to epoch {epochs} were written to {Metrics}");
        if (Report is not null)
            terminal.WriteError($"the report up to epoch {epochs} was written to {Report}");
    }
}
