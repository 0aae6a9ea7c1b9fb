using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

public class TrainerTests
{
    private static readonly MnistDataset Dataset = new("noise", RandomImages.Draw(20), RandomImages.Draw(10, seed: 2));

    private static readonly NetworkParameters Initial = GlorotInitializer.Draw(hidden: 4, seed: 1);

    [Fact]
    public void EveryEpochSeesEveryImageOnceInANewOrder()
    {
        List<int[]> orders = Orders(new TrainingOptions { Epochs = 3, Seed = 1 });

        Assert.Equal(3, orders.Count);
        Assert.All(orders, order => Assert.Equal(Enumerable.Range(0, 20), order.Order()));
        Assert.NotEqual(orders[0], orders[1]);
        Assert.NotEqual(orders[1], orders[2]);
    }

    [Fact]
    public void TheSeedDecidesTheOrder()
    {
        Assert.Equal(Orders(new TrainingOptions { Seed = 3 }), Orders(new TrainingOptions { Seed = 3 }));
        Assert.NotEqual(Orders(new TrainingOptions { Seed = 3 }), Orders(new TrainingOptions { Seed = 4 }));
    }

    [Fact]
    public void WithoutShufflingTheOrderIsTheDatas() =>
        Assert.All(Orders(new TrainingOptions { Shuffle = false }), order => Assert.Equal(Enumerable.Range(0, 20), order));

    [Fact]
    public void SameSeedSameWeightsBitForBit()
    {
        NetworkParameters first = Train(new TrainingOptions { BatchSize = 3 });
        NetworkParameters second = Train(new TrainingOptions { BatchSize = 3 });

        Assert.Equal(first.W1, second.W1);
        Assert.Equal(first.B1, second.B1);
        Assert.Equal(first.W2, second.W2);
        Assert.Equal(first.B2, second.B2);
    }

    [Fact]
    public void TrainingOnItsOwnTestImagesLearnsThem()
    {
        using var engine = new ReferenceEngine();
        var trainer = new Trainer(engine, Dataset with { Test = Dataset.Train },
            new TrainingOptions { Epochs = 60, BatchSize = 1, Schedule = LearningRateSchedule.Constant });
        TrainingResult result = trainer.Train(GlorotInitializer.Draw(hidden: 20, seed: 1));

        Assert.Equal(1, result.Test.Accuracy);
        Assert.Equal(1, result.History[^1].TestAccuracy);
        Assert.True(result.History[^1].Loss < result.History[0].Loss / 4);
        Assert.Equal(trainer.Parameters!.W1, result.Parameters.W1);
    }

    [Fact]
    public void ACancelledTrainingKeepsTheLastFinishedEpoch()
    {
        using var engine = new ReferenceEngine();
        using var cancellation = new CancellationTokenSource();
        var trainer = new Trainer(engine, Dataset, new TrainingOptions { Epochs = 5 });
        var observer = new Observer(epochStarted: epoch =>
        {
            if (epoch == 3)
                cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => trainer.Train(Initial, observer, cancellation.Token));

        Assert.Equal(2, trainer.History.Count);
        Assert.NotNull(trainer.Parameters);
    }

    [Fact]
    public void TheTestOfAnEpochIsCancelledToo()
    {
        using var engine = new ReferenceEngine();
        using var cancellation = new CancellationTokenSource();
        var trainer = new Trainer(engine, Dataset, new TrainingOptions { Epochs = 1 });
        // The last step is over: what is left of the epoch is its test.
        var observer = new Observer(trained: images =>
        {
            if (images == Dataset.Train.Count)
                cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => trainer.Train(Initial, observer, cancellation.Token));

        // What has been trained is kept, with or without its test.
        Assert.Null(Assert.Single(trainer.History).TestAccuracy);
        Assert.Equal(engine.GetParameters().W1, trainer.Parameters!.W1);
    }

    /// <summary>Its predictions are in no checkpoint.</summary>
    [Fact]
    public void AFinishedTrainingIsTestedWhenItIsResumed()
    {
        using var engine = new ReferenceEngine();
        var options = new TrainingOptions { Epochs = 2 };
        var first = new Trainer(engine, Dataset, options);
        first.Train(Initial);

        var second = new Trainer(engine, Dataset, options);
        second.Train(first.State);

        Assert.Equal(first.LastTest!.Confusion, second.LastTest!.Confusion);
        Assert.Equal(first.History, second.History);
    }

    [Fact]
    public void CancellingAfterTheLastTestIsNotOverlooked()
    {
        using var engine = new ReferenceEngine();
        using var cancellation = new CancellationTokenSource();
        var trainer = new Trainer(engine, Dataset, new TrainingOptions { Epochs = 1 });
        var observer = new Observer(epochFinished: _ => cancellation.Cancel());

        Assert.Throws<OperationCanceledException>(() => trainer.Train(Initial, observer, cancellation.Token));

        Assert.Single(trainer.History);
        Assert.NotNull(trainer.Parameters);
    }

    [Fact]
    public void WeightsThatBecomeNaNStopTheTrainingAndNameTheEpoch()
    {
        using var engine = new ReferenceEngine();
        var trainer = new Trainer(engine, Dataset, new TrainingOptions { Epochs = 2, LearningRate = 3e38, OutputLearningRate = 3e38, Warmup = 0 });
        // Outputs of ½ are all too high for nine digits of ten, so the first step of their biases is not a float32 number.
        NetworkParameters initial = Initial.Clone();
        Array.Clear(initial.B2);
        var exception = Assert.Throws<TrainingDivergedException>(() => trainer.Train(initial));

        Assert.Equal(trainer.History.Count + 1, exception.Epoch);
        Assert.Contains($"epoch {exception.Epoch}", exception.Message);
    }

    [Fact]
    public void TheInitialParametersAreNotChanged()
    {
        float[] before = [.. Initial.W1];
        Train(new TrainingOptions());

        Assert.Equal(before, Initial.W1);
    }

    [Fact]
    public void OptionsOutOfRangeAreRefusedByName()
    {
        Refuses(nameof(TrainingOptions.Epochs), new TrainingOptions { Epochs = 0 });
        Refuses(nameof(TrainingOptions.BatchSize), new TrainingOptions { BatchSize = 0 });
        Refuses(nameof(TrainingOptions.LearningRate), new TrainingOptions { LearningRate = double.NaN });
        Refuses(nameof(TrainingOptions.LearningRate), new TrainingOptions { LearningRate = -0.1 });
        Refuses(nameof(TrainingOptions.Warmup), new TrainingOptions { Warmup = 1.5 });

        static void Refuses(string name, TrainingOptions options) =>
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(
                () => new Trainer(new ReferenceEngine(), Dataset, options)).ParamName);
    }

    private static NetworkParameters Train(TrainingOptions options)
    {
        using var engine = new ReferenceEngine();
        var trainer = new Trainer(engine, Dataset, options);
        return trainer.Train(Initial).Parameters;
    }

    private static List<int[]> Orders(TrainingOptions options)
    {
        using var engine = new RecordingEngine();
        new Trainer(engine, Dataset, options).Train(Initial);
        return engine.Orders;
    }

    private sealed class Observer(
        Action<int>? epochStarted = null, Action<int>? epochFinished = null, Action<int>? trained = null)
        : ITrainingObserver
    {
        public void EpochStarted(int epoch) => epochStarted?.Invoke(epoch);

        public void EpochFinished(EpochResult result) => epochFinished?.Invoke(result.Epoch);

        public void Report(EpochProgress value) => trained?.Invoke(value.Images);
    }

    /// <summary>Learns nothing and remembers the orders it was given.</summary>
    private sealed class RecordingEngine : ITrainingEngine
    {
        private NetworkParameters _parameters = new(1);

        public List<int[]> Orders { get; } = [];

        public string Name => "recording";

        public string Description => "";

        public void LoadTrainingImages(ImageSet images)
        {
        }

        public void SetParameters(NetworkParameters parameters) => _parameters = parameters;

        public NetworkParameters GetParameters() => _parameters;

        public void DistortTrainingImages(int seed, int epoch)
        {
        }

        public void SetVelocity(NetworkParameters velocity)
        {
        }

        public NetworkParameters GetVelocity() => new(_parameters.Hidden);

        public EpochStatistics TrainEpoch(
            ReadOnlyMemory<int> order, int batchSize, EpochRates rates,
            IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
        {
            Orders.Add(order.ToArray());
            return default;
        }

        public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default) =>
            new float[pixels.Length / 784 * 10];

        public void Dispose()
        {
        }
    }
}
