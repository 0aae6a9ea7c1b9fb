using System.CommandLine;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu export</c>: writes a saved network in another format.</summary>
internal static class ExportCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        var target = new Argument<string>("FILE") { Description = "The file to write: .onnx, .safetensors or .npz" };
        target.Validators.Add(CommonOptions.RefuseUnknownEnding);
        var command = new CommandWithExamples("export", "Write a saved network for other programs",
            "mnistgpu export --model model.npz model.onnx",
            "mnistgpu export --model model.npz model.safetensors")
        {
            target, model,
        };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(target)!;
            NetworkParameters network = ModelFile.Load(parsed.GetValue(model)!);
            terminal.EnsureWritable(file);
            ModelFile.Save(file, network);
            terminal.Cancellation.ThrowIfCancellationRequested();
            terminal.WriteLine($"The network was written to {(file == "-" ? "the standard output" : file)}.");
            return 0;
        });
        return command;
    }
}
