using System.CommandLine;
using System.CommandLine.Parsing;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using MnistGpu.Cli.Sweeping;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu benchmark</c>: trains the same network on several devices and compares them.</summary>
internal sealed class BenchmarkCommand
{
    private const int DefaultImages = 10_000;
    private const int EpochsToAccuracy = 10;

    private static readonly TrainingOptions Defaults = new();

    private readonly Option<double?> _toAccuracy = new("--to-accuracy")
    {
        Description = "Train as train does, and measure the time until this percentage of the test images is classified correctly",
        HelpName = "PERCENT",
        CustomParser = result => CommonOptions.Number(result, percent => percent is >= 1 and <= 100, "from 1 to 100"),
    };
    private readonly Option<bool> _augment = new("--augment")
    {
        Description = "With --to-accuracy: train on small distortions of the images, new ones in each epoch",
    };
    private readonly Option<DeviceName[]> _devices = Devices();
    private readonly Option<int[]> _batchSizes =
        NumberList.Integers("--batch-sizes", "Images per step, one number or several, separated by commas", [Defaults.BatchSize], 1);
    private readonly Option<int[]> _hiddenSizes =
        NumberList.Integers("--hidden-sizes", "Hidden units, one number or several, separated by commas", [100], 1, NetworkParameters.MaxHidden);
    private readonly Option<int?> _epochs = CommonOptions.OptionalInteger("--epochs",
        $"Epochs of each training [default: {Defaults.Epochs}; with --to-accuracy at most {EpochsToAccuracy}, "
            + $"and {TrainingOptions.EpochsWithAugment} with --augment]", 1);
    private readonly Option<int> _repeats = CommonOptions.Integer("--repeats", "Timed turns per device", 3, 1);
    private readonly Option<int?> _limit = CommonOptions.OptionalInteger("--limit",
        $"Train on the first N images only [default: {DefaultImages}; all with --to-accuracy]", 1);
    private readonly Option<string?> _data = CommonOptions.Data();
    private readonly Option<int> _seed =
        CommonOptions.Integer("--seed", "Seed of the initial weights and of the order of the images", 1, 0);
    private readonly Option<string?> _json = CommonOptions.Written("--json", ".json", "Write everything measured to this file, as JSON");
    private readonly Option<string?> _html = CommonOptions.Written("--html", ".html", "Write a report with charts to this file, as HTML");

    private readonly Terminal _terminal;

    private BenchmarkCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var benchmark = new BenchmarkCommand(terminal);
        var command = new CommandWithExamples("benchmark", "Compare how fast devices train the same network",
            "mnistgpu benchmark --html report.html",
            "mnistgpu benchmark --devices cpu,opencl --hidden-sizes 100,512,2048 --json report.json",
            "mnistgpu benchmark --to-accuracy 97.5 --devices cpu,reference",
            "mnistgpu benchmark kernels")
        {
            BenchmarkKernelsCommand.Create(terminal),
        };
        command.AddGroup("Measurement", benchmark._devices, benchmark._repeats, benchmark._toAccuracy);
        command.AddGroup("Data", benchmark._data, benchmark._limit, benchmark._augment);
        command.AddGroup("Training", benchmark._hiddenSizes, benchmark._batchSizes, benchmark._epochs, benchmark._seed);
        command.AddGroup("Output", benchmark._json, benchmark._html);
        CommonOptions.RefuseOneFileForTwo(command, benchmark._json, benchmark._html);
        command.Validators.Add(result =>
        {
            if (result.GetResult(benchmark._augment) is { Implicit: false } && result.GetResult(benchmark._toAccuracy) is null)
                result.AddError("--augment changes what is learnt, not how long an epoch takes: it needs --to-accuracy");
        });
        command.SetAction(benchmark.Run);
        return command;
    }

    /// <summary>Devices, separated by commas; none for all.</summary>
    internal static Option<DeviceName[]> Devices()
    {
        const string all = "all";
        return new Option<DeviceName[]>("--devices")
        {
            Description = $"Devices to compare, separated by commas; '{all}' means every device here except ilgpu-cpu [default: {all}]",
            HelpName = $"{all}|cpu,opencl,…",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => result.Tokens[0].Value == all
                ? []
                : [.. result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries).Select(name => Read(name, result))],
        };

        static DeviceName Read(string name, ArgumentResult result)
        {
            if (DeviceName.Parse(name) is DeviceName device && device != DeviceName.Auto)
                return device;
            result.AddError($"--devices '{name}' is unknown; choose '{all}' or, separated by commas, from {DeviceName.Devices}");
            return default;
        }
    }

    /// <summary>The accelerators; none, and a warning, if a driver prevents listing them.</summary>
    internal static AcceleratorList Accelerators(Terminal terminal)
    {
        try
        {
            return AcceleratorCatalog.List();
        }
        catch (InvalidOperationException exception)
        {
            terminal.WriteError($"warning: {exception.Message}");
            return new AcceleratorList([], []);
        }
    }

    /// <summary>Runs a long measurement; if a person is watching, a line says what is being done.</summary>
    internal static void ShowStatus(Terminal terminal, Action<Action<string>> measure)
    {
        if (terminal.IsInteractive && terminal.Console.Profile.Capabilities.Interactive)
            terminal.Console.Status().Start(
                "starting", status => measure(what => status.Status(Markup.Escape(what))));
        else
            measure(_ => { });
    }

    private int Run(ParseResult parsed)
    {
        string? json = parsed.GetValue(_json);
        string? html = parsed.GetValue(_html);
        _terminal.EnsureWritable(json, html);

        AcceleratorList accelerators = Accelerators(_terminal);
        IReadOnlyList<BenchmarkDevice> devices =
            BenchmarkDevice.Choose(parsed.GetValue(_devices)!, accelerators, _terminal);
        MnistDataset dataset = DatasetSource.Load(parsed.GetValue(_data), _terminal);
        double? percent = parsed.GetValue(_toAccuracy);
        bool augment = parsed.GetValue(_augment);
        if ((parsed.GetValue(_limit) ?? (percent is null ? DefaultImages : null)) is int limit)
            dataset = dataset with { Train = dataset.Train.Take(limit) };
        var plan = new BenchmarkPlan
        {
            BatchSizes = parsed.GetValue(_batchSizes)!,
            HiddenSizes = parsed.GetValue(_hiddenSizes)!,
            Epochs = parsed.GetValue(_epochs)
                ?? (percent is null ? Defaults.Epochs : augment ? TrainingOptions.EpochsWithAugment : EpochsToAccuracy),
            Repeats = parsed.GetValue(_repeats),
            Seed = parsed.GetValue(_seed),
            // 90.04 / 100 is a little more than 0.9004, which 9,004 hits in 10,000 images would miss.
            TargetAccuracy = percent is double value ? Math.Round(value / 100, 12) : null,
            Augment = augment,
        };
        return Run(plan, dataset, devices, MachineInfo.Read(accelerators.Found), json, html, _terminal);
    }

    /// <summary>Measures, prints and writes; after Ctrl-C, what has been measured so far.</summary>
    /// <returns>The exit code: 1 if a device failed.</returns>
    /// <exception cref="OperationCanceledException">Interrupted; what there was has been printed and written.</exception>
    internal static int Run(
        BenchmarkPlan plan, MnistDataset dataset, IReadOnlyList<BenchmarkDevice> devices, MachineInfo machine,
        string? json, string? html, Terminal terminal)
    {
        var benchmark = new TrainingBenchmark(plan, dataset, devices);
        DateTimeOffset started = DateTimeOffset.UtcNow;
        OperationCanceledException? interruption = null;
        try
        {
            terminal.Cancellation.ThrowIfCancellationRequested();
            WriteHeader(plan, dataset, machine, terminal);
            BusyMachine.Warn(terminal);
            ShowStatus(terminal, report => benchmark.Run(report, terminal.Cancellation));
        }
        catch (OperationCanceledException exception)
        {
            interruption = exception;
            if (benchmark.Measurements.All(measurement => measurement.Samples.Count == 0))
            {
                terminal.WriteError("nothing has been measured yet: the devices were still warming up");
                throw;
            }
        }

        var report = new BenchmarkReport
        {
            Started = started,
            Complete = interruption is null,
            Machine = machine,
            Settings = new BenchmarkSettings(
                new DatasetMetrics(dataset.Name, dataset.Train.Count, dataset.Test.Count),
                [.. devices.Select(device => device.Name)],
                plan.BatchSizes, plan.HiddenSizes, plan.Epochs, plan.Repeats, plan.Seed,
                plan.TargetAccuracy, plan.Augment),
            Results = benchmark.Measurements,
            Conclusions = Conclusions.Of(benchmark.Measurements),
        };
        WriteResults(report, terminal);
        if (json is not null)
            JsonFile.Write(json, report, BenchmarkJson.Default.BenchmarkReport);
        if (html is not null)
            report.WriteHtml(html);
        foreach (string? file in (string?[])[json, html])
            if (file is not null)
                terminal.WriteLine($"{(report.Complete ? "Written" : "Written, incomplete")}: {file}");
        if (interruption is not null)
            throw interruption;
        return report.Results.Any(result => result.Error is not null) ? 1 : 0;
    }

    private static void WriteHeader(BenchmarkPlan plan, MnistDataset dataset, MachineInfo machine, Terminal terminal)
    {
        terminal.WriteLine($"machine   {machine}; ILGPU: {machine.Ilgpu}");
        terminal.WriteLine($"data      {dataset.Name}: {Format.Count(dataset.Train.Count, "image")} per epoch, "
            + $"{dataset.Test.Count:N0} to test with");
        string epochs = Format.Count(plan.Epochs, "epoch");
        if (plan.Augment)
            epochs += " of distorted images";
        if (plan.TargetAccuracy is double target)
            epochs = $"at most {epochs} to {target:0.## %}";
        terminal.WriteLine(
            $"training  {epochs}, from the same start on every device; "
            + $"a warm-up, then {Format.Count(plan.Repeats, "repeat")} in turn");
    }

    private static void WriteResults(BenchmarkReport report, Terminal terminal)
    {
        if (!report.Complete)
            terminal.WriteLine("Interrupted: this is what was measured until then.");
        if (report.Results.Any(result => result.SecondsPerEpoch is not null))
        {
            if (report.Settings.TargetAccuracy is null)
            {
                terminal.Write(BenchmarkTables.Speed(report.Results));
                terminal.Write(BenchmarkTables.Check(report.Results));
                terminal.Console.WriteLine(BenchmarkTables.Explanation);
            }
            else
            {
                terminal.Write(BenchmarkTables.ToAccuracy(report.Results, report.Settings));
                terminal.Console.WriteLine(BenchmarkTables.SecondsToAccuracy);
            }
            terminal.Output.WriteLine();
        }
        foreach (string sentence in report.Conclusions)
            terminal.WriteLine(sentence);
    }
}
