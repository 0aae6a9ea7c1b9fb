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
        Description = "A folder with the four MNIST files, or with Keras' mnist.npz or Kaggle's train.csv, or one of these two files; 'mnist' (MNIST or an "
            + "error); or 'generated' (drawn digits) [default: $MNIST_DATA if set, else the first of: mnist_data/, a download, drawn digits]",
        HelpName = "DIR|mnist|generated",
    });

    public static Option<DeviceName> Device() => new("--device")
    {
        Description = $"Where to compute: {DeviceName.All}",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => DeviceName.Auto,
        CompletionSources = { "auto", "cpu", "reference", "cuda", "opencl", AcceleratorCatalog.CpuDevice },
        CustomParser = result =>
        {
            if (DeviceName.Parse(result.Tokens[0].Value) is DeviceName device)
                return device;
            result.AddError($"--device '{result.Tokens[0].Value}' is unknown; choose {DeviceName.All}");
            return default;
        },
    };

    public static Option<int?> Threads() => OptionalInteger(
        "--threads", "Threads of the cpu device, at most one per core; the result does not depend on it "
            + "[default: all cores]", 1, 1024);

    /// <summary>Opens the engine that these two options ask for; warns if one of them has no effect.</summary>
    /// <exception cref="InvalidOperationException">The device does not exist or cannot be used.</exception>
    public static ITrainingEngine OpenEngine(
        ParseResult parsed, Option<DeviceName> device, Option<int?> threads, int hidden, Terminal terminal)
    {
        DeviceName name = parsed.GetValue(device);
        int? count = parsed.GetValue(threads);
        if (count is not null && name != DeviceName.Cpu && name != DeviceName.Auto)
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
    public static NetworkParameters LoadModel(string file) => LoadWritten(file, "--output",
        () => OutOfMemory.Explain($"the network in {file}", "raise the memory limit", () => ModelFile.Load(file)));

    /// <inheritdoc cref="Checkpoint.Load"/>
    public static Checkpoint LoadCheckpoint(string file) => LoadWritten(file, "--checkpoint", () =>
    {
        try
        {
            return Checkpoint.Load(file);
        }
        catch (InvalidDataException exception) when (IsModel(file))
        {
            throw new InvalidDataException(
                $"{exception.Message.TrimEnd('.')}; {TrainSettings.InitialModelName} starts a new training from its network.", exception);
        }
    });

    /// <summary>Loads a file that <c>train</c> writes if it is given an option.</summary>
    private static T LoadWritten<T>(string file, string option, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (FileNotFoundException exception) when (!Path.Exists(file))
        {
            throw new FileNotFoundException($"{exception.Message.TrimEnd('.')}; mnistgpu train {option} FILE writes one.", file, exception);
        }
    }

    private static bool IsModel(string file)
    {
        try
        {
            ModelFile.Load(file);
            return true;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return false;
        }
    }

    public static Option<string?> Metrics() => Written("--metrics", ".json", "Write the figures to this file, as JSON");

    public static Option<string?> Report(string content) => Written(
        "--report", ".html", $"Write a page with the {content} to this file, as HTML");

    /// <summary>
    /// A file to write. A name with the extension of another kind of file is rejected, since that file would be overwritten;
    /// unknown extensions, or none, are accepted.
    /// </summary>
    public static Option<string?> Written(string name, string ending, string description)
    {
        string[] endings = [".npz", ".onnx", ".safetensors", ".json", ".csv", ".html", ".png", ".jpg", ".jpeg", "-ubyte", ".gz"];
        Option<string?> option = NotEmpty(new Option<string?>(name) { Description = description, HelpName = "FILE" });
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
                if (endings.Any(other => other != ending && token.Value.EndsWith(other, StringComparison.OrdinalIgnoreCase)))
                    result.AddError($"{name} {token.Value} is the name of another kind of file; choose one that ends with {ending}");
        });
        return option;
    }

    /// <summary>Whether an option's file is read, so that "-" is standard input.</summary>
    public static bool IsRead(Option option) => option.Name is ModelName or TrainSettings.InitialModelName;

    /// <summary>
    /// Makes a command reject one file for two options, whether named twice or reached through a link. If one of them is read, it
    /// is the first.
    /// </summary>
    public static void RefuseOneFileForTwo(Command command, Option first, Option second) =>
        command.Validators.Add(result =>
        {
            // An empty value has been reported already.
            if (result.GetResult(first)?.Tokens is [{ Value.Length: > 0 } one]
                && result.GetResult(second)?.Tokens is [{ Value.Length: > 0 } other]
                && !(IsRead(first) && one.Value == "-")
                && (AtomicFile.IsStandardOutput(one.Value) ? AtomicFile.IsStandardOutput(other.Value)
                    : AtomicFile.FinalTarget(one.Value) == AtomicFile.FinalTarget(other.Value)))
                result.AddError($"{first.Name} and {second.Name} are the same file, {one.Value}");
        });

    /// <summary>
    /// The option, which now rejects an empty value, or another option as its value: most often an unset variable in a
    /// script.
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

    /// <summary>Rejects standard input and output for a file that is written many times.</summary>
    public static void RefuseStandardStream(Option<string?> option, string why) => option.Validators.Add(result =>
    {
        foreach (Token token in result.Tokens)
            if (AtomicFile.IsStandardOutput(token.Value))
                result.AddError($"{option.Name} {token.Value}: {why}; name a file");
    });

    /// <summary>Rejects a model file whose extension names an unknown format.</summary>
    public static void RefuseUnknownEnding(SymbolResult result)
    {
        foreach (Token token in result.Tokens)
            if (ModelFile.WhyNotSaved(token.Value) is string why)
                result.AddError(why);
    }

    /// <summary>
    /// Reads a number with a decimal point. A comma is rejected: it may be meant as a decimal point, but would be ignored.
    /// </summary>
    /// <param name="result">The option's one value; an error is added to it.</param>
    /// <param name="isInRange">Whether the option accepts the number.</param>
    /// <param name="range">The range, in words.</param>
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
