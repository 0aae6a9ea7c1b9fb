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

/// <summary>The command line of <c>mnistgpu</c>: its commands, and how errors are reported.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    /// <summary>128 plus the number of the signal, as in shells; this one is Ctrl-C's.</summary>
    public const int Interrupted = 128 + 2;

    /// <summary>Without response files: a picture may be named @x.png.</summary>
    private static readonly ParserConfiguration s_parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code: 0 done, 1 failed, 2 wrong usage, <see cref="Interrupted"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Show more detail, and where an error came from", Recursive = true };
        terminal = terminal with { IsVerbose = arguments.Contains(verbose.Name) };
        RootCommand root = MakeRoot(terminal, verbose);

        try
        {
            ParseResult parsed = root.Parse(arguments, s_parsing);
            if (WritesToStandardOutput(parsed))
            {
                // The content of a file must not be mixed with other output.
                terminal = terminal with { Output = terminal.Error };
                root = MakeRoot(terminal, verbose);
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
            if (parsed.Action is not { ClearsParseErrors: true } && WrongUsageOf(parsed) is string problem)
            {
                terminal.WriteError($"{problem} See: {CommandPath(parsed.CommandResult.Command)} --help");
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
            return Interrupted;
        }
        terminal.WriteError(exception switch
        {
            // Only asking for the working directory fails without a file name.
            FileNotFoundException { FileName: null } => "the current folder has been removed; change to another",
            DeviceException failure => $"{failure.Message}; {DeviceAdvice.For(failure)}",
            _ when OutOfMemory.Caused(exception) => "not enough memory: close other programs, or raise this program's memory limit",
            _ => exception.Message,
        }, exception);
        return Failed;
    }

    private static RootCommand MakeRoot(Terminal terminal, Option<bool> verbose)
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
        AddExamplesToHelp(root);
        return root;
    }

    /// <summary>Whether a file to write is standard output.</summary>
    private static bool WritesToStandardOutput(ParseResult parsed) => parsed.CommandResult.Children.Any(child =>
        child is not ArgumentResult { Argument.Name: PredictCommand.Pictures }
            and not OptionResult { Option.Name: CommonOptions.ModelName or TrainSettings.InitialModelName }
        && child.Tokens.Any(token => AtomicFile.IsStandardOutput(token.Value)));

    /// <summary>What is wrong with a command line, in a sentence; null if nothing is.</summary>
    private static string? WrongUsageOf(ParseResult parsed)
    {
        // A wrong option comes first: an unknown word may be the value it should have had.
        if (parsed.Errors.FirstOrDefault(error => error.SymbolResult is OptionResult) is ParseError wrongOption)
            return $"{wrongOption.Message.TrimEnd('.')}.";
        // An argument takes whatever is left, including a misspelt option.
        IEnumerable<string> options = parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens).Select(token => token.Value).Where(value => value.StartsWith('-') && value != "-");
        if (parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash))
            options = [];
        if (options.Concat(parsed.UnmatchedTokens).FirstOrDefault() is string word)
        {
            string suggestion = Suggestions.For(parsed.CommandResult.Command, word);
            return $"'{word}' is unknown{(suggestion == "" ? "." : suggestion)}";
        }
        if (parsed.Errors.Count == 0)
            return null;
        Command command = parsed.CommandResult.Command;
        if (command is { Action: null, Subcommands: [_, ..] subcommands })
            return $"{CommandPath(command)} needs a command: {string.Join(", ", subcommands.Select(subcommand => subcommand.Name))}.";
        if (command.Arguments.FirstOrDefault(argument => parsed.GetResult(argument) is not { Tokens: [_, ..] }
                && argument.Arity.MinimumNumberOfValues > 0) is Argument missing)
            return $"{CommandPath(command)} needs a {missing.Name}.";
        return $"{parsed.Errors[0].Message.TrimEnd('.')}.";
    }

    private static string CommandPath(Command command) =>
        command is RootCommand ? "mnistgpu" : $"{CommandPath(command.Parents.OfType<Command>().First())} {command.Name}";

    private static void AddExamplesToHelp(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        private static readonly string[] RootExamples =
        [
            "mnistgpu train --output model.npz",
            "mnistgpu evaluate --model model.npz",
            "mnistgpu predict --model model.npz --test-index 0 1 2",
        ];

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parsed)
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            var text = new StringWriter();
            parsed.InvocationConfiguration.Output = text;
            int exitCode = help.Invoke(parsed);
            parsed.InvocationConfiguration.Output = output;
            output.Write(WithHeadings($"{text}", (parsed.CommandResult.Command as CommandWithExamples)?.Groups ?? []));
            string[] examples = parsed.CommandResult.Command switch
            {
                RootCommand => RootExamples,
                CommandWithExamples command => command.Examples,
                _ => [],
            };
            if (examples.Length > 0)
            {
                output.WriteLine("Examples:");
                foreach (string example in examples)
                    output.WriteLine($"  {example}");
                output.WriteLine();
            }
            return exitCode;
        }

        /// <summary>Replaces the heading of all options by one for each group; the library has no groups.</summary>
        private static string WithHeadings(string help, IReadOnlyList<(string Heading, string FirstOption)> groups)
        {
            if (groups.Count == 0)
                return help;
            string line = Environment.NewLine;
            help = help.Replace($"{line}Options:{line}", line);
            foreach ((string heading, string option) in groups)
            {
                string before = option == groups[0].FirstOption ? "" : line;
                help = help.Replace($"{line}  {option} ", $"{line}{before}{heading}:{line}  {option} ");
            }
            return help.Replace($"{line}  -?, ", $"{line}{line}Other:{line}  -?, ");
        }
    }
}
