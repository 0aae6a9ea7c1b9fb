using System.IO.Compression;
using MnistGpu.Core.Data;
using MnistGpu.Core.Data.Generated;
using MnistGpu.Core.Network;
using MnistGpu.Core.Reference;
using MnistGpu.Core.Simd;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private static readonly MnistDataset s_dataset = GeneratedDigits.Draw(seed: 2, train: 300, test: 50);
    private static readonly NetworkParameters s_initial = GlorotInitializer.Draw(hidden: 20, seed: 1);
    private static readonly TrainingOptions s_options =
        new TrainingOptions { Epochs = 4, BatchSize = 32, Momentum = 0.8, Augment = true }.For(20, 300);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cpu")]
    [InlineData("reference")]
    public void AResumedTrainingEndsWithTheSameBits(string name)
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        using ITrainingEngine whole = Open(name), first = Open(name), second = Open(name);
        var expected = new Trainer(whole, s_dataset, s_options);
        expected.Train(s_initial);
        var begun = new Trainer(first, s_dataset, s_options);
        var observer = new Observer(epoch =>
        {
            if (epoch == 2)
                new Checkpoint(s_options, 300, 7, begun.State).Save(file);
        });
        begun.Train(s_initial, observer);

        Checkpoint checkpoint = Checkpoint.Load(file);
        var resumed = new Trainer(second, s_dataset, checkpoint.Options);
        var epochs = new List<int>();
        resumed.Train(checkpoint.State, new Observer(epochs.Add));

        Assert.Equal([3, 4], epochs);
        Assert.Equal(expected.Parameters!.W1, resumed.Parameters!.W1);
        Assert.Equal(expected.Parameters.B1, resumed.Parameters.B1);
        Assert.Equal(expected.Parameters.W2, resumed.Parameters.W2);
        Assert.Equal(expected.Parameters.B2, resumed.Parameters.B2);
        Assert.Equal(
            expected.History.Select(e => (e.Epoch, e.Loss, e.TrainAccuracy, e.TestAccuracy, e.TestLoss)),
            resumed.History.Select(e => (e.Epoch, e.Loss, e.TrainAccuracy, e.TestAccuracy, e.TestLoss)));
    }

    [Fact]
    public void ItIsReadAsItWasSavedAndIsAModelToo()
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        NetworkParameters velocity = GlorotInitializer.Draw(hidden: 20, seed: 9);
        var saved = new Checkpoint(
            s_options, 300, 0xDEAD_BEEF, new TrainingState(s_initial, velocity, [new EpochResult(1, 0.5, 0.4, 0.3, 0.2, 0.1)]));
        saved.Save(file);

        Checkpoint loaded = Checkpoint.Load(file);

        Assert.Equal(saved with { State = loaded.State }, loaded);
        Assert.Equal(saved.State.History, loaded.State.History);
        Assert.Equal(s_initial.W1, loaded.State.Parameters.W1);
        Assert.Equal(velocity.W2, loaded.State.Velocity!.W2);
        Assert.Equal(s_initial.B2, ModelFile.Load(file).B2);
    }

    [Fact]
    public void WhatIsNoCheckpointIsRefusedInALine()
    {
        string file = Path.Combine(_folder.Path, "training.npz");
        Assert.Contains("--checkpoint FILE", Assert.Throws<FileNotFoundException>(() => Checkpoint.Load(file)).Message);

        ModelFile.Save(file, s_initial);
        Assert.Contains("no training to go on with", Refused(file));

        new Checkpoint(s_options, 300, 7, new TrainingState(s_initial, null, [])).Save(file);
        foreach ((string old, string changed, string message) in new[]
        {
            ("\"version\": 1", "\"version\": 2", "version 2"), ("\"batchSize\"", "batchSize", "damaged"),
            ("\"learningRate\"", "\"rate\"", "do not belong together"),
        })
        {
            string copy = Path.Combine(_folder.Path, "changed.npz");
            File.Copy(file, copy, overwrite: true);
            using (ZipArchive archive = ZipFile.Open(copy, ZipArchiveMode.Update))
            {
                ZipArchiveEntry entry = archive.GetEntry("training.json")!;
                string json;
                using (var reader = new StreamReader(entry.Open()))
                    json = reader.ReadToEnd();
                Assert.Contains(old, json);
                entry.Delete();
                using var writer = new StreamWriter(archive.CreateEntry("training.json").Open());
                writer.Write(json.Replace(old, changed));
            }
            Assert.Contains(message, Refused(copy));
        }

        static string Refused(string file)
        {
            string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Load(file)).Message;
            Assert.StartsWith($"{file} is not a usable checkpoint: ", message);
            Assert.DoesNotContain('\n', message);
            return message;
        }
    }

    [Fact]
    public void OtherImagesHaveAnotherCheckSum()
    {
        uint sum = Checkpoint.CheckSum(s_dataset);
        Assert.Equal(sum, Checkpoint.CheckSum(s_dataset with { Name = "other" }));
        Assert.NotEqual(sum, Checkpoint.CheckSum(s_dataset with { Train = s_dataset.Train.Take(299) }));
        Assert.NotEqual(sum, Checkpoint.CheckSum(s_dataset with { Test = s_dataset.Test.Take(49) }));
    }

    private static ITrainingEngine Open(string name) => name == "cpu" ? new SimdEngine(2) : new ReferenceEngine();

    private sealed class Observer(Action<int> finished) : ITrainingObserver
    {
        public void EpochStarted(int epoch)
        {
        }

        public void EpochFinished(EpochResult result) => finished(result.Epoch);

        public void Report(EpochProgress value)
        {
        }
    }
}
