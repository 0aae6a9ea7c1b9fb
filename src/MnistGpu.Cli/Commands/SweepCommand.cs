using System.CommandLine;
using System.CommandLine.Parsing;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Sweeping;
using MnistGpu.Core.Data;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu sweep</c>: trains a network for each of many settings and seeds, and compares the settings.</summary>
internal sealed class SweepCommand
{
    private readonly SweepSettings _settings = new();
    private readonly Option<DeviceName> _device = CommonOptions.Device();
    private readonly Option<string?> _data = CommonOptions.Data();
    private readonly Option<int?> _threads = CommonOptions.OptionalInteger("--threads",
        "Trainings at a time on the cpu device, with one thread each, at most one per core; the result does not depend on it "
            + "[default: all cores]", 1, 1024);
    private readonly Option<string?> _csv = CommonOptions.Written("--csv", ".csv",
        "Write each training to this file as soon as it finishes, as CSV; --resume reads it");
    private readonly Option<string?> _resume = CommonOptions.NotEmpty(new Option<string?>("--resume")
    {
        Description = "Skip the trainings that --csv wrote to this file, and add the others to it",
        HelpName = "FILE",
    });
    private readonly Option<string?> _json = CommonOptions.Written("--json", ".json", "Write all settings and trainings to this file, as JSON");
    private readonly Option<string?> _report = CommonOptions.Written("--report", ".html",
        "Write a page with all figures to this file, as HTML, with a curve for one list besides the seeds, or a heat map for two");
    private readonly Option<string?> _output = CommonOptions.NotEmpty(new Option<string?>("--output")
    {
        Description = "Save the best network here: .npz (NumPy), .onnx or .safetensors. It is chosen by the last tenth of the training images, "
            + "on which no network is then trained",
        HelpName = "FILE",
    });
    private readonly Option<string?> _ensemble = CommonOptions.Written("--ensemble", ".csv",
        "Write the mean of the seeds' outputs for each test image to this file, as CSV; with several settings, for the one that is best on "
            + "the last tenth of the training images, on which no network is then trained");
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Print only the result" };

    private readonly Terminal _terminal;

    private SweepCommand(Terminal terminal)
    {
        _terminal = terminal;
        _output.Validators.Add(CommonOptions.RefuseUnknownEnding);
        foreach (Option<string?> runs in (Option<string?>[])[_csv, _resume])
            CommonOptions.RefuseStandardStream(runs, "a row is added to it after each training");
    }

    public static Command Create(Terminal terminal)
    {
        var sweep = new SweepCommand(terminal);
        var command = new CommandWithExamples("sweep", "Train with many settings and seeds, and compare them",
            "mnistgpu sweep --seeds 1-20",
            "mnistgpu sweep --seeds 1-5 --hidden 50,100,200 --learning-rate 0.1,0.2,0.5 --csv runs.csv --report sweep.html",
            "mnistgpu sweep --batch-size 16,32,64,128 --momentum 0,0.5,0.9 --random 6 --output best.npz",
            "mnistgpu sweep --seeds 1-10 --ensemble outputs.csv");
        command.AddGroup("Lists to try", sweep._settings.Lists);
        command.AddGroup("Data", [sweep._data, .. sweep._settings.OfData]);
        command.AddGroup("Training", [sweep._device, sweep._threads, .. sweep._settings.OfTraining]);
        command.AddGroup("Output",
            sweep._csv, sweep._resume, sweep._json, sweep._report, sweep._output, sweep._ensemble, sweep._quiet);
        sweep._settings.RefuseTooMany(command);
        Option[] files = [sweep._csv, sweep._resume, sweep._json, sweep._report, sweep._output, sweep._ensemble];
        for (int i = 0; i < files.Length; i++)
            foreach (Option other in files[(i + 1)..])
                CommonOptions.RefuseOneFileForTwo(command, files[i], other);
        command.Validators.Add(result =>
        {
            if (result.GetResult(sweep._resume) is { Implicit: false } && result.GetResult(sweep._csv) is { Implicit: false })
                result.AddError("--resume adds to its own file; leave out --csv");
        });
        command.SetAction(sweep.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string? resume = parsed.GetValue(_resume);
        var files = new SweepFiles(
            resume ?? parsed.GetValue(_csv), resume is not null, parsed.GetValue(_json), parsed.GetValue(_report),
            parsed.GetValue(_output), parsed.GetValue(_ensemble));
        files.EnsureWritable(_terminal);

        int atATime = Math.Min(parsed.GetValue(_threads) ?? Environment.ProcessorCount, Environment.ProcessorCount);
        IReadOnlyList<ITrainingEngine> engines = EngineCatalog.OpenSeveral(
            parsed.GetValue(_device), _settings.MostHidden(parsed), _settings.Smallest(parsed), atATime, _settings.Trainings(parsed), _terminal);
        try
        {
            MnistDataset dataset = DatasetSource.Load(parsed.GetValue(_data), _terminal);
            if (_settings.Limit(parsed) is int limit)
                dataset = dataset with { Train = dataset.Train.Take(limit) };
            IReadOnlyList<string> varied = _settings.Varied(parsed);
            ImageSet? lastTenth = null;
            if (files.Output is not null || (files.Ensemble is not null && varied.Count > 0))
            {
                int kept = dataset.Train.Count - Math.Max(1, dataset.Train.Count / 10);
                (dataset, lastTenth) = (dataset with { Train = dataset.Train.Take(kept) }, dataset.Train.From(kept));
            }
            var plan = new SweepPlan(
                _settings.Settings(parsed, dataset.Train), _settings.Seeds(parsed), varied, _settings.OutputBias(parsed));
            using var session = new SweepSession(plan, dataset, lastTenth, engines, files, parsed.GetValue(_quiet), _terminal);
            OutOfMemory.Explain(Format.Count(engines.Count, "training"), "train fewer at a time with --threads", () =>
            {
                session.Run();
                return true;
            });
            return 0;
        }
        finally
        {
            foreach (ITrainingEngine engine in engines.Reverse())
                engine.Dispose();
        }
    }
}
