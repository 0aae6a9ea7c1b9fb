using MnistGpu.Cli.Benchmarking;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Tests.Benchmarking;

public class TrainingBenchmarkTests
{
    private static readonly MnistDataset s_dataset = GeneratedDigits.Draw(seed: 1, train: 40, test: 10);

    private static readonly BenchmarkPlan s_plan = new()
    {
        BatchSizes = [8],
        HiddenSizes = [4],
        Epochs = 1,
        Repeats = 1,
        Seed = 1,
        Turn = TimeSpan.Zero,
    };

    private readonly List<string> _epochs = [];

    [Fact]
    public void DevicesWarmUpAndThenTakeTurns()
    {
        TrainingBenchmark benchmark = Benchmark(repeats: 2, Fake("a"), Fake("b"));

        benchmark.Run(_ => { }, CancellationToken.None);

        Assert.Equal(["a", "b", "a", "b", "a", "b"], _epochs);
        Assert.Equal(["a", "b"], benchmark.Measurements.Select(m => m.Device));
        Assert.All(benchmark.Measurements, m =>
        {
            // The warm-up is no sample, but it is what was tested.
            Assert.Equal(2, m.Samples.Count);
            Assert.Single(m.TestAccuracy);
            Assert.Null(m.Error);
            Assert.Equal(0, m.LargestWeightDifference);
            Assert.Null(m.LaunchShare);
        });
    }

    [Fact]
    public void ToAnAccuracyOnlyTheDevicesThemselvesTrainAndTheirTestsCount()
    {
        const int testMilliseconds = 20;
        BenchmarkPlan plan = s_plan with { Epochs = 3, Repeats = 2, TargetAccuracy = 0 };
        var benchmark = new TrainingBenchmark(plan, s_dataset, [Fake("a", testMilliseconds: testMilliseconds)]);
        List<string> reports = [];

        benchmark.Run(reports.Add, CancellationToken.None);

        Assert.All(reports, report => Assert.Contains(": a, batch size 8", report));
        // Any test reaches 0: one epoch to warm up, and one in each turn.
        Assert.Equal(["a", "a", "a"], _epochs);
        DeviceMeasurement measured = benchmark.Measurements.Single();
        Assert.Equal(1, measured.ToAccuracy!.Epoch);
        Assert.Equal(2, measured.ToAccuracy.Samples.Count);
        Assert.All(measured.ToAccuracy.Samples.Zip(measured.Samples),
            pair => Assert.InRange(pair.First, pair.Second + testMilliseconds / 1e3, double.MaxValue));
    }

    [Fact]
    public void WhereWeightsAreNotComparedTheReferenceIsNotTrained()
    {
        BenchmarkPlan plan = s_plan with { ComparesWeights = false };
        var benchmark = new TrainingBenchmark(plan, s_dataset, [Fake("a")]);
        List<string> reports = [];

        benchmark.Run(reports.Add, CancellationToken.None);

        Assert.All(reports, report => Assert.Contains(": a, batch size 8", report));
        Assert.Null(benchmark.Measurements.Single().LargestWeightDifference);
    }

    [Fact]
    public void AFastDeviceTrainsSeveralTimesInItsTurn()
    {
        BenchmarkPlan plan = s_plan with { Turn = TimeSpan.FromSeconds(1) };
        var benchmark = new TrainingBenchmark(plan, s_dataset, [Fake("a")]);

        benchmark.Run(_ => { }, CancellationToken.None);

        Assert.InRange(benchmark.Measurements[0].Samples.Count, 2, int.MaxValue);
    }

    [Fact]
    public void ADeviceThatFailsInTheMiddleKeepsWhatItHasAndTheOthersGoOn()
    {
        TrainingBenchmark benchmark = Benchmark(
            repeats: 3, Fake("a", failsAtEpoch: 3), Fake("b"),
            new BenchmarkDevice("c", () => throw new InvalidOperationException("no c here\nsecond line")));

        benchmark.Run(_ => { }, CancellationToken.None);

        Assert.Equal("the driver gave up", benchmark.Measurements[0].Error);
        Assert.Single(benchmark.Measurements[0].Samples);
        Assert.Null(benchmark.Measurements[1].Error);
        Assert.Equal(3, benchmark.Measurements[1].Samples.Count);
        Assert.Equal("no c here", benchmark.Measurements[2].Error);
        Assert.Empty(benchmark.Measurements[2].Samples);
    }

    [Fact]
    public void AFastWrongAnswerShows()
    {
        TrainingBenchmark benchmark = Benchmark(repeats: 1, Fake("right"), Fake("wrong", bias: 0.25f));

        benchmark.Run(_ => { }, CancellationToken.None);

        Assert.Equal(0, benchmark.Measurements[0].LargestWeightDifference);
        Assert.Equal(0.25, benchmark.Measurements[1].LargestWeightDifference!.Value, 1e-6);
    }

    [Fact]
    public void AnInterruptionLeavesWhatWasMeasured()
    {
        using var cancellation = new CancellationTokenSource();
        TrainingBenchmark benchmark = Benchmark(repeats: 5, Fake("a"), Fake("b", beforeEpoch: epoch =>
        {
            if (epoch == 3)
                cancellation.Cancel();
        }));

        Assert.ThrowsAny<OperationCanceledException>(() => benchmark.Run(_ => { }, cancellation.Token));

        Assert.Equal([2, 1], benchmark.Measurements.Select(m => m.Samples.Count));
        Assert.All(benchmark.Measurements, m => Assert.Null(m.Error));
    }

    [Fact]
    public void TheReferenceWarmsUpFirstWhereverItIsNamed()
    {
        TrainingBenchmark benchmark = Benchmark(repeats: 1, Fake("a"), Fake("reference"));

        benchmark.Run(_ => { }, CancellationToken.None);

        Assert.Equal(["reference", "a"], benchmark.Measurements.Select(m => m.Device));
    }

    private static TrainingBenchmark Benchmark(int repeats, params BenchmarkDevice[] devices) => new(
        s_plan with { Repeats = repeats }, s_dataset, devices);

    /// <summary>A device that computes as the reference does, and notes its epochs.</summary>
    private BenchmarkDevice Fake(
        string name, int failsAtEpoch = 0, float bias = 0, Action<int>? beforeEpoch = null, int testMilliseconds = 0) =>
        new(name, () => new FakeEngine(bias, testMilliseconds, epoch =>
        {
            _epochs.Add(name);
            beforeEpoch?.Invoke(epoch);
            if (epoch == failsAtEpoch)
                throw new InvalidOperationException("the driver gave up");
        }));

    private sealed class FakeEngine(float bias, int testMilliseconds, Action<int> beforeEpoch) : ITrainingEngine
    {
        private readonly ReferenceEngine _engine = new();
        private int _epochs;

        public string Name => "fake";

        public string Description => "a fake";

        public void LoadTrainingImages(ImageSet images) => _engine.LoadTrainingImages(images);

        public void SetParameters(NetworkParameters parameters) => _engine.SetParameters(parameters);

        public NetworkParameters GetParameters()
        {
            NetworkParameters parameters = _engine.GetParameters();
            parameters.B1[2] += bias;
            return parameters;
        }

        public void DistortTrainingImages(int seed, int epoch) => _engine.DistortTrainingImages(seed, epoch);

        public void SetVelocity(NetworkParameters velocity) => _engine.SetVelocity(velocity);

        public NetworkParameters GetVelocity() => _engine.GetVelocity();

        public EpochStatistics TrainEpoch(
            ReadOnlyMemory<int> order, int batchSize, EpochRates rates,
            IProgress<EpochProgress>? progress, CancellationToken cancellationToken)
        {
            beforeEpoch(++_epochs);
            return _engine.TrainEpoch(order, batchSize, rates, progress, cancellationToken);
        }

        public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default)
        {
            Thread.Sleep(testMilliseconds);
            return _engine.Predict(pixels, cancellationToken);
        }

        public void Dispose() => _engine.Dispose();
    }
}
