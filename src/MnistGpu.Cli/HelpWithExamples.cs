using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MnistGpu.Cli.Commands;

namespace MnistGpu.Cli;

/// <summary>A command's help, with its options in groups and examples at the end.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
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
