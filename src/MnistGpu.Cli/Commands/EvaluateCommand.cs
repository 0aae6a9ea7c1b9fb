using System.CommandLine;
using System.Diagnostics;
using MnistGpu.Cli.Benchmarking;
using MnistGpu.Core;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu evaluate</c>: tests a saved network on the test images.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string?> data = CommonOptions.Data();
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> metrics = CommonOptions.Metrics();
        var command = new CommandWithExamples("evaluate", "Test a saved network on the test images",
            "mnistgpu evaluate --model model.npz",
            "mnistgpu evaluate --model model.npz --data generated --metrics metrics.json")
        {
            model, data, device, threads, metrics,
        };
        CommonOptions.RefuseOneFileForTwo(command, model, metrics);
        command.SetAction(parsed =>
        {
            string? metricsFile = parsed.GetValue(metrics);
            if (metricsFile is not null)
                AtomicFile.EnsureWritable(metricsFile);
            string modelFile = parsed.GetValue(model)!;
            NetworkParameters parameters = CommonOptions.LoadModel(modelFile);
            using ITrainingEngine engine = CommonOptions.OpenEngine(parsed, device, threads, parameters.Hidden, terminal);
            (string name, ImageSet test) = DatasetSource.LoadTest(parsed.GetValue(data), terminal);
            engine.SetParameters(parameters);

            long start = Stopwatch.GetTimestamp();
            Evaluation evaluation = Evaluation.Of(engine, test, terminal.Cancellation);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

            terminal.Cancellation.ThrowIfCancellationRequested();
            if (!double.IsFinite(evaluation.MeanLoss))
                throw new InvalidDataException(
                    $"{modelFile}: the network's outputs are no numbers; its weights are so large that their sums overflow");
            if (metricsFile is not null)
                JsonFile.Write(metricsFile, new EvaluationMetrics
                {
                    Device = EngineCatalog.DeviceOf(engine),
                    Engine = engine.Name,
                    Ilgpu = AcceleratorCatalog.Ilgpu,
                    Dataset = new DatasetMetrics(name, Train: null, test.Count),
                    Hidden = parameters.Hidden,
                    EvaluateSeconds = seconds,
                    TestLoss = evaluation.MeanLoss,
                    TestAccuracy = evaluation.Accuracy,
                }, MetricsJson.Default.EvaluationMetrics);
            terminal.Write(PerDigitTable(evaluation));
            terminal.Output.WriteLine(
                $"{name}: {evaluation.Hits:N0} of {Figures.Count(evaluation.Images, "test image")} right, "
                + $"accuracy {evaluation.Accuracy:P2}, loss {evaluation.MeanLoss:0.0000}, "
                + $"in {seconds * 1000:0.0} ms on {EngineCatalog.DeviceOf(engine)}");
            return 0;
        });
        return command;
    }

    private static Table PerDigitTable(Evaluation evaluation)
    {
        var table = new Table().RoundedBorder();
        table.AddColumn(new TableColumn("digit").RightAligned());
        table.AddColumn(new TableColumn("images").RightAligned());
        table.AddColumn(new TableColumn("right").RightAligned());
        table.AddColumn(new TableColumn("accuracy").RightAligned());
        table.AddColumn("most often taken for");
        for (int digit = 0; digit < NetworkParameters.Outputs; digit++)
        {
            int images = 0;
            int worst = -1;
            for (int taken = 0; taken < NetworkParameters.Outputs; taken++)
            {
                int count = evaluation.Confusion[digit, taken];
                images += count;
                if (taken != digit && count > 0 && (worst < 0 || count > evaluation.Confusion[digit, worst]))
                    worst = taken;
            }
            int right = evaluation.Confusion[digit, digit];
            table.AddRow(
                $"{digit}", $"{images:N0}", $"{right:N0}",
                images == 0 ? "" : $"{(double)right / images:P2}",
                worst < 0 ? "" : $"{worst} ({Figures.Count(evaluation.Confusion[digit, worst], "time")})");
        }
        return table;
    }
}
