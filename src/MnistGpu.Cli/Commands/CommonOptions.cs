using System.CommandLine;
using System.CommandLine.Parsing;

namespace MnistGpu.Cli.Commands;

/// <summary>The options that several commands share, and the checks of their values.</summary>
internal static class CommonOptions
{
    public static Option<string?> Data() => new("--data")
    {
        Description = "A folder with the four MNIST files, or 'mnist' (MNIST or nothing), or 'generated' (drawn digits) "
            + "[default: $MNIST_DATA, mnist_data/, a download, drawn digits: the first that is there]",
        HelpName = "DIR|mnist|generated",
    };

    public static Option<string> Device()
    {
        var option = new Option<string>("--device")
        {
            Description = "Where to compute",
            HelpName = EngineCatalog.DeviceNames,
            DefaultValueFactory = _ => "auto",
        };
        option.Validators.Add(result =>
        {
            string device = result.GetValueOrDefault<string>();
            if (!EngineCatalog.IsDeviceName(device))
                result.AddError($"--device '{device}' is unknown; there are {EngineCatalog.DeviceNames}");
        });
        return option;
    }

    public static Option<int?> Threads()
    {
        var option = new Option<int?>("--threads")
        {
            Description = "Threads of the cpu device; the result does not depend on it [default: all cores]",
            HelpName = "N",
        };
        option.Validators.Add(result => RequireRange(result, 1, 1024));
        return option;
    }

    public static Option<string> Model() => new("--model")
    {
        Description = "The model file (.npz) that train wrote",
        HelpName = "FILE",
        Required = true,
    };

    public static Option<string?> Metrics() => new("--metrics")
    {
        Description = "Write the figures to this file, as JSON",
        HelpName = "FILE",
    };

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<int> Integer(string name, string description, int value, int least, int most = int.MaxValue)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result => RequireRange(result, least, most));
        return option;
    }

    private static void RequireRange(OptionResult result, int least, int most)
    {
        // A value that is no number has been reported already.
        if (result.Tokens.Count != 1 || !int.TryParse(result.Tokens[0].Value, out int value))
            return;
        if (value < least || value > most)
            result.AddError(most == int.MaxValue
                ? $"{result.Option.Name} {value} is too small; it is at least {least}"
                : $"{result.Option.Name} {value} is out of range; it is {least} to {most}");
    }
}
