using System.CommandLine;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Training;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Engine;
using MnistGpu.Gpu.Verification;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu verify</c>: checks a device's arithmetic against the reference.</summary>
internal static class VerifyCommand
{
    private const int Hidden = 100;
    private const int Steps = 50;

    public static Command Create(Terminal terminal)
    {
        Option<DeviceName> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        var command = new CommandWithExamples("verify", "Check a device against the reference",
            "mnistgpu verify",
            "mnistgpu verify --device ilgpu-cpu --verbose")
        {
            device, threads,
        };
        command.SetAction(parsed =>
        {
            using ITrainingEngine engine = CommonOptions.OpenEngine(parsed, device, threads, Hidden, terminal);
            List<VerificationRow> checks = [];
            foreach (VerificationRow check in Rows(EngineCatalog.Current(engine), terminal.Cancellation))
            {
                terminal.Cancellation.ThrowIfCancellationRequested();
                checks.Add(check);
            }
            terminal.Cancellation.ThrowIfCancellationRequested();
            return Report($"{EngineCatalog.DeviceOf(engine)} ({engine.Description})", checks, terminal);
        });
        return command;
    }

    /// <summary>Prints a summary and the checks that fail; with <c>--verbose</c>, all checks.</summary>
    /// <returns>The exit code: 1 if a check fails.</returns>
    internal static int Report(string device, IReadOnlyList<VerificationRow> checks, Terminal terminal)
    {
        VerificationRow[] failed = [.. checks.Where(check => !check.Ok)];
        if (terminal.IsVerbose || failed.Length > 0)
            terminal.Write(Table(terminal.IsVerbose ? checks : failed));
        if (failed.Length > 0)
        {
            terminal.WriteError($"{device}: {failed.Length} of {Format.Count(checks.Count, "check")} failed; "
                + "the errors are larger than float32 rounding explains");
            return 1;
        }
        VerificationRow closest = checks.MaxBy(ShareOfBound)!;
        terminal.WriteLine($"{device}: all {checks.Count} checks passed. The error closest to its bound is that of "
            + $"{closest.Name} ({closest.Shape}): {ShareOfBound(closest):P1} of what float32 rounding allows.");
        return 0;
    }

    private static Table Table(IEnumerable<VerificationRow> checks)
    {
        var table = new Table().RoundedBorder();
        table.AddColumn("check");
        table.AddColumn("shape");
        foreach (string column in (string[])["largest error", "bound", "error / bound"])
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("");
        foreach (VerificationRow check in checks)
            table.AddRow(
                Markup.Escape(check.Name), Markup.Escape(check.Shape), Format.Difference(check.LargestAbsoluteError),
                Format.Difference(check.Bound), $"{ShareOfBound(check):P1}", check.Ok ? "ok" : "WRONG");
        return table;
    }

    private static double ShareOfBound(VerificationRow check) =>
        check.LargestAbsoluteError == 0 ? 0 : check.LargestAbsoluteError / check.Bound;

    private static IEnumerable<VerificationRow> Rows(ITrainingEngine engine, CancellationToken cancellationToken)
    {
        if (engine is AcceleratorEngine accelerator)
            foreach (VerificationRow row in KernelVerifier.Run(accelerator))
                yield return row;
        int batchSize = new TrainingOptions().BatchSize;
        var training = new TrainingVerifier(Hidden, batchSize, Steps * batchSize, cancellationToken);
        foreach (VerificationRow row in training.Run(engine, cancellationToken))
            yield return row;
    }
}
