using System.CommandLine;

namespace MnistGpu.Cli.Commands;

/// <summary>A command whose help ends with examples to copy, and may list its options in groups.</summary>
internal sealed class CommandWithExamples(string name, string description, params string[] examples)
    : Command(name, description)
{
    private readonly List<(string Heading, string FirstOption)> _groups = [];

    /// <summary>Whole command lines.</summary>
    public string[] Examples { get; } = examples;

    /// <summary>The headings in the list of options, and the first option under each.</summary>
    public IReadOnlyList<(string Heading, string FirstOption)> Groups => _groups;

    /// <summary>Adds options, which the help lists under a heading of their own.</summary>
    public void AddGroup(string heading, params Option[] options)
    {
        _groups.Add((heading, options[0].Name));
        foreach (Option option in options)
            Options.Add(option);
    }
}
