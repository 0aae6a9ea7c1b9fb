using System.CommandLine;

namespace MnistGpu.Cli;

/// <summary>
/// What an unknown option or command may have meant. The library's own suggestions cover only typos; people also shorten
/// (-o, --epoch) and use initials (--lr).
/// </summary>
internal static class Suggestions
{
    private const int MostSlips = 2;

    private static readonly char[] Dashes = ['-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212'];

    /// <summary>"; did you mean --epochs?", or nothing if nothing is close.</summary>
    public static string For(Command command, string word)
    {
        if (word == "help")
            return "; did you mean --help?";
        // Web pages and word processors turn two hyphens into a longer dash.
        bool isOption = Dashes.Contains(word.FirstOrDefault());
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

    /// <summary>The number of letters to insert, drop or replace to turn one word into another. (V. Levenshtein, 1966)</summary>
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
