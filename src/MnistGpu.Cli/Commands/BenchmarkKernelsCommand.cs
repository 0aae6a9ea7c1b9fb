using System.CommandLine;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Measurement;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary>
/// <c>mnistgpu benchmark kernels</c>: the kernels of a training step and the ladder of matrix products on each accelerator.
/// </summary>
internal static class BenchmarkKernelsCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<DeviceName[]> names = BenchmarkCommand.Devices();
        names.Validators.Add(result =>
        {
            foreach (string name in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
                if (DeviceName.Parse(name) is { Accelerator: null })
                    result.AddError($"--devices {name} runs no kernels; choose from {DeviceName.Accelerators}");
        });
        Option<string?> json = CommonOptions.Written("--json", ".json", "Write everything measured to this file, as JSON");
        var command = new CommandWithExamples("kernels", "Time the kernels of a training step and the ladder of matrix products on each accelerator",
            "mnistgpu benchmark kernels",
            "mnistgpu benchmark kernels --devices opencl --json kernels.json")
        {
            names, json,
        };
        command.SetAction(parsed =>
        {
            string? file = parsed.GetValue(json);
            terminal.EnsureWritable(file);
            AcceleratorList accelerators = BenchmarkCommand.Accelerators(terminal);
            IReadOnlyList<BenchmarkDevice> devices =
            [
                .. BenchmarkDevice.Choose(parsed.GetValue(names)!, accelerators, terminal)
                    .Where(device => device.Name is not (BenchmarkDevice.Reference or "cpu")),
            ];
            if (devices.Count == 0)
                throw new InvalidOperationException("there is no accelerator here to run kernels on; --devices ilgpu-cpu times them on ILGPU's debugging device");
            return Run(devices, MachineInfo.Read(accelerators.Found), file, terminal);
        });
        return command;
    }

    private static int Run(
        IReadOnlyList<BenchmarkDevice> devices, MachineInfo machine, string? json, Terminal terminal)
    {
        List<DeviceKernels> measured = [];
        OperationCanceledException? interruption = null;
        try
        {
            terminal.Cancellation.ThrowIfCancellationRequested();
            terminal.WriteLine($"machine   {machine}; ILGPU: {machine.Ilgpu}");
            foreach (BenchmarkDevice device in devices)
            {
                var kernels = new DeviceKernels(device);
                measured.Add(kernels);
                try
                {
                    BenchmarkCommand.ShowStatus(
                        terminal, report => Measure(device, kernels, report, terminal.Cancellation));
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // Whatever a driver throws: the other devices continue.
                    kernels.Error = exception is DeviceException failure ? DeviceAdvice.ExplainOneOfSeveral(failure)
                        : $"{device.Name} failed: {DeviceException.FirstLine(exception)}";
                }
                WriteKernels(kernels, terminal);
            }
        }
        catch (OperationCanceledException exception)
        {
            interruption = exception;
            if (measured.All(kernels => kernels.Kernels.Count == 0))
            {
                terminal.WriteError("nothing has been measured yet");
                throw;
            }
            WriteKernels(measured[^1], terminal);
        }

        terminal.Output.WriteLine();
        terminal.Console.WriteLine(KernelTable.Explanation);
        if (json is not null)
        {
            JsonFile.Write(
                json, new KernelReport(interruption is null, machine, measured), KernelJson.Default.KernelReport);
            terminal.WriteLine($"{(interruption is null ? "Written" : "Written, incomplete")}: {json}");
        }
        if (interruption is not null)
            throw interruption;
        return measured.Exists(kernels => kernels.Error is not null) ? 1 : 0;
    }

    private static void Measure(
        BenchmarkDevice device, DeviceKernels kernels, Action<string> report, CancellationToken cancellationToken)
    {
        report($"{device.Name}: compiling");
        using var engine = (AcceleratorEngine)device.Open();
        kernels.Description = engine.Description;
        engine.Measure(() =>
        {
            var measurement = new KernelMeasurement(engine, device.IsGpu, cancellationToken);
            kernels.IncludesTuned = measurement.IncludesTuned;
            report($"{device.Name}: copying, multiplying and adding, launching");
            var limits = DeviceLimits.Of(measurement);
            kernels.Limits = limits;
            foreach (KernelTiming timing in measurement.Kernels())
            {
                report($"{device.Name}: {timing.Kernel}, {timing.Shape}, done");
                kernels.Kernels.Add(new KernelResult(timing, limits));
            }
            var ladder = new LadderMeasurement(engine, device.IsGpu, cancellationToken);
            foreach (KernelTiming[] timings in ladder.Products())
            {
                kernels.WhyNotOnTensorCores = ladder.WhyNotOnTensorCores;
                report($"{device.Name}: the ladder, {timings[0].Shape}, done");
                KernelResult[] results =
                    [.. timings.Select(timing => new KernelResult(timing, limits))];
                double? cuBlas = Array.Find(results, result => result.Timing.Kernel == LadderMeasurement.CuBlasName)?.Gflops;
                kernels.Ladder.AddRange(results.Select(result => result with { ShareOfCuBlas = result.Gflops / cuBlas }));
            }
        });
    }

    private static void WriteKernels(DeviceKernels kernels, Terminal terminal)
    {
        terminal.Output.WriteLine();
        terminal.WriteLine(
            kernels.Description is null ? kernels.Device : $"{kernels.Device}: {kernels.Description}");
        if (kernels.SimulatesGpu)
            terminal.WriteLine(
                "This is not a GPU: its kernels run on the CPU, and their times say nothing about a GPU.");
        if (kernels.Limits is DeviceLimits limits)
            terminal.WriteLine(
                $"Its limits: {limits}, measured by kernels that only copy, only multiply and add, and do nothing.");
        foreach (IGrouping<string, KernelResult> shape in kernels.Kernels.GroupBy(kernel => kernel.Timing.Shape))
            terminal.Write(KernelTable.Of(shape.Key, shape));
        foreach (IGrouping<string, KernelResult> shape in kernels.Ladder.GroupBy(rung => rung.Timing.Shape))
            terminal.Write(KernelTable.OfLadder(shape.Key, shape));
        if (kernels.WhyNotOnTensorCores is string whyNot)
            terminal.WriteLine($"The ladder's product on tensor cores is left out: {whyNot}.");
        if (kernels is { IncludesTuned: false, Error: null })
            terminal.WriteLine(
                "The tuned versions and the ladder are left out: they need larger groups than this accelerator supports.");
        if (kernels.Error is not null)
            terminal.WriteError(kernels.Error);
    }
}
