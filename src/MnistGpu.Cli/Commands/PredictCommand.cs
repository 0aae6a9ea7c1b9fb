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
internal static class PredictCommand
{
    /// <summary>The argument's name.</summary>
    public const string Pictures = "IMAGE";

    private static readonly string[] s_endings =
        [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm"];

    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        var pictures = new Argument<string[]>(Pictures)
        {
            Description = "Pictures (PNG, JPEG, …) of a digit, or of several with gaps between them, or folders of pictures; of any size, "
                + "dark on light or light on dark",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var testIndex = new Option<int[]>("--test-index")
        {
            Description = "Classify these test images, counted from 0",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = ParseIndices,
        };
        Option<string?> data = CommonOptions.Data();
        var json = new Option<bool>("--json") { Description = "Print the digits and their shares as JSON" };
        var command = new CommandWithExamples("predict", "Classify pictures of digits",
            "mnistgpu predict --model model.npz photo.png",
            "mnistgpu predict --model model.npz --json *.png",
            "mnistgpu predict --model model.npz --test-index 0 1 2")
        {
            pictures, model, testIndex, data, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(pictures) is not { Tokens.Count: > 0 } && result.GetResult(testIndex) is null)
                result.AddError("predict needs pictures or --test-index N");
            else if (result.GetResult(pictures) is { } named && named.Tokens.Any(token => token.Value.Length == 0))
                result.AddError("the name of a picture is empty");
        });
        command.SetAction(parsed =>
        {
            NetworkParameters parameters = CommonOptions.LoadModel(parsed.GetValue(model)!);
            using var engine = new SimdEngine(threads: 1);
            engine.SetParameters(parameters);

            List<(Prediction Prediction, byte[] Pixels)> read = [];
            List<Exception> unusable = [];
            foreach ((string file, string? problem) in (parsed.GetValue(pictures) ?? []).SelectMany(FilesOf))
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
            if (parsed.GetValue(testIndex) is { Length: > 0 } indices)
            {
                (_, ImageSet test) = DatasetSource.LoadTest(parsed.GetValue(data), terminal);
                foreach (int index in indices)
                {
                    if (index >= test.Count)
                    {
                        unusable.Add(new ArgumentException($"--test-index {index} is out of range; test images are numbered 0 to {test.Count - 1}."));
                        continue;
                    }
                    byte[] pixels = test.Image(index).ToArray();
                    read.Add((Predict(engine, pixels) with { TestIndex = index, Label = test.Labels[index] }, pixels));
                }
            }

            terminal.Cancellation.ThrowIfCancellationRequested();
            if (parsed.GetValue(json))
                terminal.Output.WriteLine(JsonSerializer.Serialize(
                    read.ConvertAll(image => image.Prediction), PredictionJson.Default.ListPrediction));
            else
                foreach ((Prediction prediction, byte[] pixels) in read)
                    Write(terminal.Output, prediction, pixels);
            foreach (Exception exception in unusable)
                terminal.WriteError(exception.Message, exception);
            return unusable.Count == 0 ? 0 : 1;
        });
        return command;
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
        string[] files =
        [
            .. Directory.EnumerateFiles(folder, isPattern ? pattern : "*", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive })
                .Where(file => isPattern || s_endings.Contains(Path.GetExtension(file).ToLowerInvariant()))
                .Select(file => name.StartsWith(folder, StringComparison.Ordinal) ? file : Path.GetFileName(file))
                .Order(StringComparer.OrdinalIgnoreCase),
        ];
        return files.Length > 0 ? files.Select(file => (file, (string?)null))
            : [(name, isPattern ? $"{name}: no file matches this pattern" : $"{name}: there is no picture in this folder")];
    }

    /// <summary>Reads a picture's digits, left to right.</summary>
    private static IEnumerable<(Prediction Prediction, byte[] Pixels)> ReadPicture(SimdEngine engine, string file)
    {
        GrayImage picture = MemoryNeed.Of($"the picture {file}", "make it smaller", () => Picture.Read(file));
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
