using System.CommandLine;
using System.CommandLine.Parsing;
using MnistGpu.Cli.Commands;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Sweeping;

/// <summary>The options of <c>sweep</c> that determine the settings to train with: the product of lists, or a sample of it.</summary>
internal sealed class SweepSettings
{
    /// <summary>The largest range in which a double represents every integer.</summary>
    private const double MostSettings = 1e15;

    private static readonly TrainingOptions Defaults = new();

    private readonly Option<int[]> _seeds = NumberList.Integers(
        "--seeds", "Seeds of the initial weights and of the order of the images [default: 1-5]", [], 0);
    private readonly Option<int[]> _hidden = NumberList.Integers("--hidden", "Hidden units", [100], 1, NetworkParameters.MaxHidden);
    private readonly Option<int[]> _batchSize =
        NumberList.Integers("--batch-size", "Images per step; their gradients are added up", [Defaults.BatchSize], 1);
    private readonly Option<int[]> _epochs = NumberList.Integers("--epochs",
        $"Passes over the training images [default: {Defaults.Epochs}, and {TrainingOptions.EpochsWithAugment} with --augment on]", [], 1);
    private readonly Option<double[]> _learningRate = NumberList.Numbers("--learning-rate",
        "Learning rates, or their peaks with one-cycle; gradients are summed, not averaged [default: adapts to the sizes and the images]",
        TrainSettings.IsRate, TrainSettings.RateRange);
    private readonly Option<double[]> _outputLearningRate = NumberList.Numbers("--output-learning-rate",
        "The same for the output layer [default: adapts to the sizes and the images, at most the learning rate]",
        TrainSettings.IsRate, TrainSettings.RateRange);
    private readonly Option<double[]> _momentum = NumberList.Numbers("--momentum",
        "Fraction of each step carried into the next [default: 0 or 0.9, depending on the sizes; 0 with --learning-rate]",
        TrainSettings.IsMomentum, TrainSettings.MomentumRange);
    private readonly Option<bool[]> _augment = new("--augment")
    {
        Description = "Train on small distortions of the images, new ones in each epoch; 'off,on' tries both",
        HelpName = "on|off,on",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            string text = result.Tokens is [Token token] ? token.Value : "on";
            if (text is not ("on" or "off" or "off,on" or "on,off"))
                result.AddError($"--augment '{text}' is unknown; choose on, off or off,on");
            return text.Contains(',') ? [false, true] : [text == "on"];
        },
    };
    private readonly Option<int?> _random = CommonOptions.OptionalInteger(
        "--random", "Train with N of the settings, chosen at random by the first seed, each with all seeds", 1);
    private readonly TrainSettings _single = new();

    /// <summary>The lists, and how many of their combinations are tried.</summary>
    public Option[] Lists => [_seeds, _hidden, _batchSize, _epochs, _learningRate, _outputLearningRate, _momentum, _augment, _random];

    /// <summary>What is trained on.</summary>
    public Option[] OfData => _single.SingleOfData;

    /// <summary>What all trainings have in common.</summary>
    public Option[] OfTraining => _single.SingleOfTraining;

    /// <summary>Makes a command reject more trainings than anybody would wait for.</summary>
    public void RefuseTooMany(Command command) => command.Validators.Add(RefuseTooMany);

    public int[] Seeds(ParseResult parsed) => Seeds(parsed.CommandResult);

    public int? Limit(ParseResult parsed) => _single.Limit(parsed);

    public float? OutputBias(ParseResult parsed) => _single.OutputBias(parsed);

    public int MostHidden(ParseResult parsed) => parsed.GetValue(_hidden)!.Max();

    /// <summary>Hidden units and images per step of the smallest training.</summary>
    public (int Hidden, int BatchSize) Smallest(ParseResult parsed) => (parsed.GetValue(_hidden)!.Min(), parsed.GetValue(_batchSize)!.Min());

    /// <summary>How many there are in all.</summary>
    public int Trainings(ParseResult parsed) => (int)Trainings(parsed.CommandResult);

    /// <summary>Which of <see cref="Setting.Variables"/> have several values.</summary>
    public IReadOnlyList<string> Varied(ParseResult parsed)
    {
        int[] lengths = Lengths(parsed.CommandResult);
        return [.. Setting.Variables.Select(variable => variable.Name).Where((_, i) => lengths[i] > 1)];
    }

    /// <summary>The settings, in the order of the lists; the last list varies fastest.</summary>
    /// <param name="parsed">The lists.</param>
    /// <param name="images">The training images, to which the default rates adapt.</param>
    public IReadOnlyList<Setting> Settings(ParseResult parsed, ImageSet images)
    {
        double product = Product(parsed.CommandResult);
        if (parsed.GetValue(_random) is not int count || count >= product)
            return [.. Enumerable.Range(0, (int)product).Select(index => At(index))];
        var random = new Random(Seeds(parsed)[0]);
        var drawn = new SortedSet<long>();
        while (drawn.Count < count)
            drawn.Add(random.NextInt64((long)product));
        return [.. drawn.Select(At)];

        Setting At(long index)
        {
            bool augment = Next(parsed.GetValue(_augment)!, false);
            double? momentum = Next<double?>([.. parsed.GetValue(_momentum)!], null);
            double? outputLearningRate = Next<double?>([.. parsed.GetValue(_outputLearningRate)!], null);
            double? learningRate = Next<double?>([.. parsed.GetValue(_learningRate)!], null);
            int epochs = Next(parsed.GetValue(_epochs)!, augment ? TrainingOptions.EpochsWithAugment : Defaults.Epochs);
            int batchSize = Next(parsed.GetValue(_batchSize)!, 0);
            int hidden = Next(parsed.GetValue(_hidden)!, 0);
            TrainingOptions options = _single.Options(parsed) with
            {
                Epochs = epochs,
                BatchSize = batchSize,
                LearningRate = learningRate,
                OutputLearningRate = outputLearningRate,
                Momentum = momentum,
                Augment = augment,
                Seed = 0,
            };
            return new Setting(hidden, options.WithDefaultRates(hidden, images));

            T Next<T>(T[] list, T fallback)
            {
                if (list.Length == 0)
                    return fallback;
                (index, long place) = Math.DivRem(index, list.Length);
                return list[place];
            }
        }
    }

    private void RefuseTooMany(CommandResult result)
    {
        try
        {
            double product = Product(result);
            double trainings = Trainings(result);
            if (product > MostSettings)
                result.AddError($"these lists have {product:G3} settings, too many even to choose from");
            else if (trainings > NumberList.MostValues)
                result.AddError($"these lists ask for {trainings:N0} trainings, but a sweep may have at most {NumberList.MostValues:N0}; "
                    + "--random N chooses N of the settings");
        }
        catch (InvalidOperationException)
        {
            // A list has an error, which is reported anyway.
        }
    }

    /// <summary>The number of settings in the product of the lists.</summary>
    private double Product(CommandResult result) =>
        Lengths(result).Aggregate(1.0, (product, length) => product * Math.Max(1, length));

    private double Trainings(CommandResult result) =>
        Math.Min(Product(result), result.GetValue(_random) ?? double.MaxValue) * Seeds(result).Length;

    private int[] Seeds(CommandResult result) => result.GetValue(_seeds) is { Length: > 0 } seeds ? seeds : [1, 2, 3, 4, 5];

    private int[] Lengths(CommandResult result) =>
    [
        result.GetValue(_hidden)!.Length, result.GetValue(_batchSize)!.Length, result.GetValue(_epochs)!.Length,
        result.GetValue(_learningRate)!.Length, result.GetValue(_outputLearningRate)!.Length, result.GetValue(_momentum)!.Length,
        result.GetValue(_augment)!.Length,
    ];
}
