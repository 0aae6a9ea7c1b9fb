using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using MnistGpu.Cli.Data;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;
using MnistGpu.Pictures;
using MnistGpu.Pictures.Reading;
using MnistGpu.Pictures.Steps;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu predict</c>: classifies pictures, or test images by number.</summary>
internal sealed class PredictCommand
{
    /// <summary>The argument's name.</summary>
    public const string Pictures = "IMAGE";

    private static readonly string[] s_endings =
        [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm"];

    private readonly Argument<string[]> _pictures = new(Pictures)
    {
        Description = "Pictures (PNG, JPEG, …) of a digit, or of several with gaps between them, or folders of pictures; of any size, "
            + "dark on light or light on dark",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int[]> _testIndex = new("--test-index")
    {
        Description = "Classify these test images, counted from 0",
        HelpName = "N",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseIndices,
    };
    private readonly Option<string?> _data = CommonOptions.Data();
    private readonly Option<bool> _json = new("--json") { Description = "Print the digits and their shares as JSON" };

    private readonly Terminal _terminal;

    private PredictCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var predict = new PredictCommand(terminal);
        var command = new CommandWithExamples("predict", "Classify pictures of digits",
            "mnistgpu predict --model model.npz photo.png",
            "mnistgpu predict --model model.npz --json *.png",
            "mnistgpu predict --model model.npz --test-index 0 1 2")
        {
            predict._pictures, predict._model, predict._testIndex, predict._data, predict._json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(predict._pictures) is not { Tokens.Count: > 0 } && result.GetResult(predict._testIndex) is null)
                result.AddError("predict needs pictures or --test-index N");
            else if (result.GetResult(predict._pictures) is { } named && named.Tokens.Any(token => token.Value.Length == 0))
                result.AddError("the name of a picture is empty");
            SymbolResult?[] read = [result.GetResult(predict._model), result.GetResult(predict._pictures)];
            if (read.Sum(names => names?.Tokens.Count(token => token.Value == "-")) > 1)
                result.AddError("- is the standard input, which can be read only once: as the model or as one picture");
        });
        command.SetAction(predict.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        NetworkParameters parameters = CommonOptions.LoadModel(parsed.GetValue(_model)!);
        using var engine = new SimdEngine(threads: 1);
        engine.SetParameters(parameters);

        List<(Prediction Prediction, byte[] Pixels)> read = [];
        List<Exception> unusable = [];
        foreach ((string file, string? problem) in (parsed.GetValue(_pictures) ?? []).SelectMany(FilesOf))
        {
            try
            {
                read.AddRange(problem is null ? ReadPicture(engine, file) : throw new FileNotFoundException(problem, file));
            }
            catch (Exception exception) when (
                exception is IOException or InvalidDataException or InsufficientMemoryException)
            {
                // The others are still read: a folder often contains a file that is not a picture.
                unusable.Add(exception);
            }
        }
        if (parsed.GetValue(_testIndex) is { Length: > 0 } indices)
        {
            (_, ImageSet test) = DatasetSource.LoadTest(parsed.GetValue(_data), _terminal);
            read.AddRange(indices.Where(index => index < test.Count).Select(index => ReadTestImage(engine, test, index)));
            unusable.AddRange(indices.Where(index => index >= test.Count).Select(index => new ArgumentException(
                $"--test-index {index} is out of range; test images are numbered 0 to {test.Count - 1}.")));
        }

        _terminal.Cancellation.ThrowIfCancellationRequested();
        if (parsed.GetValue(_json))
            _terminal.Output.WriteLine(JsonSerializer.Serialize(
                read.ConvertAll(image => image.Prediction), PredictionJson.Default.ListPrediction));
        else
            foreach ((Prediction prediction, byte[] pixels) in read)
                Write(_terminal.Output, prediction, pixels);
        foreach (Exception exception in unusable)
            _terminal.WriteError(exception.Message, exception);
        return unusable.Count == 0 ? 0 : 1;
    }

    /// <summary>
    /// The pictures that a name stands for: those in a folder, those that match a pattern with * or ?, which Windows' shells do
    /// not expand, or the file itself; or why there is none.
    /// </summary>
    private static IEnumerable<(string File, string? Problem)> FilesOf(string name)
    {
        string pattern = Path.GetFileName(name), folder = name;
        if (!Directory.Exists(name))
        {
            if (Path.Exists(name) || !pattern.AsSpan().ContainsAny('*', '?'))
                return [(name, null)];
            folder = Path.GetDirectoryName(name) is { Length: > 0 } parent ? parent : ".";
            if (!Directory.Exists(folder))
                return [(name, $"{name}: there is no folder {folder}")];
        }
        bool isPattern = folder != name;
        var options = new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive, IgnoreInaccessible = false };
        try
        {
            string[] files =
            [
                .. Directory.EnumerateFiles(folder, isPattern ? pattern : "*", options)
                    .Where(file => isPattern || s_endings.Contains(Path.GetExtension(file).ToLowerInvariant()))
                    .Select(file => name.StartsWith(folder, StringComparison.Ordinal) ? file : Path.GetFileName(file))
                    .Order(StringComparer.OrdinalIgnoreCase),
            ];
            return files.Length > 0 ? files.Select(file => (file, (string?)null))
                : [(name, isPattern ? $"{name}: no file matches this pattern" : $"{name}: there is no picture in this folder")];
        }
        catch (UnauthorizedAccessException)
        {
            return [(name, $"{name}: this folder may not be read; check its permissions")];
        }
    }

    /// <summary>Reads a picture's digits, left to right.</summary>
    private static IEnumerable<(Prediction Prediction, byte[] Pixels)> ReadPicture(SimdEngine engine, string file)
    {
        GrayImage picture = OutOfMemory.Explain($"the picture {file}", "make it smaller", () => Picture.Read(file));
        IReadOnlyList<byte[]> digits = DigitNormalizer.EachToMnist(picture, file);
        if (!DigitNormalizer.IsMnistForm(picture))
            RefuseUnsure(engine, digits, file);
        return digits.Select((pixels, i) => (Predict(engine, pixels) with
        {
            Picture = file,
            Position = digits.Count > 1 ? i + 1 : null,
            Of = digits.Count > 1 ? digits.Count : null,
        }, pixels));
    }

    private static (Prediction Prediction, byte[] Pixels) ReadTestImage(SimdEngine engine, ImageSet test, int index)
    {
        byte[] pixels = test.Image(index).ToArray();
        return (Predict(engine, pixels) with { TestIndex = index, Label = test.Labels[index] }, pixels);
    }

    private static int[] ParseIndices(ArgumentResult result)
    {
        var indices = new List<int>();
        foreach (Token token in result.Tokens)
        {
            if (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                result.AddError(
                    $"--test-index '{token.Value}' is not the number of a test image; pictures go before the options");
                return [];
            }
            indices.Add(index);
        }
        return [.. indices];
    }

    private static void RefuseUnsure(SimdEngine engine, IReadOnlyList<byte[]> digits, string file)
    {
        foreach (byte[] pixels in digits)
            if (engine.Predict(pixels).Max() is var largest and < DigitNormalizer.LeastOutput)
                throw new InvalidDataException($"{file}: the network is not sure of any digit (its largest output is {largest:0.00}); "
                    + "write it larger, or on plain paper");
    }

    /// <summary>Ten sigmoid outputs are independent scores from 0 to 1; divided by their sum they are shares of 1.</summary>
    private static Prediction Predict(SimdEngine engine, byte[] pixels)
    {
        float[] outputs = engine.Predict(pixels);
        float sum = outputs.Sum();
        return new Prediction
        {
            Digit = Evaluation.Digit(outputs),
            Shares = [.. outputs.Select(output => sum > 0 ? output / sum : 0)],
        };
    }

    private static void Write(TextWriter output, Prediction prediction, byte[] pixels)
    {
        output.WriteLine($"{prediction.Title}: {prediction.Digit}");
        output.WriteLine();
        foreach (string line in DigitPicture.Lines(pixels))
            output.WriteLine(line);
        output.WriteLine();
        for (int k = 0; k < prediction.Shares.Count; k++)
        {
            string bar = new('█', (int)MathF.Round(40 * prediction.Shares[k]));
            output.WriteLine($"  {k}  {prediction.Shares[k],7:P1}  {bar}".TrimEnd());
        }
        output.WriteLine();
    }
}
