using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using MnistGpu.Cli.Commands;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Files;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli;

/// <summary>The command line <c>mnistgpu</c>: its commands, and what becomes of their errors.</summary>
internal static class Program
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    /// <summary>Without response files: a picture may be named @x.png.</summary>
    private static readonly ParserConfiguration s_parsing = new() { ResponseFileTokenReplacer = null };

    private static int Main(string[] arguments)
    {
        using var interruption = new Interruption();
        if (PlainOutput.IsNeeded(Console.OutputEncoding, Environment.GetEnvironmentVariable))
        {
            Console.SetOut(new PlainOutput(Console.Out));
            Console.SetError(new PlainOutput(Console.Error));
        }
        Console.SetOut(new CheckedOutput(Console.Out));
        int exitCode = Run(arguments, new Terminal(Console.Out, Console.Error, interruption.Token));
        return exitCode == Interruption.CtrlC ? interruption.ExitCode : exitCode;
    }

    private static RootCommand Commands(Terminal terminal, Option<bool> verbose)
    {
        var root = new RootCommand("Trains a 784-100-10 sigmoid network on MNIST, on a CPU or a GPU.")
        {
            TrainCommand.Create(terminal),
            SweepCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            PredictCommand.Create(terminal),
            DrawCommand.Create(terminal),
            ExportCommand.Create(terminal),
            VerifyCommand.Create(terminal),
            DevicesCommand.Create(terminal),
            KernelsCommand.Create(terminal),
            BenchmarkCommand.Create(terminal),
            DataCommand.Create(terminal),
            verbose,
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.</returns>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Show more detail, and where an error came from", Recursive = true };
        terminal = terminal with { IsVerbose = arguments.Contains(verbose.Name) };
        RootCommand root = Commands(terminal, verbose);

        try
        {
            ParseResult parsed = root.Parse(arguments, s_parsing);
            if (WritesToStandardOutput(parsed))
            {
                // The content of a file must not be mixed with other output.
                terminal = terminal with { Output = terminal.Error };
                root = Commands(terminal, verbose);
                parsed = root.Parse(arguments, s_parsing);
            }
            if (arguments.Count == 0)
            {
                root.Parse("--help").Invoke(new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    Output = terminal.Output,
                });
                return WrongUsage;
            }
            if (parsed.Action is not { ClearsParseErrors: true } && UsageError.Describe(parsed) is string problem)
            {
                terminal.WriteError($"{problem} See: {UsageError.CommandPath(parsed.CommandResult.Command)} --help");
                return WrongUsage;
            }
            return parsed.Invoke(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = terminal.Output,
                Error = terminal.Error,
            });
        }
        catch (Exception exception)
        {
            return Report(exception, terminal);
        }
    }

    /// <summary>Says in a line why a command ended early.</summary>
    /// <returns>The exit code.</returns>
    private static int Report(Exception exception, Terminal terminal)
    {
        if (exception is OperationCanceledException && terminal.Cancellation.IsCancellationRequested)
        {
            terminal.WriteError("interrupted");
            return Interruption.CtrlC;
        }
        terminal.WriteError(exception switch
        {
            // Only asking for the working directory fails without a file name.
            FileNotFoundException { FileName: null } => "the current folder has been removed; change to another",
            DeviceException failure => DeviceAdvice.Explain(failure),
            _ when OutOfMemory.Caused(exception) => "not enough memory: close other programs, or raise this program's memory limit",
            _ => exception.Message,
        }, exception);
        return Failed;
    }

    /// <summary>Whether a file to write is standard output.</summary>
    private static bool WritesToStandardOutput(ParseResult parsed) => parsed.CommandResult.Children.Any(child =>
        child is not ArgumentResult { Argument.Name: PredictCommand.Pictures }
        && !(child is OptionResult option && CommonOptions.IsRead(option.Option))
        && child.Tokens.Any(token => AtomicFile.IsStandardOutput(token.Value)));
}
