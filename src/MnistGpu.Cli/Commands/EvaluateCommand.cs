using System.CommandLine;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu evaluate</c>: tests a saved network on the test images.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string?> data = CommonOptions.Data();
        Option<DeviceName> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> metrics = CommonOptions.Metrics();
        Option<string?> report = CommonOptions.Report("confusion matrix, mistakes and weights");
        var confusion = new Option<bool>("--confusion") { Description = "Print how often each digit was taken for which" };
        var command = new CommandWithExamples("evaluate", "Test a saved network on the test images",
            "mnistgpu evaluate --model model.npz",
            "mnistgpu evaluate --model model.npz --report report.html",
            "mnistgpu evaluate --model model.npz --data generated --metrics metrics.json");
        command.AddGroup("Input", model, data);
        command.AddGroup("Computation", device, threads);
        command.AddGroup("Output", confusion, metrics, report);
        CommonOptions.RefuseOneFileForTwo(command, model, metrics);
        CommonOptions.RefuseOneFileForTwo(command, model, report);
        CommonOptions.RefuseOneFileForTwo(command, metrics, report);
        command.SetAction(parsed =>
        {
            string? metricsFile = parsed.GetValue(metrics), reportFile = parsed.GetValue(report);
            string modelFile = parsed.GetValue(model)!;
            NetworkParameters parameters = CommonOptions.LoadModel(modelFile);
            terminal.EnsureWritable(metricsFile, reportFile);
            using ITrainingEngine engine = CommonOptions.OpenEngine(parsed, device, threads, parameters.Hidden, terminal);
            _ = (engine as SimdEngine)?.CompileAhead(parameters.Hidden);
            (string name, ImageSet test) = DatasetSource.LoadTest(parsed.GetValue(data), terminal);
            EvaluationMetrics figures = EvaluationMetrics.Of(
                engine, parameters, new DatasetMetrics(name, Train: null, test.Count), test, terminal.Cancellation);
            terminal.Cancellation.ThrowIfCancellationRequested();
            if (!double.IsFinite(figures.TestLoss))
                throw new InvalidDataException(
                    $"{modelFile}: the network's outputs are not numbers; its weights are so large that their sums overflow");

            if (metricsFile is not null)
                JsonFile.Write(metricsFile, figures, MetricsJson.Default.EvaluationMetrics);
            if (reportFile is not null)
                NetworkReport.Write(reportFile, training: null, figures, test, parameters);
            terminal.Write(PerDigitTable(figures.Digits));
            if (parsed.GetValue(confusion))
                WriteConfusion(figures.Confusion, terminal.Output);
            terminal.WriteLine(
                $"{name}: {figures.Digits.Sum(digit => digit.Right):N0} of {Format.Count(test.Count, "test image")} "
                + $"right, accuracy {figures.TestAccuracy:P2}, loss {figures.TestLoss:0.0000}, "
                + $"in {figures.EvaluateSeconds * 1000:0.0} ms on {figures.Device}");
            return 0;
        });
        return command;
    }

    private static Table PerDigitTable(IReadOnlyList<DigitMetrics> digits)
    {
        var table = new Table().RoundedBorder();
        foreach (string column in (string[])["digit", "images", "right", "accuracy"])
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("most often taken for");
        foreach (DigitMetrics digit in digits)
            table.AddRow(
                $"{digit.Digit}", $"{digit.Images:N0}", $"{digit.Right:N0}", $"{digit.Accuracy:P2}",
                digit.Times == 0 ? "" : $"{digit.MostOftenTakenFor} ({Format.Count(digit.Times, "time")})");
        return table;
    }

    /// <summary>A row for each digit; the columns say how often it was taken for which.</summary>
    private static void WriteConfusion(IReadOnlyList<int[]> confusion, TextWriter output)
    {
        int width = $"{confusion.Max(row => row.Max())}".Length + 1;
        output.WriteLine($"    taken for{Environment.NewLine}   {string.Concat(confusion.Select((_, digit) => $"{digit}".PadLeft(width)))}");
        for (int digit = 0; digit < confusion.Count; digit++)
            output.WriteLine(
                $"{digit}  {string.Concat(confusion[digit].Select(count => (count == 0 ? "·" : $"{count}").PadLeft(width)))}");
    }
}
