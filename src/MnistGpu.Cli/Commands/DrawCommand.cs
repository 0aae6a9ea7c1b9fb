using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using MnistGpu.Cli.Pages;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu draw</c>: writes a page in which one draws digits and a saved network reads them.</summary>
internal static class DrawCommand
{
    /// <summary>The page shows every unit, and holds its weights: 17 MB of them for so many.</summary>
    private const int MaxHidden = 4096;

    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string?> output = CommonOptions.Written("--output", ".html", "Write the page here");
        output.DefaultValueFactory = _ => "draw.html";
        var open = new Option<bool>("--open") { Description = "Open the page in the browser" };
        var command = new CommandWithExamples("draw", "Write a page to draw digits in, which the network reads",
            "mnistgpu draw --model model.npz --open")
        {
            model, output, open,
        };
        CommonOptions.RefuseOneFileForTwo(command, model, output);
        command.SetAction(parsed =>
        {
            string modelFile = parsed.GetValue(model)!;
            string page = parsed.GetValue(output)!;
            NetworkParameters parameters = CommonOptions.LoadModel(modelFile);
            if (parameters.Hidden > MaxHidden)
                throw new InvalidDataException(
                    $"{modelFile} has {parameters.Hidden:N0} hidden units; a page can show {MaxHidden:N0} at most.");
            HtmlPage.Write(page, "draw.html", DrawPage.Of(modelFile, parameters), PageJson.Default.DrawPage);
            bool isOpen = parsed.GetValue(open);
            terminal.WriteLine($"The page was written to {page}{(isOpen ? "" : "; open it in a browser")}.");
            if (isOpen)
                Open(page);
            return 0;
        });
        return command;
    }

    private static void Open(string page)
    {
        try
        {
            using Process? browser = Process.Start(new ProcessStartInfo(Path.GetFullPath(page)) { UseShellExecute = true });
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"No browser could be opened; open {page} in one yourself.", exception);
        }
    }
}
