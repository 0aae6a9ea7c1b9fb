using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;
using MnistGpu.Gpu.Devices;

namespace MnistGpu.Cli.Commands;

/// <summary>The options that several commands share, and the checks of their values.</summary>
internal static class CommonOptions
{
    public const string ModelName = "--model";

    public static Option<string?> Data() => NotEmpty(new Option<string?>("--data")
    {
        Description = "A folder with the four MNIST files, Keras' mnist.npz or Kaggle's train.csv, or such a file; or 'mnist' (MNIST or "
            + "nothing), or 'generated' (drawn digits) [default: $MNIST_DATA if it is set, else the first of mnist_data/, a download, drawn digits]",
        HelpName = "DIR|mnist|generated",
    });

    public static Option<string> Device()
    {
        var option = new Option<string>("--device")
        {
            Description = "Where to compute",
            HelpName = EngineCatalog.DeviceNames,
            DefaultValueFactory = _ => "auto",
            CompletionSources = { "auto", "cpu", "reference", "cuda", "opencl", AcceleratorCatalog.CpuDevice },
        };
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
                if (!EngineCatalog.IsDeviceName(token.Value))
                    result.AddError($"--device '{token.Value}' is unknown; there are {EngineCatalog.DeviceNames}");
        });
        return option;
    }

    public static Option<int?> Threads() => OptionalInteger(
        "--threads", "Threads of the cpu device, of which no more are used than there are cores; the result does not "
            + "depend on it [default: all cores]", 1, 1024);

    /// <summary>Makes the engine that two of these options ask for; says so where one of them has no effect.</summary>
    /// <exception cref="InvalidOperationException">The device is not there or cannot be used.</exception>
    public static ITrainingEngine OpenEngine(
        ParseResult parsed, Option<string> device, Option<int?> threads, int hidden, Terminal terminal)
    {
        string name = parsed.GetValue(device)!;
        int? count = parsed.GetValue(threads);
        if (count is not null && name is not ("cpu" or "auto"))
            terminal.WriteError($"warning: --threads has no effect with --device {name}");
        return EngineCatalog.Open(name, hidden, count, terminal);
    }

    public static Option<string> Model() => NotEmpty(new Option<string>(ModelName)
    {
        Description = "The model file (.npz or .safetensors) that train wrote",
        HelpName = "FILE",
        DefaultValueFactory = _ => "model.npz",
    });

    /// <inheritdoc cref="ModelFile.Load"/>
    public static NetworkParameters LoadModel(string file) =>
        MemoryNeed.Of($"the network in {file}", "raise the memory limit", () => ModelFile.Load(file));

    public static Option<string?> Metrics() => Written("--metrics", ".json", "Write the figures to this file, as JSON");

    public static Option<string?> Report() => Written(
        "--report", ".html", "Write a page with the curves, mistakes and weights to this file, as HTML");

    /// <summary>
    /// A file to write. A name with the ending of another kind of file is refused, for that file would be replaced.
    /// </summary>
    /// <param name="name">The option's.</param>
    /// <param name="ending">What the names of such files end with; any other ending is taken too, and none.</param>
    /// <param name="description">What the help says.</param>
    public static Option<string?> Written(string name, string ending, string description)
    {
        string[] endings = [".npz", ".onnx", ".safetensors", ".json", ".csv", ".html", ".png", ".jpg", ".jpeg", "-ubyte", ".gz"];
        Option<string?> option = NotEmpty(new Option<string?>(name) { Description = description, HelpName = "FILE" });
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
                if (endings.Any(other => other != ending && token.Value.EndsWith(other, StringComparison.OrdinalIgnoreCase)))
                    result.AddError($"{name} {token.Value} is the name of another kind of file; name one that ends with {ending}");
        });
        return option;
    }

    /// <summary>Has a command refuse one file for two options, whether it is named twice or reached by a link.</summary>
    public static void RefuseOneFileForTwo(Command command, Option first, Option second) =>
        command.Validators.Add(result =>
        {
            // An empty value has been reported already.
            if (result.GetResult(first)?.Tokens is [{ Value.Length: > 0 } one]
                && result.GetResult(second)?.Tokens is [{ Value.Length: > 0 } other]
                && AtomicFile.FinalTarget(one.Value) == AtomicFile.FinalTarget(other.Value))
                result.AddError($"{first.Name} and {second.Name} are the same file, {one.Value}");
        });

    /// <summary>
    /// The option, which now refuses an empty value and another option as its value: an unset variable in a script, most
    /// often.
    /// </summary>
    public static Option<T> NotEmpty<T>(Option<T> option)
    {
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
                if (string.IsNullOrWhiteSpace(token.Value))
                    result.AddError($"{option.Name} is empty; it needs a {option.HelpName}");
                else if (token.Value.StartsWith("--", StringComparison.Ordinal))
                    result.AddError($"{option.Name} needs a {option.HelpName}; "
                        + $"for a name that begins with -- write ./{token.Value}");
        });
        return option;
    }

    /// <summary>Refuses the standard input and output for a file that is written many times.</summary>
    /// <param name="option">The file's.</param>
    /// <param name="why">What is done to it.</param>
    public static void RefuseStandardStream(Option<string?> option, string why) => option.Validators.Add(result =>
    {
        foreach (Token token in result.Tokens)
            if (AtomicFile.IsStandardOutput(token.Value))
                result.AddError($"{option.Name} {token.Value}: {why}; name a file");
    });

    /// <summary>Refuses the name of a model file that says a format which is not known.</summary>
    public static void RefuseUnknownEnding(SymbolResult result)
    {
        foreach (Token token in result.Tokens)
            if (ModelFile.WhyNotSaved(token.Value) is string why)
                result.AddError(why);
    }

    /// <summary>
    /// Reads a number with a decimal point; a comma is refused, for it may be meant as one and read as nothing.
    /// </summary>
    /// <param name="result">The option's one value; told of a wrong one.</param>
    /// <param name="isInRange">Whether the option takes the number.</param>
    /// <param name="range">What it takes, in words.</param>
    public static double Number(ArgumentResult result, Predicate<double> isInRange, string range)
    {
        string text = result.Tokens[0].Value;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            || !isInRange(number))
            result.AddError($"{((OptionResult)result.Parent!).Option.Name} {text} is not a number {range}"
                + (text.Contains(',') ? "; write it with a point" : ""));
        return number;
    }

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>, or null.</summary>
    public static Option<int?> OptionalInteger(string name, string description, int least, int most = int.MaxValue) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => WholeNumber(result, least, most),
        };

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<int> Integer(string name, string description, int value, int least, int most = int.MaxValue) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => WholeNumber(result, least, most),
            DefaultValueFactory = _ => value,
        };

    private static int WholeNumber(ArgumentResult result, int least, int most)
    {
        string name = ((OptionResult)result.Parent!).Option.Name;
        string text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
            result.AddError($"{name} {text} is not a whole number from {least} to {most}");
        else if (number < least || number > most)
            result.AddError(most == int.MaxValue
                ? $"{name} {number} is too small; it is at least {least}"
                : $"{name} {number} is out of range; it is {least} to {most}");
        return number;
    }
}
