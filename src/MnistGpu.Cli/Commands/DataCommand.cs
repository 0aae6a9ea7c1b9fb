using System.CommandLine;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu data</c>: fetches MNIST, summarises the data, writes the drawn digits.</summary>
internal static class DataCommand
{
    public static Command Create(Terminal terminal) => new CommandWithExamples("data", "Fetch, inspect or generate the images",
        "mnistgpu data fetch",
        "mnistgpu data info",
        "mnistgpu data generate --output digits")
    {
        Fetch(terminal),
        Info(terminal),
        Generate(terminal),
        DistortCommand.Create(terminal),
    };

    private static Command Fetch(Terminal terminal)
    {
        Option<string?> folder = CommonOptions.NotEmpty(new Option<string?>("--data")
        {
            Description = "The folder to put the four files in [default: $MNIST_DATA, else mnist_data/]",
            HelpName = "DIR",
        });
        var command = new CommandWithExamples("fetch", "Download MNIST and check it",
            "mnistgpu data fetch",
            "mnistgpu data fetch --data mnist_data")
        {
            folder,
        };
        command.SetAction(parsed =>
        {
            MnistFetcher.Fetch(parsed.GetValue(folder) ?? MnistLocator.DownloadTarget(), terminal);
            return 0;
        });
        return command;
    }

    private static Command Info(Terminal terminal)
    {
        Option<string?> data = CommonOptions.Data();
        var command = new CommandWithExamples("info", "Summarise the data",
            "mnistgpu data info",
            "mnistgpu data info --data generated")
        {
            data,
        };
        command.SetAction(parsed =>
        {
            string? named = parsed.GetValue(data);
            DatasetSource.RefuseAmbiguous(named);
            // It summarises what is there: nothing is downloaded.
            string? folder = named switch
            {
                null or DatasetSource.Mnist => MnistLocator.Find() ?? throw new DirectoryNotFoundException(
                    $"MNIST is not here; {MnistLocator.FetchCommand(MnistLocator.DownloadTarget())} downloads it"),
                DatasetSource.Generated => null,
                _ => named,
            };
            MnistDataset dataset = DatasetSource.Load(named, terminal);
            terminal.Cancellation.ThrowIfCancellationRequested();
            terminal.WriteLine(folder is null ? dataset.Name : $"{dataset.Name}, in {Path.GetFullPath(folder)}");
            terminal.Write(InfoTable(new DataFigures(dataset.Train), new DataFigures(dataset.Test)));
            return 0;
        });
        return command;
    }

    private static Table InfoTable(DataFigures train, DataFigures test)
    {
        var table = new Table().RoundedBorder();
        table.AddColumn("");
        table.AddColumn(new TableColumn("train").RightAligned());
        table.AddColumn(new TableColumn("test").RightAligned());
        table.AddRow("images", $"{train.Count:N0}", $"{test.Count:N0}");
        table.AddRow("mean pixel, 0 to 255", $"{train.MeanPixel:0.0}", $"{test.MeanPixel:0.0}");
        table.AddRow("pixels that are not 0", $"{train.Lit:P1}", $"{test.Lit:P1}");
        for (int digit = 0; digit < NetworkParameters.Outputs; digit++)
            table.AddRow($"images of a {digit}", $"{train.PerDigit[digit]:N0}", $"{test.PerDigit[digit]:N0}");
        return table;
    }

    /// <summary>A summary of some images.</summary>
    private sealed class DataFigures
    {
        public DataFigures(ImageSet images)
        {
            Count = images.Count;
            foreach (byte label in images.Labels)
                PerDigit[label]++;
            long sum = 0;
            foreach (byte pixel in images.Pixels)
                sum += pixel;
            MeanPixel = (double)sum / images.Pixels.Length;
            Lit = 1 - (double)images.Pixels.AsSpan().Count((byte)0) / images.Pixels.Length;
        }

        public int Count { get; }

        public int[] PerDigit { get; } = new int[NetworkParameters.Outputs];

        public double MeanPixel { get; }

        public double Lit { get; }
    }

    private static Command Generate(Terminal terminal)
    {
        Option<string> output = CommonOptions.NotEmpty(new Option<string>("--output")
        {
            Description = "The folder to put the four files in; created if missing",
            HelpName = "DIR",
            Required = true,
        });
        Option<int> seed = CommonOptions.Integer("--seed", "Seed of the digits", DatasetSource.GeneratedSeed, 0);
        Option<int> train = CommonOptions.Integer("--train", "Images to train on", 60_000, 1, 1_000_000);
        Option<int> test = CommonOptions.Integer("--test", "Images to test with", 10_000, 1, 1_000_000);
        var command = new CommandWithExamples("generate", "Draw digits and write them as MNIST files",
            "mnistgpu data generate --output digits",
            "mnistgpu data generate --output digits --seed 2 --train 1000 --test 100")
        {
            output, seed, train, test,
        };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(output)!;
            MnistFolder.EnsureCanBeSaved(folder);
            MnistDataset dataset = OutOfMemory.Explain("that many digits", "draw fewer with --train and --test",
                () => GeneratedDigits.Draw(
                    parsed.GetValue(seed), parsed.GetValue(train), parsed.GetValue(test),
                    cancellationToken: terminal.Cancellation));
            MnistFolder.Save(folder, dataset);
            terminal.Cancellation.ThrowIfCancellationRequested();
            terminal.WriteLine(
                $"Wrote {dataset.Train.Count:N0} + {dataset.Test.Count:N0} drawn digits to {folder}. "
                + $"Next: {ProgramName.InShell} train --data {Shell.Quote(DatasetSource.OptionValue(folder))}");
            return 0;
        });
        return command;
    }
}
