using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MnistGpu.Cli.Sweeping;

/// <summary>Options that take several numbers, separated by commas: "1-20", "50,100,200", "0.1,0.2". Their values are sorted and distinct.</summary>
internal static class NumberList
{
    /// <summary>More trainings than anybody would wait for: a longer range is a typo.</summary>
    public const int MostValues = 100_000;

    /// <summary>Integers from <paramref name="least"/> to <paramref name="most"/>, and ranges of them.</summary>
    public static Option<int[]> Integers(string name, string description, int[] values, int least, int most = int.MaxValue)
    {
        string what = $"a whole number from {least}" + (most == int.MaxValue ? "" : $" to {most}");
        return Create(name, description, "N,M-P", values, (text, result) =>
        {
            string[] ends = text.Split('-', 2);
            if (!Integer(ends[0], out int first) || !Integer(ends[^1], out int last) || last < first)
                result.AddError($"{name} '{text}' is not {what}, nor a range such as 1-20");
            else if ((long)last - first >= MostValues)
                result.AddError($"{name} '{text}' is too long: a list has at most {MostValues:N0} numbers");
            else
                return Enumerable.Range(first, last - first + 1);
            return [];
        });

        bool Integer(string text, out int number) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;
    }

    /// <summary>Numbers with a decimal point; none if the option is not given.</summary>
    public static Option<double[]> Numbers(string name, string description, Predicate<double> isInRange, string range) =>
        Create<double>(name, description, "X,Y", [], (text, result) =>
        {
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && isInRange(number))
                return [number];
            result.AddError($"{name} '{text}' is not a number {range}");
            return [];
        });

    private static Option<T[]> Create<T>(
        string name, string description, string form, T[] values, Func<string, ArgumentResult, IEnumerable<T>> read) => new(name)
        {
            Description = description,
            HelpName = form,
            Arity = ArgumentArity.ExactlyOne,
            DefaultValueFactory = _ => values,
            CustomParser = result =>
                [.. result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries).SelectMany(text => read(text, result)).Distinct().Order()],
        };
}
