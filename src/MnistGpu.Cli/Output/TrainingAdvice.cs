using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Output;

/// <summary>What to try if a network has learnt little, or never predicts one of the digits.</summary>
internal static class TrainingAdvice
{
    /// <summary>Guessing is right one time in ten, and so, nearly, is always answering the same.</summary>
    private const double LittleBetterThanGuessing = 0.2;

    /// <summary>A training that goes well ends above this, on any data set with ten classes.</summary>
    private const double MostNetworksReach = 0.7;

    /// <summary>With fewer steps, even a good learning rate learns little.</summary>
    private const int FewSteps = 100;

    /// <summary>With fewer hidden units, no training tells ten digits apart well.</summary>
    private const int FewHidden = 10;

    /// <summary>An output that starts further from 0, before the sigmoid, starts at less than 0.01 or more than 0.99.</summary>
    private const double FarFromZero = 4.6;

    /// <summary>One line; null if there is nothing to say.</summary>
    /// <param name="options">With rates and momentum.</param>
    /// <param name="start">Where the training started.</param>
    /// <param name="images">What it trained on.</param>
    /// <param name="test">What it led to.</param>
    public static string? Of(TrainingOptions options, NetworkParameters start, ImageSet images, Evaluation test)
    {
        IReadOnlyList<int> missing = test.NeverSaid;
        long steps = options.Steps(images.Count);
        bool isGood = test.Accuracy >= (steps < FewSteps ? LittleBetterThanGuessing : MostNetworksReach);
        if (isGood && missing.Count == 0)
            return null;

        string what = missing.Count is 0 or > 5
            ? test.Accuracy < LittleBetterThanGuessing ? "that is little better than guessing" : "that is lower than most networks reach"
            : $"the network never predicts {Either(missing)}";
        return $"{what}; {WhatToTry(options, start, images, missing, steps)}";
    }

    private static string Either(IEnumerable<int> digits) => string.Join(" or ", digits);

    private static string WhatToTry(TrainingOptions options, NetworkParameters start, ImageSet images, IReadOnlyList<int> missing, long steps)
    {
        int hidden = start.Hidden;
        byte brightest = images.Pixels.Max();
        if (brightest < 16)
            return $"the brightest pixel is {brightest}: make it 255";
        if (images.Pixels.AsSpan().Count((byte)0) < images.Pixels.AsSpan().Count((byte)255))
            return "the images are dark on light: replace each pixel by 255 minus its value";

        int[] unseen = [.. missing.Where(digit => !images.Labels.Contains((byte)digit))];
        if (unseen.Length > 0)
            return $"no image to train on shows {Either(unseen)}: --limit may leave them out";
        if (!options.Shuffle && images.Labels.Zip(images.Labels.Skip(1)).Count(pair => pair.First == pair.Second) > images.Count / 2)
            return "the images are in the order of their labels: leave out --no-shuffle";
        if (start.B2.All(bias => Math.Abs(bias) > FarFromZero))
            return "the outputs start at almost 0 or 1, where they hardly learn: leave out --output-bias or --initial-model";

        TrainingOptions suitable = (options with { LearningRate = null, OutputLearningRate = null, Momentum = null }).WithDefaultRates(hidden, images);
        // Momentum has the effect of a rate this many times as high.
        static double Reach(double? rate, TrainingOptions o) => rate!.Value / (1 - o.Momentum!.Value);
        double faster = Math.Max(
            Reach(options.LearningRate, options) / Reach(suitable.LearningRate, suitable),
            Reach(options.OutputLearningRate, options) / Reach(suitable.OutputLearningRate, suitable));

        var advice = new List<string>();
        if (faster is > 1.01 or < 0.99)
            advice.Add($"the learning rate is too {(faster > 1 ? "high" : "low")}: leave it and the momentum to the program, "
                + $"which chooses {suitable.LearningRate:G3}");
        if (steps < FewSteps)
            advice.Add($"{Format.Count((int)steps, "step")} is too few: try a smaller --batch-size, or more epochs or images");
        if (hidden < FewHidden)
            advice.Add($"{Format.Count(hidden, "hidden unit")} is too few: try more with --hidden");
        if (options.Warmup is < 0.1 or > 0.9 && options.Schedule == LearningRateSchedule.OneCycle)
            advice.Add("leave out --warmup");
        return advice.Count == 0 ? "try more epochs" : string.Join("; ", advice);
    }
}
