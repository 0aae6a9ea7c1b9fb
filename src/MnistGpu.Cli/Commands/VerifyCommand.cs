using System.CommandLine;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Training;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Verification;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu verify</c>: holds a device's arithmetic against the reference.</summary>
internal static class VerifyCommand
{
    private const int Hidden = 100;
    private const int Steps = 50;

    public static Command Create(Terminal terminal)
    {
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        var command = new CommandWithExamples("verify", "Hold a device's arithmetic against the reference",
            "mnistgpu verify",
            "mnistgpu verify --device ilgpu-cpu")
        {
            device, threads,
        };
        command.SetAction(parsed =>
        {
            using ITrainingEngine engine = CommonOptions.OpenEngine(parsed, device, threads, Hidden, terminal);
            var table = new Table().RoundedBorder();
            table.AddColumn("what");
            table.AddColumn("shape");
            table.AddColumn(new TableColumn("relative").RightAligned());
            table.AddColumn(new TableColumn("absolute").RightAligned());
            table.AddColumn(new TableColumn("its bound").RightAligned());
            table.AddColumn("");
            int rows = 0;
            int wrong = 0;
            foreach (VerificationRow row in Rows(EngineCatalog.Current(engine), terminal.Cancellation))
            {
                terminal.Cancellation.ThrowIfCancellationRequested();
                rows++;
                wrong += row.Ok ? 0 : 1;
                table.AddRow(
                    Markup.Escape(row.Name), Markup.Escape(row.Shape), $"{row.LargestRelativeError:0.0e+0}",
                    $"{row.LargestAbsoluteError:0.0e+0}", $"{row.Bound:0.0e+0}", row.Ok ? "ok" : "WRONG");
            }
            terminal.Cancellation.ThrowIfCancellationRequested();
            terminal.Write(table);

            string name = $"{EngineCatalog.DeviceOf(engine)} ({engine.Description})";
            if (wrong > 0)
            {
                terminal.WriteError($"{name}: {wrong} of {rows} comparisons are outside of their bounds");
                return 1;
            }
            terminal.WriteLine($"{name}: all {rows} comparisons are within what float32 rounding allows.");
            return 0;
        });
        return command;
    }

    private static IEnumerable<VerificationRow> Rows(ITrainingEngine engine, CancellationToken cancellationToken)
    {
        if (engine is AcceleratorEngine accelerator)
            foreach (VerificationRow row in KernelVerification.Run(accelerator))
                yield return row;
        int batchSize = new TrainingOptions().BatchSize;
        var training = new TrainingVerifier(Hidden, batchSize, Steps * batchSize, cancellationToken);
        foreach (VerificationRow row in training.Run(engine, cancellationToken))
            yield return row;
    }
}
