using System.CommandLine;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Gpu;
using Spectre.Console;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu devices</c>: what can compute here.</summary>
internal static class DevicesCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExamples("devices", "List what can compute here",
            "mnistgpu devices");
        command.SetAction(_ => Run(terminal, AcceleratorCatalog.List));
        return command;
    }

    /// <summary>Prints what can compute; where accelerators cannot be listed, the reason and the rest.</summary>
    internal static int Run(Terminal terminal, Func<IReadOnlyList<AcceleratorInfo>> listAccelerators)
    {
        IReadOnlyList<AcceleratorInfo> accelerators = [];
        try
        {
            accelerators = listAccelerators();
        }
        catch (InvalidOperationException exception)
        {
            terminal.WriteError($"warning: {exception.Message}", exception);
        }

        using var reference = new ReferenceEngine();
        using var cpu = new SimdEngine();
        var table = new Table().RoundedBorder();
        table.AddColumn("--device");
        table.AddColumn("what it is");
        table.AddColumn(new TableColumn("memory").RightAligned());
        table.AddColumn(new TableColumn("threads a group").RightAligned());
        table.AddRow("reference", $"the reference engine: {reference.Description}", "", "");
        table.AddRow("cpu", $"the CPU engine: {cpu.Description}", "", "");
        foreach (AcceleratorInfo info in accelerators)
            table.AddRow(
                Markup.Escape(info.Device), Markup.Escape($"{info.Kind}: {info.Name}"),
                Memory(info.MemoryBytes), $"{info.MaxGroupSize:N0}");
        terminal.Console.Write(table);

        string auto = accelerators.FirstOrDefault(info => info.IsGpu)?.Device ?? "cpu";
        terminal.Output.WriteLine($"--device auto is {auto}.");
        terminal.Output.WriteLine($"ILGPU: {AcceleratorCatalog.Ilgpu}");
        return 0;
    }

    /// <summary>Gigabytes; nothing where ILGPU does not know and says the most there could be.</summary>
    private static string Memory(long? bytes) => bytes is null ? "" : $"{bytes / 1e9:0.0} GB";
}
