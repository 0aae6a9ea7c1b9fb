using MnistGpu.Cli.Engines;
using MnistGpu.Cli.Output;
using MnistGpu.Cli.Sweeping;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Tests.Sweeping;

public class SweepTests
{
    private static readonly MnistDataset s_digits = GeneratedDigits.Draw(seed: 1, train: 72, test: 20);
    private static readonly Terminal s_terminal = new(TextWriter.Null, TextWriter.Null, new(CancellationToken.None));

    /// <summary>Sizes that share a launch on CUDA, and sizes that do not.</summary>
    private static IEnumerable<Setting> Settings =>
        from hidden in new[] { 8, 12, 15 }
        from batch in new[] { 5, 64, 70 }
        from momentum in new[] { 0, 0.5 }
        select new Setting(hidden, new TrainingOptions
        {
            BatchSize = batch,
            Momentum = momentum,
            Epochs = hidden == 8 ? 1 : 2,
            Augment = hidden == 12 && batch == 5,
            Seed = 0,
        }.WithDefaultRates(hidden, s_digits.Train));

    [SkippableTheory]
    [InlineData("reference")]
    [InlineData("cpu")]
    [InlineData("ilgpu-cpu")]
    [InlineData("cuda")]
    [InlineData("opencl")]
    public void EachNetworkIsTheOneOfATrainingAloneBitForBit(string device)
    {
        if (device is "cuda" or "opencl")
            GpuDevice.Require(device);
        DeviceName name = DeviceName.Parse(device)!.Value;
        // Those that are debugged with are slow.
        Setting[] settings = [.. Settings.Where((_, i) => device switch { "ilgpu-cpu" => i == 9, "cuda" => i is 2 or 3 or 4 or 7, _ => true })];
        Run[] runs = [.. settings.SelectMany(setting => new[] { 3, 4 }.Select(seed => new Run(setting, seed)))];
        var trained = new Dictionary<Run, Trained>();

        IReadOnlyList<ITrainingEngine> engines = EngineCatalog.OpenSeveral(
            name, hidden: 15, (8, 5), threads: 3, trainings: 6, s_terminal);
        new Sweep(s_digits, lastTenth: null, outputBias: null, keepsOutputs: true).Train(engines, runs, _ => null, trained.Add, CancellationToken.None);
        Assert.Equal(device switch { "cpu" => 3, "cuda" => 6, _ => 1 }, engines.Count);
        foreach (ITrainingEngine engine in engines.Reverse())
            engine.Dispose();

        Assert.Equal(runs.Length, trained.Count);
        using ITrainingEngine alone = EngineCatalog.Open(name, hidden: 15, threads: null, s_terminal);
        foreach (Run run in runs)
        {
            var trainer = new Trainer(alone, s_digits, run.Setting.Options with { Seed = run.Seed });
            trainer.Train(GlorotInitializer.Draw(run.Setting.Hidden, run.Seed));
            NetworkParameters one = trained[run].Network!, other = trainer.Parameters!;
            Assert.Equal(other.W1, one.W1);
            Assert.Equal(other.B1, one.B1);
            Assert.Equal(other.W2, one.W2);
            Assert.Equal(other.B2, one.B2);
            Assert.Equal(trainer.History[^1].TestLoss, trained[run].Figures.TestLoss);
            Assert.Equal(trainer.History[^1].Loss, trained[run].Figures.Loss);
            Assert.Equal(alone.Predict(s_digits.Test.Pixels), trained[run].TestOutputs);
        }
    }

    [Fact]
    public void WhatIsNotAskedForLaterIsLetGo()
    {
        Setting[] settings = [.. Settings.Take(4)];
        var results = new SweepResults(settings, [1, 2]);
        var networks = new Dictionary<Run, NetworkParameters>();
        foreach ((int setting, int seed, double accuracy) in new[]
            { (0, 1, 0.5), (1, 1, 0.9), (0, 2, 0.6), (1, 2, 0.9), (2, 2, 0.8), (2, 1, 0.99), (3, 1, 0.99) })
        {
            var run = new Run(settings[setting], seed);
            networks[run] = new NetworkParameters(1);
            results.Add(run, new RunFigures(seed, 1, 1, 1, accuracy, null, 1), networks[run], [0]);
        }

        // Both seeds of the settings 1 and 2 are done, with means of 90 and 89.5 %; the two best networks are as good.
        Assert.Equal([settings[3], settings[1], settings[2], settings[0]], results.Ranked());
        Assert.Equal(new Run(settings[2], 1), results.Best);
        Assert.Same(networks[results.Best!], results.Network);
        Assert.Equal([(1, 1), (1, 2), (3, 1)], results.Runs.Where(run => results.OutputsOf(run) is not null)
            .Select(run => (Array.IndexOf(settings, run.Setting), run.Seed)));
        results.Add(new Run(settings[3], 2), new RunFigures(2, null, null, null, null, null, 1));
        Assert.Equal(settings[3], results.Ranked().Last());
    }
}
