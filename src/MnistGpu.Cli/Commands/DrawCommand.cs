using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Reports;
using MnistGpu.Core.Network;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu draw</c>: writes a page to draw digits on, which a saved network reads.</summary>
internal static class DrawCommand
{
    /// <summary>The page shows every unit and contains its weights: 17 MB for this many.</summary>
    private const int MaxHidden = 4096;

    private static readonly TimeSpan s_toFail = TimeSpan.FromSeconds(5);

    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string?> output = CommonOptions.Written("--output", ".html", "Write the page here");
        output.DefaultValueFactory = _ => "draw.html";
        var open = new Option<bool>("--open") { Description = "Open the page in the browser" };
        var command = new CommandWithExamples("draw", "Write a page to draw digits on, which the network reads",
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
                    $"{modelFile} has {parameters.Hidden:N0} hidden units; a page can show at most {MaxHidden:N0}.");
            terminal.EnsureWritable(page);
            HtmlPage.Write(page, "draw.html", DrawPage.Of(modelFile, parameters), PageJson.Default.DrawPage);
            terminal.Cancellation.ThrowIfCancellationRequested();
            bool isOpen = parsed.GetValue(open);
            terminal.WriteLine($"The page was written to {(page == "-" ? "the standard output" : page)}{(isOpen ? "" : "; open it in a browser")}.");
            if (isOpen)
                Open(page, terminal.Cancellation);
            return 0;
        });
        return command;
    }

    private static void Open(string page, CancellationToken cancellation)
    {
        Exception? failure = null;
        try
        {
            // If there is none, xdg-open prints an error for each one it tries.
            using Process? browser = OperatingSystem.IsLinux()
                ? Process.Start("/bin/sh", ["-c", "exec xdg-open \"$0\" > /dev/null 2>&1", Path.GetFullPath(page)])
                : Process.Start(new ProcessStartInfo(Path.GetFullPath(page)) { UseShellExecute = true });
            // A browser that opens may keep running; one that fails exits soon.
            if (!OperatingSystem.IsLinux() || !browser!.WaitForExitAsync(CancellationToken.None).Wait((int)s_toFail.TotalMilliseconds, cancellation) || browser.ExitCode == 0)
                return;
        }
        catch (Win32Exception exception)
        {
            failure = exception;
        }
        throw new InvalidOperationException($"No browser could be opened; open {page} in one yourself.", failure);
    }
}
