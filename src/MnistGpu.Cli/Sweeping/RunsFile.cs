using System.Text;
using MnistGpu.Cli.Commands;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Sweeping;

/// <summary>
/// The trainings of a sweep as CSV, one row each, written as soon as it finishes: however the program ends, only trainings in
/// progress are lost. A row has everything that determines a training, so that it is recognised again.
/// </summary>
internal sealed class RunsFile : IDisposable
{
    private static readonly string[] s_header =
    [
        "data", "images", "device", "outputBias", "schedule", "warmup", "shuffle",
        .. Setting.Variables.Select(variable => variable.Name), "seed",
        "loss", "trainAccuracy", "testLoss", "testAccuracy", "lastTenthAccuracy", "trainSeconds",
    ];

    private const int Figures = 6;

    private readonly string[] _every;
    private readonly FileStream _stream;
    private readonly Dictionary<string, RunFigures> _earlier = [];

    /// <summary>Opens the file, which is created, or emptied if it exists and is not resumed.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">It is resumed but has no runs of a sweep.</exception>
    public RunsFile(string path, bool resume, TrainingData data, string device, float? outputBias)
    {
        _every = [$"{data.Checksum:x8}", $"{data.Images}", device, $"{outputBias}"];
        _stream = new FileStream(path, resume ? FileMode.Open : FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            if (resume)
                Read(path);
            else
                WriteLine(string.Join(',', s_header));
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The result of a run in the file; null if it is not there.</summary>
    public RunFigures? Find(Run run) => _earlier.GetValueOrDefault(Key(run));

    public void Add(Run run, RunFigures figures) => WriteLine(
        $"{Key(run)},{figures.Loss},{figures.TrainAccuracy},{figures.TestLoss},{figures.TestAccuracy},{figures.LastTenthAccuracy},{figures.TrainSeconds}");

    public void Dispose() => _stream.Dispose();

    private string Key(Run run)
    {
        TrainingOptions options = run.Setting.Options;
        return string.Join(',',
        [
            .. _every, TrainSettings.NameOf(options.Schedule), $"{options.Warmup}",
            options.Shuffle ? "on" : "off", .. Setting.Variables.Select(variable => variable.Text(run.Setting)), $"{run.Seed}",
        ]);
    }

    private void Read(string path)
    {
        byte[] bytes = new byte[_stream.Length];
        _stream.ReadExactly(bytes);
        // The last row may have been cut off when the program ended; it is then overwritten.
        int end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        string[] lines = Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.TrimEntries);
        if (lines[0] != string.Join(',', s_header))
            throw new InvalidDataException($"{path} has no runs of a sweep: its first line is not the one that --csv writes");
        for (int i = 1; i < lines.Length - 1; i++)
        {
            string[] cells = lines[i].Split(',');
            if (cells.Length != s_header.Length || !int.TryParse(cells[^(Figures + 1)], out int seed) || !cells[^Figures..].All(cell => cell == "" || double.TryParse(cell, out _)))
                throw new InvalidDataException($"{path}: line {i + 1} is not a run of a sweep; delete it to repeat its training");
            double?[] figures = [.. cells[^Figures..].Select(cell => cell == "" ? (double?)null : double.Parse(cell))];
            _earlier[string.Join(',', cells[..^Figures])] =
                new RunFigures(seed, figures[0], figures[1], figures[2], figures[3], figures[4], figures[5] ?? 0);
        }
        _stream.SetLength(end);
    }

    private void WriteLine(string line)
    {
        _stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _stream.Flush();
    }
}
