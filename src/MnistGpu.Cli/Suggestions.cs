using System.CommandLine;

namespace MnistGpu.Cli;

/// <summary>
/// What may have been meant by an option or a command that is not known. The library's own suggestions are for slips of
/// the finger alone; people also shorten (-o, --epoch) and take initials (--lr).
/// </summary>
internal static class Suggestions
{
    private const int MostSlips = 2;

    private static readonly char[] Dashes = ['-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212'];

    /// <summary>"; did you mean --epochs?", or nothing where nothing comes near.</summary>
    /// <param name="command">Where the word stood.</param>
    /// <param name="word">What is not known there.</param>
    public static string For(Command command, string word)
    {
        if (word == "help")
            return "; did you mean --help?";
        // Pages and text processors make longer dashes of two hyphens.
        bool isOption = word.IndexOfAny(Dashes) == 0;
        string written = word.TrimStart(Dashes).Split('=', ':')[0];
        string[] names = isOption
            ? [.. command.Options.Where(option => !option.Hidden).Select(option => option.Name)]
            : [.. command.Subcommands.Select(subcommand => subcommand.Name)];
        string[] near = [.. names.Where(name => IsShortFor(written, name.TrimStart('-')))];
        if (near.Length == 0)
            near = [.. names.Where(name => Slips(written, name.TrimStart('-')) <= Math.Min(MostSlips, written.Length / 2))];
        // -o is --output and not --output-bias.
        near = [.. near.Where(name => !near.Any(other => other != name && name.StartsWith(other, StringComparison.Ordinal)))];
        return near.Length == 0 ? "" : $"; did you mean {string.Join(" or ", near)}?";
    }

    private static bool IsShortFor(string written, string name) =>
        written != "" && (name.StartsWith(written, StringComparison.OrdinalIgnoreCase)
            || written.StartsWith(name, StringComparison.OrdinalIgnoreCase)
            || written == string.Concat(name.Split('-').Select(part => part[0])));

    /// <summary>Letters to insert, drop or replace to make one word of another. (V. Levenshtein, 1966)</summary>
    private static int Slips(string from, string to)
    {
        int[] slips = [.. Enumerable.Range(0, to.Length + 1)];
        foreach (char letter in from)
        {
            int diagonal = slips[0]++;
            for (int i = 0; i < to.Length; i++)
                (diagonal, slips[i + 1]) = (slips[i + 1], letter == to[i]
                    ? diagonal
                    : 1 + Math.Min(diagonal, Math.Min(slips[i], slips[i + 1])));
        }
        return slips[^1];
    }
}
