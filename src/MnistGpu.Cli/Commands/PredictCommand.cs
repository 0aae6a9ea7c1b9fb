using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Pictures;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Commands;

/// <summary><c>mnistgpu predict</c>: classifies pictures, or test images by their number.</summary>
internal static class PredictCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        var pictures = new Argument<string[]>("IMAGE")
        {
            Description = "Pictures of one digit each (PNG, JPEG, …), of any size, dark on light or light on dark",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var testIndex = new Option<int[]>("--test-index")
        {
            Description = "Classify these test images instead, counted from 0",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = ParseIndices,
        };
        Option<string?> data = CommonOptions.Data();
        var command = new CommandWithExamples("predict", "Tell which digit a picture shows",
            "mnistgpu predict --model model.npz photo.png",
            "mnistgpu predict --model model.npz --test-index 0 1 2")
        {
            pictures, model, testIndex, data,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(pictures) is not { Tokens.Count: > 0 } && result.GetResult(testIndex) is null)
                result.AddError("predict needs pictures or --test-index N");
        });
        command.SetAction(parsed =>
        {
            NetworkParameters parameters = CommonOptions.LoadModel(parsed.GetValue(model)!);
            using var engine = new SimdEngine(threads: 1);
            engine.SetParameters(parameters);

            int exitCode = 0;
            var images = new List<(string Title, byte[] Pixels)>();
            foreach (string file in parsed.GetValue(pictures) ?? [])
            {
                try
                {
                    images.Add((file, MemoryNeed.Of($"the picture {file}", "make it smaller",
                        () => DigitNormalizer.ToMnist(Picture.Read(file), file))));
                }
                catch (Exception exception) when (
                    exception is IOException or InvalidDataException or InsufficientMemoryException)
                {
                    // The others are still classified: of a folder's files, one is often no picture.
                    terminal.WriteError(exception.Message, exception);
                    exitCode = 1;
                }
            }
            if (parsed.GetValue(testIndex) is { Length: > 0 } indices)
            {
                (_, ImageSet test) = DatasetSource.LoadTest(parsed.GetValue(data), terminal);
                foreach (int index in indices)
                {
                    if (index >= test.Count)
                        throw new ArgumentException($"--test-index {index} is out of range; there are test images 0 to {test.Count - 1}.");
                    images.Add(($"test image {index}, labelled {test.Labels[index]}", test.Image(index).ToArray()));
                }
            }

            terminal.Cancellation.ThrowIfCancellationRequested();
            foreach ((string title, byte[] pixels) in images)
                Write(terminal.Output, title, pixels, engine.Predict(pixels));
            return exitCode;
        });
        return command;
    }

    private static int[] ParseIndices(ArgumentResult result)
    {
        var indices = new List<int>();
        foreach (Token token in result.Tokens)
        {
            if (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                result.AddError(
                    $"--test-index '{token.Value}' is not a test image's number; pictures go before the options");
                return [];
            }
            indices.Add(index);
        }
        return [.. indices];
    }

    private static void Write(TextWriter output, string title, byte[] pixels, float[] activations)
    {
        // Ten sigmoid outputs are scores from 0 to 1, each for itself; divided by their sum they are shares of 1.
        float sum = activations.Sum();
        int digit = Evaluation.Digit(activations);
        output.WriteLine($"{title}: {digit}");
        output.WriteLine();
        foreach (string line in DigitPicture.Lines(pixels))
            output.WriteLine(line);
        output.WriteLine();
        for (int k = 0; k < activations.Length; k++)
        {
            float share = sum > 0 ? activations[k] / sum : 0;
            string bar = new('█', (int)MathF.Round(40 * share));
            output.WriteLine($"  {k}  {share,7:P1}  {bar}".TrimEnd());
        }
        output.WriteLine();
    }
}
