using System.CommandLine;
using System.CommandLine.Parsing;
using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Commands;

/// <summary>The options of <c>train</c> that determine the result, whatever device computes it.</summary>
internal sealed class TrainSettings
{
    public const string InitialModelName = "--initial-model";

    /// <summary>What learning rates and momentum may be, in words.</summary>
    public const string RateRange = "from 1.4e-45 to 3.4e38, the range of float32", MomentumRange = "from 0 to below 1";

    private const string OneCycle = "one-cycle", Constant = "constant";

    private static readonly TrainingOptions Defaults = new();

    private readonly Option<int?> _epochs = CommonOptions.OptionalInteger("--epochs",
        $"Passes over the training images [default: {Defaults.Epochs}, and {TrainingOptions.EpochsWithAugment} with --augment]", 1);
    private readonly Option<int> _batchSize =
        CommonOptions.Integer("--batch-size", "Images per step; their gradients are summed", Defaults.BatchSize, 1);
    private readonly Option<string> _schedule = new("--schedule")
    {
        Description = "How the learning rate changes: rising and falling, or constant",
        HelpName = $"{OneCycle}|{Constant}",
        DefaultValueFactory = _ => OneCycle,
    };
    private readonly Option<double?> _learningRate = new("--learning-rate")
    {
        Description = "The learning rate, or its peak with one-cycle; gradients are summed, not averaged [default: adapts to the sizes and the images]",
        HelpName = "PEAK",
        CustomParser = Rate,
    };
    private readonly Option<double?> _outputLearningRate = new("--output-learning-rate")
    {
        Description = "The same for the output layer [default: adapts to the sizes and the images, at most --learning-rate]",
        HelpName = "PEAK",
        CustomParser = Rate,
    };
    private readonly Option<double?> _momentum = new("--momentum")
    {
        Description = "Fraction of each step carried into the next, from 0 to below 1 "
            + "[default: 0 or 0.9, depending on the sizes; 0 with --learning-rate]",
        HelpName = "M",
        CustomParser = result => CommonOptions.Number(result, IsMomentum, MomentumRange),
    };
    private readonly Option<double?> _outputBias = new("--output-bias")
    {
        Description = "Initial bias of the outputs [default: such that each output starts at 0.1, because each digit is a tenth of the data]",
        HelpName = "B",
        CustomParser = result => CommonOptions.Number(result, bias => double.IsFinite((float)bias), "that is finite"),
    };
    private readonly Option<double> _warmup = new("--warmup")
    {
        Description = "Fraction of all steps over which one-cycle rises, 0 to 1",
        HelpName = "W",
        CustomParser = result => CommonOptions.Number(result, warmup => warmup >= 0 && warmup <= 1, "from 0 to 1"),
        DefaultValueFactory = _ => Defaults.Warmup,
    };
    private readonly Option<int> _hidden =
        CommonOptions.Integer("--hidden", "Hidden units", 100, 1, NetworkParameters.MaxHidden);
    private readonly Option<int> _seed =
        CommonOptions.Integer("--seed", "Seed of the initial weights and of the order of the images", Defaults.Seed, 0);
    private readonly Option<int?> _limit =
        CommonOptions.OptionalInteger("--limit", "Train on the first N images only [default: all]", 1);
    private readonly Option<bool> _noShuffle = new("--no-shuffle") { Description = "Keep the images in the order of the data" };
    private readonly Option<bool> _augment = new("--augment")
    {
        Description = "Train on small distortions of the images, new ones in each epoch",
    };
    public Option<string?> InitialModel { get; } = CommonOptions.NotEmpty(new Option<string?>(InitialModelName)
    {
        Description = "Start from this model file instead of random weights",
        HelpName = "FILE",
    });

    public TrainSettings() => _schedule.Validators.Add(result =>
    {
        foreach (Token token in result.Tokens)
            if (token.Value is not (OneCycle or Constant))
                result.AddError($"--schedule '{token.Value}' is unknown; choose one-cycle or constant");
    });

    /// <summary>What is trained on.</summary>
    public Option[] OfData => [_limit, _noShuffle, _augment];

    /// <summary>The network, and where it starts.</summary>
    public Option[] OfModel => [_hidden, _seed, _outputBias, InitialModel];

    /// <summary>How it is trained.</summary>
    public Option[] OfTraining => [_epochs, _batchSize, _schedule, _learningRate, _outputLearningRate, _momentum, _warmup];

    /// <summary>For a command that trains with several values of all other settings: those of the data with a single value.</summary>
    public Option[] SingleOfData => [_limit, _noShuffle];

    /// <summary>The same for the training.</summary>
    public Option[] SingleOfTraining => [_schedule, _warmup, _outputBias];

    /// <summary>A schedule's name on the command line.</summary>
    public static string NameOf(LearningRateSchedule schedule) =>
        schedule == LearningRateSchedule.Constant ? Constant : OneCycle;

    public static bool IsRate(double rate) => (float)rate > 0 && float.IsFinite((float)rate);

    public static bool IsMomentum(double momentum) => momentum >= 0 && momentum < 1;

    /// <summary>Makes a command reject settings when a training is resumed, which has its own.</summary>
    public void RefuseBeside(Option resume, Command command) => command.Validators.Add(result =>
    {
        if (result.GetResult(resume) is { Implicit: false }
            && OfData.Concat(OfModel).Concat(OfTraining).Where(option => option != _epochs)
                .FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is Option setting)
            result.AddError($"{resume.Name} keeps the settings that the training began with; leave out {setting.Name}");
    });

    public TrainingOptions Options(ParseResult parsed)
    {
        LearningRateSchedule schedule = parsed.GetValue(_schedule) == Constant
            ? LearningRateSchedule.Constant
            : LearningRateSchedule.OneCycle;
        return new TrainingOptions
        {
            Epochs = parsed.GetValue(_epochs)
                ?? (parsed.GetValue(_augment) ? TrainingOptions.EpochsWithAugment : Defaults.Epochs),
            BatchSize = parsed.GetValue(_batchSize),
            Schedule = schedule,
            LearningRate = parsed.GetValue(_learningRate),
            OutputLearningRate = parsed.GetValue(_outputLearningRate),
            Momentum = parsed.GetValue(_momentum),
            Warmup = parsed.GetValue(_warmup),
            Seed = parsed.GetValue(_seed),
            Shuffle = !parsed.GetValue(_noShuffle),
            Augment = parsed.GetValue(_augment),
        };
    }

    /// <summary>The options of a resumed training, for as many epochs as are asked for.</summary>
    /// <exception cref="InvalidDataException">It cannot be resumed for that many.</exception>
    public TrainingOptions Resumed(ParseResult parsed, Checkpoint checkpoint, string file)
    {
        int epochs = parsed.GetValue(_epochs) ?? checkpoint.Options.Epochs, finished = checkpoint.State.History.Count;
        if (epochs < finished)
            throw new InvalidDataException($"{file} has {Format.Count(finished, "epoch")} already; --epochs is the total number, including those");
        if (epochs != checkpoint.Options.Epochs && checkpoint.Options.Schedule == LearningRateSchedule.OneCycle)
            throw new InvalidDataException($"{file}: its one-cycle rate falls to 0 at epoch {checkpoint.Options.Epochs} and cannot be extended; "
                + $"leave out --epochs, or train further with `--initial-model {Shell.Quote(file)}"
                + (epochs > finished ? $" --epochs {epochs - finished}`" : "`"));
        return checkpoint.Options with { Epochs = epochs };
    }

    /// <summary>The maximum number of images to train on; null for all.</summary>
    public int? Limit(ParseResult parsed) => parsed.GetValue(_limit);

    /// <summary>Initial bias of the outputs; null lets each output start at 0.1.</summary>
    public float? OutputBias(ParseResult parsed) => (float?)parsed.GetValue(_outputBias);

    /// <summary>Whether a warm-up was given but has no effect.</summary>
    public bool WarmupIsIgnored(ParseResult parsed) =>
        parsed.GetResult(_warmup) is { Implicit: false } && parsed.GetValue(_schedule) == Constant;

    /// <summary>The network to start from.</summary>
    public NetworkParameters Start(ParseResult parsed)
    {
        int hidden = parsed.GetValue(_hidden);
        if (parsed.GetValue(InitialModel) is not string file)
            return OutOfMemory.Explain(
                Format.Count(hidden, "hidden unit"), "use fewer with --hidden",
                () => GlorotInitializer.Draw(hidden, parsed.GetValue(_seed), OutputBias(parsed)));
        NetworkParameters initial = CommonOptions.LoadModel(file);
        if (parsed.GetResult(_hidden) is { Implicit: false } && hidden != initial.Hidden)
            throw new InvalidDataException($"{file} has {Format.Count(initial.Hidden, "hidden unit")}, but --hidden asks for {hidden}.");
        return initial;
    }

    private static double? Rate(ArgumentResult result) => CommonOptions.Number(result, IsRate, RateRange);
}
