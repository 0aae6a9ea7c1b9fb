using System.CommandLine;
using System.CommandLine.Parsing;

namespace MnistGpu.Cli;

/// <summary>Puts what is wrong with a command line into words.</summary>
internal static class UsageError
{
    /// <summary>What is wrong with a command line, in a sentence; null if nothing is.</summary>
    public static string? Describe(ParseResult parsed)
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

    /// <summary>A command as it is typed: "mnistgpu data fetch".</summary>
    public static string CommandPath(Command command) =>
        command is RootCommand ? "mnistgpu" : $"{CommandPath(command.Parents.OfType<Command>().First())} {command.Name}";
}
