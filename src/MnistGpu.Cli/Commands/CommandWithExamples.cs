using System.CommandLine;

namespace MnistGpu.Cli.Commands;

/// <summary>A command whose help ends with examples to copy.</summary>
internal sealed class CommandWithExamples(string name, string description, params string[] examples)
    : Command(name, description)
{
    /// <summary>Whole command lines.</summary>
    public string[] Examples { get; } = examples;
}
