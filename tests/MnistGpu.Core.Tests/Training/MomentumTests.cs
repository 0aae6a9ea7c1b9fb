using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

/// <summary>Momentum and a rate for each layer, in both engines.</summary>
public class MomentumTests
{
    private const int Hidden = 33;
    private const float Rate = 0.03f, OutputRatio = 0.25f, Momentum = 0.8f;

    private static readonly ImageSet s_images = RandomImages.Draw(200);

    /// <summary>
    /// One step without momentum at rate 1 gives the gradient (finite differences hold it elsewhere). The steps are then
    /// s = v − η·gradient by hand.
    /// </summary>
    [Fact]
    public void TheReferenceStepsAsTheFormulaSays()
    {
        NetworkParameters w = GlorotInitializer.Draw(Hidden, seed: 3, outputBias: 0), v = new(Hidden);
        using ReferenceEngine engine = Engine(new ReferenceEngine());
        for (int step = 0; step < 3; step++)
        {
            int[] batch = [.. Enumerable.Range(10 * step, 10)];
            engine.SetParameters(w);
            engine.TrainEpoch(batch, 10, new[] { 1f }, null, default);
            NetworkParameters afterGradient = engine.GetParameters();

            engine.SetParameters(w);
            engine.SetVelocity(v);
            engine.TrainEpoch(batch, 10, new EpochRates(new[] { Rate }, OutputRatio, Momentum), null, default);
            NetworkParameters moved = engine.GetParameters(), left = engine.GetVelocity();

            foreach ((Func<NetworkParameters, float[]> choose, double rate) in Arrays)
                for (int i = 0; i < choose(w).Length; i++)
                {
                    double gradient = (double)choose(w)[i] - choose(afterGradient)[i];
                    double s = choose(v)[i] - rate * gradient;
                    // The gradient was rounded as a part of a weight, which is below 4.
                    double bound = rate * 4 * Math.Pow(2, -24) + 4 * Math.Pow(2, -24);
                    Assert.InRange(choose(moved)[i] - (choose(w)[i] + s), -bound, bound);
                    Assert.InRange(choose(left)[i] - Momentum * s, -bound, bound);
                }
            (w, v) = (moved, left);
        }
    }

    [Theory]
    [InlineData(1, 4, 33)]
    [InlineData(7, 8, 33)]
    [InlineData(64, 16, 33)]
    [InlineData(150, 8, 33)]
    [InlineData(7, 8, 150)]
    [InlineData(64, 16, 300)]
    [InlineData(150, 4, 150)]
    [InlineData(600, 16, 150)]
    public void TheCpuEngineFollowsTheReference(int batchSize, int lanes, int hidden)
    {
        NetworkParameters start = GlorotInitializer.Draw(hidden, seed: 3, outputBias: 0);
        // The largest batch takes several passes, and the last one is not full.
        ImageSet images = batchSize == 600 ? RandomImages.Draw(1_300) : s_images;
        using ReferenceEngine reference = Engine(new ReferenceEngine(), images);
        using SimdEngine engine = Engine(new SimdEngine(2, lanes, TimeProvider.System), images);
        NetworkParameters[] expected = Train(reference, batchSize, hidden, images: images);
        NetworkParameters[] actual = Train(engine, batchSize, hidden, images: images);

        // Both round each parameter and its velocity in every step; the sums' own roundings are those of the moves.
        int steps = 2 * ((images.Count - 1) / batchSize + 1);
        double unit = Math.Pow(2, -24), roundings = 784 + 2 * hidden + batchSize + 40;
        foreach ((Func<NetworkParameters, float[]> choose, _) in Arrays)
        {
            double moved = choose(expected[0]).Zip(choose(start), (a, b) => Math.Abs(a - b)).Max();
            double bound = unit * (2 * steps * choose(expected[0]).Max(Math.Abs) + roundings * moved) / (1 - Momentum);
            Assert.True(moved > 20 * bound, $"moved {moved}, but the bound is {bound}");
            for (int which = 0; which < 2; which++)
                for (int i = 0; i < choose(start).Length; i++)
                    Assert.InRange(
                        choose(actual[which])[i] - choose(expected[which])[i], -bound, bound);
        }
    }

    [Theory]
    [InlineData(1, 33)]
    [InlineData(64, 33)]
    [InlineData(150, 33)]
    [InlineData(1, 700)]
    [InlineData(64, 700)]
    [InlineData(150, 129)]
    public void AnyNumberOfThreadsGivesTheSameBits(int batchSize, int hidden)
    {
        using SimdEngine one = Engine(new SimdEngine(1));
        NetworkParameters[] expected = Train(one, batchSize, hidden);
        foreach (int threads in new[] { 2, 3, 8, 64 })
        {
            using SimdEngine several = Engine(new SimdEngine(threads, SimdEngine.WidestVector, TimeProvider.System));
            NetworkParameters[] actual = Train(several, batchSize, hidden);

            Assert.Equal(expected.Select(All), actual.Select(All));
        }
    }

    [Theory]
    [InlineData("reference", Hidden)]
    [InlineData("cpu", Hidden)]
    [InlineData("cpu", 200)]
    public void AnEpochGoesOnFromParametersAndVelocity(string name, int hidden)
    {
        using ITrainingEngine whole = Engine(Make(name)), first = Engine(Make(name)), second = Engine(Make(name));
        NetworkParameters[] expected = Train(whole, batchSize: 64, hidden);

        NetworkParameters[] half = Train(first, batchSize: 64, hidden, epochs: 1);
        second.SetParameters(half[0]);
        second.SetVelocity(half[1]);
        TrainEpoch(second, batchSize: 64);

        Assert.Equal(All(expected[0]), All(second.GetParameters()));
        Assert.Equal(All(expected[1]), All(second.GetVelocity()));
    }

    [Theory]
    [InlineData("reference")]
    [InlineData("cpu")]
    public void NewParametersStandStill(string name)
    {
        using ITrainingEngine engine = Engine(Make(name));
        Train(engine, batchSize: 64);
        Assert.Contains(All(engine.GetVelocity()), v => v != 0);

        engine.SetParameters(GlorotInitializer.Draw(Hidden, seed: 3, outputBias: 0));

        Assert.All(All(engine.GetVelocity()), v => Assert.Equal(0, v));
    }

    private static (Func<NetworkParameters, float[]> Choose, double Rate)[] Arrays =>
    [
        (n => n.W1, Rate), (n => n.B1, Rate), (n => n.W2, Rate * OutputRatio), (n => n.B2, Rate * OutputRatio),
    ];

    private static float[] All(NetworkParameters network) =>
        [.. network.W1, .. network.B1, .. network.W2, .. network.B2];

    private static ITrainingEngine Make(string name) => name == "cpu" ? new SimdEngine(2) : new ReferenceEngine();

    private static T Engine<T>(T engine, ImageSet? images = null)
        where T : ITrainingEngine
    {
        engine.LoadTrainingImages(images ?? s_images);
        return engine;
    }

    /// <summary>Trains, and returns the parameters and the velocity.</summary>
    private static NetworkParameters[] Train(
        ITrainingEngine engine, int batchSize, int hidden = Hidden, int epochs = 2, ImageSet? images = null)
    {
        engine.SetParameters(GlorotInitializer.Draw(hidden, seed: 3, outputBias: 0));
        for (int epoch = 0; epoch < epochs; epoch++)
            TrainEpoch(engine, batchSize, images);
        return [engine.GetParameters(), engine.GetVelocity()];
    }

    private static void TrainEpoch(ITrainingEngine engine, int batchSize, ImageSet? images = null)
    {
        int count = (images ?? s_images).Count;
        float[] rates = new float[(count - 1) / batchSize + 1];
        Array.Fill(rates, Rate / batchSize);
        engine.TrainEpoch(
            Enumerable.Range(0, count).ToArray(), batchSize, new EpochRates(rates, OutputRatio, Momentum), null, default);
    }
}
