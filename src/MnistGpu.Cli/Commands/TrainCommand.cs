using System.CommandLine;
using System.CommandLine.Parsing;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
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
        string? resume = parsed.GetValue(_resume);
        var files = new TrainingFiles(
            parsed.GetValue(_output), parsed.GetValue(_metrics), parsed.GetValue(_report), parsed.GetValue(_checkpoint) ?? resume);
        Checkpoint? resumed = resume is null ? null : CommonOptions.LoadCheckpoint(resume);
        TrainingOptions options = resumed is null ? _settings.Options(parsed) : _settings.Resumed(parsed, resumed, resume!);
        TrainingState start = resumed?.State ?? new TrainingState(_settings.Start(parsed), Velocity: null, History: []);
        int hidden = start.Parameters.Hidden;
        files.EnsureWritable(_terminal);
        bool quiet = parsed.GetValue(_quiet);
        WriteWarnings(parsed, resumed, options.Epochs);

        using ITrainingEngine engine = CommonOptions.OpenEngine(parsed, _device, _threads, hidden, _terminal);
        _ = (engine as SimdEngine)?.CompileAhead(hidden);
        string? data = parsed.GetValue(_data) ?? DatasetSource.Existing(resumed?.Data.Source);
        MnistDataset dataset = LoadImages(data, resumed?.Data.Images ?? _settings.Limit(parsed));
        TrainingData? trainedOn = files.Checkpoint is null ? null : TrainingData.Of(dataset, DatasetSource.Found(data, dataset));
        if (resumed is not null)
            RefuseOtherImages(resumed.Data, trainedOn!, resume!);
        options = options.WithDefaultRates(hidden, dataset.Train);
        if (!quiet)
            WriteHeader(dataset, hidden, engine, options);

        (string need, string less) = LargestNeed(options, hidden, dataset.Train.Count);
        Trainer trainer = OutOfMemory.Explain(need, less, () => new Trainer(engine, dataset, options));
        CheckpointWriter? checkpoints = files.Checkpoint is null ? null : new CheckpointWriter(
            files.Checkpoint, parsed.GetValue(_checkpointEvery), options.Epochs,
            () => new Checkpoint(options, trainedOn!, trainer.State), _terminal);
        try
        {
            TrainingDisplay.Show(_terminal, quiet, options.Epochs, dataset.Train.Count,
                observer => OutOfMemory.Explain(need, less, () =>
                    trainer.Train(start, checkpoints is null ? observer : checkpoints.Before(observer), _terminal.Cancellation)));
        }
        catch when (files.Any)
        {
            // Whatever happened: an interrupt, too high a learning rate, a device failure, a full output.
            SaveFinishedEpochs(trainer, checkpoints, files, Save);
            throw;
        }

        TrainingMetrics figures = Save();
        checkpoints?.Save();
        bool isLost = files.Output is null && checkpoints is not null && checkpoints.SavedEpochs != figures.Epochs;
        WriteSummary(figures, dataset, files.Output ?? (isLost ? null : files.Checkpoint), data);
        if (_terminal.IsVerbose && !quiet)
            WriteUse(engine);
        if (figures.Warning is string advice)
            _terminal.WriteError($"warning: {advice}");
        return isLost ? 1 : 0;

        TrainingMetrics Save()
        {
            var figures = TrainingMetrics.Of(trainer, engine, dataset, start.Parameters, options);
            files.Save(figures, dataset.Test, trainer.Parameters!);
            return figures;
        }
    }

    /// <summary>Saves what there is of a training that ended early, and says what, and how to go on.</summary>
    private void SaveFinishedEpochs(
        Trainer trainer, CheckpointWriter? checkpoints, TrainingFiles files, Func<TrainingMetrics> save)
    {
        if (trainer.Parameters is null)
        {
            _terminal.WriteError("no epoch was finished: nothing was saved");
            return;
        }
        // The checkpoint first: everything else can be derived from it.
        checkpoints?.Save();
        save();
        files.WriteWhatWasSaved(trainer.History.Count, _terminal);
        if (checkpoints?.SavedEpochs is > 0 and int epochs)
            _terminal.WriteError($"the training up to epoch {epochs} was saved to {files.Checkpoint}; continue with: "
                + $"{ProgramName.InShell} train --resume {Shell.Quote(files.Checkpoint!)}");
    }

    private void WriteWarnings(ParseResult parsed, Checkpoint? resumed, int epochs)
    {
        if (_settings.WarmupIsIgnored(parsed))
            _terminal.WriteError("warning: --warmup has no effect with --schedule constant");
        if (resumed?.State.History.Count == epochs && parsed.GetValue(_resume) is string file)
            _terminal.WriteError($"{file}: this training is finished; `--initial-model {Shell.Quote(file)}` starts a new one from its network");
    }

    private MnistDataset LoadImages(string? data, int? limit)
    {
        MnistDataset dataset = DatasetSource.Load(data, _terminal);
        return limit is int count ? dataset with { Train = dataset.Train.Take(count) } : dataset;
    }

    private static void RefuseOtherImages(TrainingData expected, TrainingData found, string checkpoint)
    {
        if ((expected.Checksum, expected.Images) != (found.Checksum, found.Images))
            throw new InvalidDataException($"{checkpoint} was trained on images other than those of {found.Name}: "
                + $"on {expected.Name}{(expected.Source is string source ? $", {source}" : "")}; name them with --data.");
    }

    /// <summary>How many threads the CPU engine used; or what limits a GPU, and how the CPU compares.</summary>
    private void WriteUse(ITrainingEngine engine)
    {
        switch (EngineCatalog.Current(engine))
        {
            case SimdEngine { ThreadUse: string threads }:
                _terminal.WriteError($"threads: {threads}");
                break;
            case AcceleratorEngine { Device: not AcceleratorCatalog.CpuDevice } gpu:
                _terminal.WriteError(Verdict.Of(
                    gpu.Device, DeviceLimits.Of(new KernelMeasurement(gpu, isGpu: true, _terminal.Cancellation)),
                    Verdict.TimeCpu(_terminal.Cancellation)));
                break;
        }
    }

    /// <summary>What a training needs most memory for, and how to need less.</summary>
    private static (string What, string Less) LargestNeed(TrainingOptions options, int hidden, int images)
    {
        // Bytes: one per pixel; a weight and its gradient; a hidden unit's activation for an image.
        (long Bytes, string What, string Less)[] needs =
        [
            ((long)NetworkParameters.Inputs * images, Format.Count(images, "image"), "train on fewer with --limit"),
            (8L * NetworkParameters.Inputs * hidden, Format.Count(hidden, "hidden unit"), "use fewer with --hidden"),
            (4L * options.BatchSize * hidden, $"batches of {options.BatchSize:N0} images", "use a smaller --batch-size"),
        ];
        (_, string what, string less) = needs.MaxBy(need => need.Bytes);
        return (what, less);
    }

    private void WriteHeader(MnistDataset dataset, int hidden, ITrainingEngine engine, TrainingOptions options)
    {
        string rate = options.Schedule == LearningRateSchedule.Constant
            ? $"constant learning rate {options.LearningRate:G3}"
            : $"one-cycle learning rate up to {options.LearningRate:G3}";
        _terminal.WriteLine($"data      {dataset.Name}: {Format.Count(dataset.Train.Count, "image")} to train on, "
            + $"{dataset.Test.Count:N0} to test with");
        _terminal.WriteLine($"network   784-{hidden}-10, sigmoid");
        _terminal.WriteLine($"device    {EngineCatalog.DeviceOf(engine)}: {engine.Description}");
        if (options.OutputLearningRate != options.LearningRate)
            rate += $" ({options.OutputLearningRate:G2} for the output layer)";
        if (options.Momentum != 0)
            rate += $", momentum {options.Momentum}";
        _terminal.WriteLine($"training  {Format.Count(options.Epochs, "epoch")}, batch size {options.BatchSize:N0}, {rate}");
        if (_terminal.IsVerbose)
            _terminal.WriteLine($"images    the mean image's squared length is {dataset.Train.MeanImageSquared:G3}, to which the default rates adapt");
    }

    private void WriteSummary(TrainingMetrics figures, MnistDataset dataset, string? output, string? data)
    {
        _terminal.WriteLine($"Test accuracy {figures.TestAccuracy:P2} after {Format.Count(figures.Epochs, "epoch")}; "
            + $"training took {figures.TrainSeconds:0.00} s.");
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
}
