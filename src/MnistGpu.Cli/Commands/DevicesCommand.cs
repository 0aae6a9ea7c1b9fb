using System.CommandLine;
using MnistGpu.Training;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu devices</c>: what can compute here.</summary>
internal static class DevicesCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("devices", "List what can compute here");
        command.SetAction(_ =>
        {
            var table = new Table().RoundedBorder();
            table.AddColumn("--device");
            table.AddColumn("what it is");
            foreach (string device in new[] { "reference" })
            {
                using ITrainingEngine engine = EngineCatalog.Open(device, threads: null);
                table.AddRow(device, engine.Description);
            }
            terminal.Console.Write(table);
            return 0;
        });
        return command;
    }
}
