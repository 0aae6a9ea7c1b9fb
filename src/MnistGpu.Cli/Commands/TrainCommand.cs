using System.CommandLine;
using System.CommandLine.Parsing;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using MnistGpu.Core.Data;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Measurement;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu train</c>: trains a network, tests it after each epoch, and saves it.</summary>
internal sealed class TrainCommand
{
    private readonly TrainSettings _settings = new();
    private readonly Option<DeviceName> _device = CommonOptions.Device();
    private readonly Option<string?> _data = CommonOptions.Data();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<string?> _checkpoint = CommonOptions.Written("--checkpoint", ".npz",
        "Save the training here after each epoch, for --resume; predict and evaluate read it as a model");
    private readonly Option<int> _checkpointEvery =
        CommonOptions.Integer("--checkpoint-every", "Save the checkpoint every N epochs, and after the last", 1, 1);
    private readonly Option<string?> _resume = CommonOptions.NotEmpty(new Option<string?>("--resume")
    {
        Description = "Continue the training that --checkpoint saved here, and keep saving it",
        HelpName = "FILE",
    });
    private readonly Option<string?> _output = CommonOptions.NotEmpty(new Option<string?>("--output")
    {
        Description = "Save the trained network here: .npz (NumPy), .onnx or .safetensors",
        HelpName = "FILE",
    });
    private readonly Option<string?> _metrics = CommonOptions.Metrics();
    private readonly Option<string?> _report = CommonOptions.Report("curves, mistakes and weights");
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Print only the result" };

    private readonly Terminal _terminal;

    private TrainCommand(Terminal terminal)
    {
        _terminal = terminal;
        foreach (Option<string?> checkpoint in (Option<string?>[])[_checkpoint, _resume])
            CommonOptions.RefuseStandardStream(checkpoint, "a checkpoint is replaced after each epoch");
        _output.Validators.Add(CommonOptions.RefuseUnknownEnding);
    }

    public static Command Create(Terminal terminal)
    {
        var train = new TrainCommand(terminal);
        var command = new CommandWithExamples("train", "Train a network on MNIST and test it",
            "mnistgpu train --output model.npz",
            "mnistgpu train --device reference --epochs 1 --metrics metrics.json",
            "mnistgpu train --schedule constant --batch-size 1 --learning-rate 0.1 --output-bias 0",
            "mnistgpu train --data generated --hidden 30");
        command.AddGroup("Data", [train._data, .. train._settings.OfData]);
        command.AddGroup("Model", train._settings.OfModel);
        command.AddGroup("Training", [train._device, train._threads, .. train._settings.OfTraining]);
        command.AddGroup("Output",
            train._output, train._metrics, train._report, train._checkpoint, train._checkpointEvery, train._resume, train._quiet);
        CommonOptions.RefuseOneFileForTwo(command, train._output, train._metrics);
        foreach (Option file in (Option[])[train._output, train._metrics, train._report])
        {
            CommonOptions.RefuseOneFileForTwo(command, train._checkpoint, file);
            CommonOptions.RefuseOneFileForTwo(command, train._resume, file);
        }
        CommonOptions.RefuseOneFileForTwo(command, train._settings.InitialModel, train._metrics);
        foreach (Option file in (Option[])[train._output, train._metrics, train._settings.InitialModel])
            CommonOptions.RefuseOneFileForTwo(command, file, train._report);
        train._settings.RefuseBeside(train._resume, command);
        command.SetAction(train.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string? output = parsed.GetValue(_output);
        string? metrics = parsed.GetValue(_metrics);
        string? report = parsed.GetValue(_report);
        string? resume = parsed.GetValue(_resume);
        string? checkpointFile = parsed.GetValue(_checkpoint) ?? resume;
        foreach (string? file in (string?[])[output, metrics, report, checkpointFile])
            if (file is not null)
                AtomicFile.EnsureWritable(file);

        Checkpoint? resumed = resume is null ? null : CommonOptions.LoadCheckpoint(resume);
        TrainingOptions options = resumed is null ? _settings.Options(parsed) : _settings.Resumed(parsed, resumed, resume!);
        TrainingState start = resumed?.State
            ?? new TrainingState(_settings.Start(parsed), Velocity: null, History: []);
        NetworkParameters initial = start.Parameters;
        bool quiet = parsed.GetValue(_quiet);
        if (_settings.WarmupIsIgnored(parsed))
            _terminal.WriteError("warning: --warmup has no effect with --schedule constant");

        using ITrainingEngine engine = CommonOptions.OpenEngine(parsed, _device, _threads, initial.Hidden, _terminal);
        _ = (engine as SimdEngine)?.CompileAhead(initial.Hidden);
        string? data = parsed.GetValue(_data) ?? DatasetSource.Existing(resumed?.Data.Source);
        MnistDataset dataset = DatasetSource.Load(data, _terminal);
        if ((resumed?.Data.Images ?? _settings.Limit(parsed)) is int limit)
            dataset = dataset with { Train = dataset.Train.Take(limit) };
        TrainingData? trainedOn = checkpointFile is null ? null : TrainingData.Of(dataset, DatasetSource.Found(data, dataset));
        if (resumed is not null && (resumed.Data.Checksum, resumed.Data.Images) != (trainedOn!.Checksum, trainedOn.Images))
            throw new InvalidDataException($"{resume} was trained on images other than those of {dataset.Name}: "
                + $"on {resumed.Data.Name}{(resumed.Data.Source is string source ? $", {source}" : "")}; name them with --data.");
        options = options.For(initial.Hidden, dataset.Train);
        if (!quiet)
            WriteHeader(dataset, initial, engine, options);

        (string need, string less) = LargestNeed(options, initial.Hidden, dataset.Train.Count);
        Trainer trainer = MemoryNeed.Of(need, less, () => new Trainer(engine, dataset, options));
        CheckpointWriter? checkpoints = checkpointFile is null ? null : new CheckpointWriter(
            checkpointFile, parsed.GetValue(_checkpointEvery), options.Epochs,
            () => new Checkpoint(options, trainedOn!, trainer.State), _terminal);
        if (resumed?.State.History.Count == options.Epochs)
            _terminal.WriteError($"{resume}: this training is finished; `--initial-model {Shell.Quote(resume!)}` starts a new one from its network");
        try
        {
            TrainingDisplay.Show(_terminal, quiet, options.Epochs, dataset.Train.Count,
                observer => MemoryNeed.Of(need, less, () =>
                {
                    trainer.Train(start, checkpoints is null ? observer : checkpoints.Before(observer), _terminal.Cancellation);
                    return trainer;
                }));
            _terminal.Cancellation.ThrowIfCancellationRequested();
        }
        catch when ((output ?? metrics ?? report ?? checkpointFile) is not null)
        {
            // Whatever happened: an interrupt, too high a learning rate, a device failure, a full output.
            if (trainer.Parameters is null)
            {
                _terminal.WriteError("no epoch was finished: nothing was saved");
                throw;
            }
            // The checkpoint first: everything else can be derived from it.
            checkpoints?.Save();
            Save();
            WriteWhatWasKept(trainer.History.Count, output, metrics, report);
            if (checkpoints is not null)
                WriteHowToGoOn(checkpointFile!, checkpoints.SavedEpochs);
            throw;
        }

        Save();
        checkpoints?.Save();
        bool isLost = output is null && checkpoints is not null && checkpoints.SavedEpochs != trainer.History.Count;
        WriteSummary(trainer.History, dataset, output ?? (isLost ? null : checkpointFile), data);
        if (_terminal.IsVerbose && !quiet)
            WriteVerdict(engine);
        if (_terminal.IsVerbose && !quiet && EngineCatalog.Current(engine) is SimdEngine { ThreadUse: string threads })
            _terminal.WriteError($"threads: {threads}");
        if (Advice() is string advice)
            _terminal.WriteError($"warning: {advice}");
        return isLost ? 1 : 0;

        string? Advice() => trainer.LastTest is Evaluation test
            ? TrainingAdvice.Of(options, initial.Hidden, dataset.Train, test)
            : null;

        void Save()
        {
            if (output is not null)
                ModelFile.Save(output, trainer.Parameters!);
            TrainingMetrics figures = Metrics(engine, dataset, initial.Hidden, options, trainer, Advice());
            if (metrics is not null)
                JsonFile.Write(metrics, figures, MetricsJson.Default.TrainingMetrics);
            if (report is not null)
                NetworkReport.Write(report, figures, dataset.Test, trainer.Parameters!);
        }
    }

    private void WriteWhatWasKept(int epochs, string? output, string? metrics, string? report)
    {
        if (output is not null)
            _terminal.WriteError($"the network after epoch {epochs} was saved to {output}");
        if (metrics is not null)
            _terminal.WriteError($"the metrics up to epoch {epochs} were written to {metrics}");
        if (report is not null)
            _terminal.WriteError($"the report up to epoch {epochs} was written to {report}");
    }

    private void WriteHowToGoOn(string checkpoint, int epochs)
    {
        if (epochs > 0)
            _terminal.WriteError($"the training up to epoch {epochs} was saved to {checkpoint}; continue with: "
                + $"{ProgramName.InShell} train --resume {Shell.Quote(checkpoint)}");
    }

    /// <summary>If a GPU trained: what limits it, and how the CPU compares.</summary>
    private void WriteVerdict(ITrainingEngine engine)
    {
        if (EngineCatalog.Current(engine) is AcceleratorEngine { Device: not AcceleratorCatalog.CpuDevice } gpu)
            _terminal.WriteError(Verdict.Of(
                gpu.Device, DeviceLimits.Of(new KernelMeasurement(gpu, isGpu: true, _terminal.Cancellation)),
                Verdict.TimeCpu(_terminal.Cancellation)));
    }

    /// <summary>What a training needs most memory for, and how to need less.</summary>
    private static (string What, string Less) LargestNeed(TrainingOptions options, int hidden, int images)
    {
        // Bytes: one per pixel; a weight and its gradient; a hidden unit's activation for an image.
        (long Bytes, string What, string Less)[] needs =
        [
            ((long)NetworkParameters.Inputs * images, Figures.Count(images, "image"), "train on fewer with --limit"),
            (8L * NetworkParameters.Inputs * hidden, Figures.Count(hidden, "hidden unit"), "use fewer with --hidden"),
            (4L * options.BatchSize * hidden, $"batches of {options.BatchSize:N0} images", "use a smaller --batch-size"),
        ];
        (_, string what, string less) = needs.MaxBy(need => need.Bytes);
        return (what, less);
    }

    private void WriteHeader(
        MnistDataset dataset, NetworkParameters initial, ITrainingEngine engine, TrainingOptions options)
    {
        string rate = options.Schedule == LearningRateSchedule.Constant
            ? $"constant learning rate {options.LearningRate:G3}"
            : $"one-cycle learning rate up to {options.LearningRate:G3}";
        _terminal.WriteLine($"data      {dataset.Name}: {Figures.Count(dataset.Train.Count, "image")} to train on, "
            + $"{dataset.Test.Count:N0} to test with");
        _terminal.WriteLine($"network   784-{initial.Hidden}-10, sigmoid");
        _terminal.WriteLine($"device    {EngineCatalog.DeviceOf(engine)}: {engine.Description}");
        if (options.OutputLearningRate != options.LearningRate)
            rate += $" ({options.OutputLearningRate:G2} for the output layer)";
        if (options.Momentum != 0)
            rate += $", momentum {options.Momentum}";
        _terminal.WriteLine($"training  {Figures.Count(options.Epochs, "epoch")}, batch size {options.BatchSize:N0}, {rate}");
        if (_terminal.IsVerbose)
            _terminal.WriteLine($"images    the mean image's squared length is {dataset.Train.MeanImageSquared:G3}, to which the default rates adapt");
    }

    private void WriteSummary(
        IReadOnlyList<EpochResult> history, MnistDataset dataset, string? output, string? data)
    {
        double seconds = history.Sum(epoch => epoch.TrainSeconds) ?? 0;
        double? accuracy = history[^1].TestAccuracy;
        _terminal.WriteLine($"Test accuracy {accuracy:P2} after {Figures.Count(history.Count, "epoch")}; training took {seconds:0.00} s.");
        if (output is null)
        {
            _terminal.WriteLine("The network was not saved. To keep it, add --output model.npz.");
            return;
        }
        _terminal.WriteLine($"The network was saved to {(output == "-" ? "the standard output" : output)}.");
        if (Path.GetExtension(output).ToLowerInvariant() is not (".npz" or "") || AtomicFile.IsDevice(output))
            return;
        // Named wherever another command may find different data: other data cannot be compared with MNIST, and a
        // variable may be set for this command only.
        if (dataset.Name != MnistFolder.Mnist || MnistLocator.IsNamedByVariable)
            data ??= MnistLocator.Find() ?? DatasetSource.Generated;
        string dataOption = data is null ? "" : $" --data {Shell.Quote(data)}";
        _terminal.WriteLine(
            $"Next: {ProgramName.InShell} predict --model {Shell.Quote(output)} --test-index 0{dataOption}");
    }

    private static TrainingMetrics Metrics(
        ITrainingEngine engine, MnistDataset dataset, int hidden, TrainingOptions options, Trainer trainer, string? advice)
    {
        IReadOnlyList<EpochResult> history = trainer.History;
        // Epochs from before --resume have no time.
        double seconds = history.Sum(epoch => epoch.TrainSeconds) ?? 0;
        int timed = history.Count(epoch => epoch.TrainSeconds is not null);
        return new TrainingMetrics
        {
            Device = EngineCatalog.DeviceOf(engine),
            Engine = engine.Name,
            Ilgpu = AcceleratorCatalog.Ilgpu,
            Dataset = new DatasetMetrics(dataset.Name, dataset.Train.Count, dataset.Test.Count),
            Hidden = hidden,
            Epochs = history.Count,
            BatchSize = options.BatchSize,
            Schedule = options.Schedule == LearningRateSchedule.Constant ? "constant" : "one-cycle",
            LearningRate = options.LearningRate!.Value,
            OutputLearningRate = options.OutputLearningRate!.Value,
            Momentum = options.Momentum!.Value,
            MeanImageSquared = dataset.Train.MeanImageSquared,
            Seed = options.Seed,
            History = [.. history.Select(e => new EpochMetrics(e.Epoch, e.Loss, e.TrainAccuracy, e.TrainSeconds, e.TestAccuracy, e.TestLoss))],
            TrainSeconds = seconds,
            ImagesPerSecond = timed == 0 ? 0 : (double)dataset.Train.Count * timed / seconds,
            TestAccuracy = history[^1].TestAccuracy,
            DigitAccuracy = trainer.LastTest is Evaluation test
                ? [.. Enumerable.Range(0, NetworkParameters.Outputs).Select(digit => DigitMetrics.Of(digit, test.Confusion).Accuracy)]
                : null,
            NeverSaid = trainer.LastTest?.NeverSaid,
            Warning = advice,
        };
    }
}
