using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Verification;

/// <summary>
/// Trains for some steps on an engine and on the reference, and compares the parameters.
/// </summary>
/// <remarks>
/// A step's rounding errors change all later steps, and a bound that assumes the worst of every operation doubles every
/// few steps, so it would soon allow anything. Instead the amplification is measured: the reference trains again, and
/// after each step every parameter is moved, up or down at random, by what float32 can do to it in that step. How far the
/// result moves is how far rounding can move it, times a margin because the signs are drawn only a few times.
/// </remarks>
public sealed class TrainingVerifier
{
    /// <summary>
    /// Successive operations that a term of a gradient goes through. At most 784 + H + 10 + B; but pixels that are 0 round
    /// nothing, and errors of opposite signs cancel, so this is already generous.
    /// </summary>
    private const int Operations = NetworkParameters.Inputs;

    /// <summary>Number of trainings with moved parameters.</summary>
    private const int Trials = 3;

    /// <summary>How many times further off than the trainings with moved parameters an engine may be.</summary>
    private const double Margin = 4;

    private readonly ImageSet _images;
    private readonly int _batchSize;
    private readonly float[] _learningRates;
    private readonly NetworkParameters _initial;
    private readonly NetworkParameters _expected;
    private readonly NetworkParameters[] _moved;

    /// <summary>Draws the digits to train on and trains the reference on them.</summary>
    /// <param name="units">Hidden units H.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="images">Images to train on, once; the last batch may be smaller.</param>
    /// <param name="cancellationToken">Stops the reference's training.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TrainingVerifier(int units, int batchSize, int images, CancellationToken cancellationToken = default)
    {
        _batchSize = batchSize;
        _images = GeneratedDigits.Draw(seed: 1, train: images, test: 0, cancellationToken: cancellationToken).Train;
        int steps = (images - 1) / batchSize + 1;
        // The first steps of a default training on 60,000 images. Compressed into these few steps, the schedule would reach
        // rates at which training is chaotic: two trainings, equal except for rounding, would have little in common.
        int stepsPerEpoch = (60_000 - 1) / batchSize + 1;
        _learningRates = LearningRates.OfEpoch(new TrainingOptions { LearningRate = 0.5 }, epoch: 0, stepsPerEpoch)[..steps];
        _initial = GlorotInitializer.Draw(units, seed: 1, outputBias: 0);
        _expected = Reference(random: null, cancellationToken);
        _moved = [.. Enumerable.Range(1, Trials).Select(seed => Reference(new Random(seed), cancellationToken))];
    }

    /// <summary>Trains on an engine and compares.</summary>
    /// <returns>A row each for W1, b1, W2 and b2.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public VerificationRow[] Run(ITrainingEngine engine, CancellationToken cancellationToken = default)
    {
        engine.LoadTrainingImages(_images);
        engine.SetParameters(_initial);
        engine.TrainEpoch(
            Enumerable.Range(0, _images.Count).ToArray(), _batchSize, _learningRates, null, cancellationToken);
        NetworkParameters computed = engine.GetParameters();
        return [.. computed.Arrays.Select((array, number) => Row(array, number))];

        VerificationRow Row(NetworkArray array, int number)
        {
            NetworkArray expected = _expected.Arrays[number];
            double bound = Margin * _moved.Max(network => expected.LargestDifference(network.Arrays[number]));
            var comparison = new Comparison();
            for (int i = 0; i < expected.Values.Length; i++)
                comparison.Add(array.Values[i], expected.Values[i], bound);
            return comparison.ToRow(
                $"{_learningRates.Length} steps, {array.Name}", $"B {_batchSize}, H {_initial.Hidden}");
        }
    }

    /// <summary>Trains on the reference, one step at a time.</summary>
    /// <param name="random">Moves the parameters after each step; null leaves them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private NetworkParameters Reference(Random? random, CancellationToken cancellationToken)
    {
        using var engine = new ReferenceEngine();
        engine.LoadTrainingImages(_images);
        NetworkParameters network = _initial;
        for (int step = 0; step < _learningRates.Length; step++)
        {
            NetworkParameters before = network;
            engine.SetParameters(before);
            int start = step * _batchSize;
            int[] batch = Enumerable.Range(start, Math.Min(_batchSize, _images.Count - start)).ToArray();
            engine.TrainEpoch(batch, _batchSize, new EpochRates(_learningRates.AsMemory(step, 1)), null, cancellationToken);
            network = engine.GetParameters();
            if (random is null)
                continue;
            foreach ((NetworkArray array, NetworkArray itsBefore) in network.Arrays.Zip(before.Arrays))
                Move(array.Values, itsBefore.Values, random);
        }
        return network;
    }

    /// <summary>
    /// The parameter was rounded when stored, and its change by every operation that led to it.
    /// </summary>
    private static void Move(float[] parameters, float[] before, Random random)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            double w = parameters[i];
            double error = Rounding.Unit * Math.Abs(w) + Rounding.Gamma(Operations) * Math.Abs(w - before[i]);
            parameters[i] = (float)(w + (random.Next(2) == 0 ? error : -error));
        }
    }
}
